// An error as a person reads it, and its machine twin.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "base/error.h"
#include "report/table.h"

namespace voyager::report {

/// What the command knows and the error does not.
struct ErrorContext {
  std::string where = {};  ///< The command, when the error has none: "export data".
  std::string docs = {};   ///< How to read more: "yb-voyager explain SRC-014", or an address. Left out when empty.
  std::string log = {};    ///< Path of the log file, maybe with ":line". Left out when empty.
  std::size_t width = 100;
};

/// Title, where, cause, fix, then, more: parts that are empty are left out. Prose is wrapped; a server's message, SQL
/// and commands are not. Secrets masked. Ends with a newline.
std::string error_text(const base::ErrorInfo& error, const ErrorContext& context, const TextStyle& style);
/// Several errors: same kind (code, title, sqlstate) once, with their number and three samples of where and cause.
std::string errors_text(std::span<const base::ErrorInfo> errors, const ErrorContext& context, const TextStyle& style);
/// {"code","title","where","cause","fix":[],"next","docs","log","retryable","v"} on one line, without a newline.
/// Secrets masked.
std::string error_json(const base::ErrorInfo& error, const ErrorContext& context);

}  // namespace voyager::report

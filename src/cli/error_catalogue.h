// Every code that an error can carry, with what it means: for `explain` and docs/reference/exit-codes.md.
#pragma once

#include <span>
#include <string_view>

namespace voyager::cli {

/// Texts are whole sentences on one line.
struct ErrorEntry {
  std::string_view code = {};
  std::string_view meaning = {};
  std::string_view cause = {};
  std::string_view fix = {};
};

/// In the order of the document.
std::span<const ErrorEntry> error_catalogue();

}  // namespace voyager::cli

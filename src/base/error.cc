#include "base/error.h"

#include <utility>

namespace voyager::base {

Error::Error(ErrorInfo info) : info_(std::move(info)) {
  what_ = info_.title;
  if (!info_.cause.empty()) what_ += ": " + info_.cause;
}

Error Error::within(const std::string& outer) const {
  ErrorInfo info = info_;
  info.where = info.where.empty() ? outer : outer + " · " + info.where;
  return Error(std::move(info));
}

void fail(ExitCode exit, std::string title, std::string cause, std::vector<std::string> fix) {
  throw Error({.exit = exit, .title = std::move(title), .cause = std::move(cause), .fix = std::move(fix)});
}

void assertion_failed(const char* expression, const char* file, int line) {
  throw Error({.code = "INT-001",
               .exit = ExitCode::kInternal,
               .title = "an internal check failed; please report this",
               .where = std::string(file) + ":" + std::to_string(line),
               .cause = expression});
}

}  // namespace voyager::base

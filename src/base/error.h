// The one exception of the program and the exit codes a command can end with.
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <vector>

namespace voyager::base {

/// What trying again can do. Only connectors/*/errors.cc assign it to a server's answer.
enum class Retry : std::uint8_t {
  kNever,       ///< The same call fails the same way.
  kNow,         ///< A fresh try may work (serialization failure, restarted server).
  kAfterPeers,  ///< A fresh try may work once others have finished (deadlock, too many connections).
  kInDoubt,     ///< The call may have taken effect: ask the server before trying again.
};

/// Documented in docs/reference/exit-codes.md; a number is never reused.
enum class ExitCode : int {
  kOk = 0,
  kFailure = 1,            ///< Failure of no finer class.
  kUsage = 2,              ///< Wrong usage or configuration; nothing was touched.
  kLimitCrossed = 3,       ///< Finished, but a limit the caller asked for was crossed.
  kSourceUnreachable = 4,  ///< Source not reachable or login refused.
  kTargetUnreachable = 5,  ///< Target not reachable or login refused.
  kPreflight = 6,          ///< A right or a setting is missing; nothing was touched.
  kState = 7,              ///< The migration's state refuses: lock held, wrong order.
  kRowsSetAside = 8,       ///< Finished with rows set aside.
  kDifferences = 9,        ///< Verification found differences.
  kNoAnswer = 10,          ///< An answer was needed and declined, or nobody was there to ask.
  kInternal = 70,          ///< A fault of ours.
  kInterrupted = 130,      ///< Stopped by SIGINT.
  kTerminated = 143,       ///< Stopped by SIGTERM.
};

/// What went wrong, for a person and for the caller that may retry. `title` alone is required; it is one line without a
/// final dot. The command adds "where" (the command's name) when it is empty.
struct ErrorInfo {
  std::string code = {};  ///< Stable short name such as "SRC-001"; empty when there is none.
  ExitCode exit = ExitCode::kFailure;
  std::string title = {};             ///< What failed.
  std::string where = {};             ///< Command, server, file and line.
  std::string cause = {};             ///< Why; a server's message passes through untouched.
  std::vector<std::string> fix = {};  ///< What the user can do, one step a line; SQL or a command where possible.
  std::string then = {};              ///< The next command, and what has been kept.
  Retry retry = Retry::kNever;
  bool connection_lost = false;
  std::string sqlstate = {};  ///< Five characters, when a PostgreSQL-like server spoke.
  int vendor_code = 0;        ///< MySQL errno, ORA number.
};

/// Thrown for everything that ends an operation. Caught in three places: the command, the worker thread that hands it
/// to its owner (base::Group) and base::retry.
class Error : public std::exception {
 public:
  explicit Error(ErrorInfo info);
  const ErrorInfo& info() const { return info_; }
  /// Returns a copy whose `where` starts with `outer` (used to add context on the way up).
  Error within(const std::string& outer) const;
  const char* what() const noexcept override { return what_.c_str(); }

 private:
  ErrorInfo info_;
  std::string what_;
};

/// Throws Error{exit, title, cause, fix}: the short form for the common case.
[[noreturn]] void fail(ExitCode exit, std::string title, std::string cause = {}, std::vector<std::string> fix = {});

/// For programmer errors only, never for input. Throws Error with ExitCode::kInternal.
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);
#define VOY_ASSERT(expression) \
  ((expression) ? void() : ::voyager::base::assertion_failed(#expression, __FILE__, __LINE__))

}  // namespace voyager::base

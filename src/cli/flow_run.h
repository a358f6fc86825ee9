// What commands that run a flow have in common: progress while it runs, a summary when it has ended.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "cli/session.h"
#include "model/progress.h"
#include "report/run_summary.h"

namespace voyager::cli {

/// Measures a run from construction; `finish` prints the summary on standard error and saves it under reports/runs/.
/// The summary itself lives in the session, so that a run that ends by an error is told of too (`save_failed_run`).
class FlowRun {
 public:
  explicit FlowRun(Session& session);

  report::RunSummary& summary() { return session_.open_run()->summary; }
  /// `next_words` names the command that usually follows; empty when there is none.
  void finish(base::ExitCode exit, std::string_view next_words);

 private:
  Session& session_;
};

/// True at most once in `every`.
class EveryNowAndThen {
 public:
  explicit EveryNowAndThen(std::chrono::seconds every) : every_(every) {}
  bool due();

 private:
  const std::chrono::seconds every_;
  std::chrono::steady_clock::time_point next_ = {};
};

/// Saves what is known of a run that has not finished; nothing when none was begun. Never throws.
void save_failed_run(Session& session, base::ExitCode exit) noexcept;

/// Says plainly which of the given settings do nothing in this release, and which are deprecated. Throws Error (kUsage)
/// for a control plane that does not exist.
void warn_without_effect(Session& session);

}  // namespace voyager::cli

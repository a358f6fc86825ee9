#include "cli/flow_run.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstdlib>

#include "base/clock.h"
#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "base/text.h"

namespace voyager::cli {
namespace {

void save(Session& session, base::ExitCode exit) {
  OpenRun& run = *session.open_run();
  run.summary.ended_at = base::utc_now();
  run.summary.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - run.started).count();
  run.summary.sum_s = run.summary.wall_s - run.in_stages_s;
  for (const model::StageTime& stage : run.summary.stages) run.summary.sum_s += stage.sum_s;
  run.summary.exit_code = static_cast<int>(exit);
  if (session.export_dir().empty()) return;
  const std::filesystem::path folder = session.export_dir() / "reports" / "runs";
  std::filesystem::create_directories(folder);
  base::write_file_atomically(folder / (run.summary.run + ".json"), report::run_summary_json(run.summary) + "\n");
}

void warn_of_control_plane(Session& session) {
  const std::string type = base::lower(session.values().knob("CONTROL_PLANE_TYPE").value_or(""));
  if (type.empty()) return;
  if (type != "yugabyted" && type != "ybaeon") {
    base::fail(base::ExitCode::kUsage, fmt::format("control-plane-type \"{}\" is not one of yugabyted, ybaeon", type));
  }
  session.console().notice(model::NoticeLevel::kInfo,
                           "control-plane-type: this release does not report to a control plane.");
}

// Settings of the original's inner workings, and of what this program does not need: accepted so that nobody's scripts
// break.
constexpr std::array kWithoutEffect = {
    std::string_view("profile"),
    std::string_view("skip-disk-usage-health-checks"),
    std::string_view("disable-transactional-writes"),
    std::string_view("truncate-splits"),
    std::string_view("max-concurrent-batch-productions"),
    std::string_view("use-partition-root"),
    std::string_view("disable-sequential-scan-on-update-deletes"),
    std::string_view("transaction-ordering"),
    std::string_view("use-orafce"),
    std::string_view("enable-orafce"),
    std::string_view("oracle-home"),
    std::string_view("oracle-tns-alias"),
    std::string_view("source-replica-db-schema"),
    std::string_view("source-replica-db-sid"),
};

struct Unused {
  std::string_view variable = {};
  std::string_view command_id = {};  // Beginning of the commands' ids that it is for.
};

constexpr std::array kUnusedVariables = {
    Unused{"YB_TSERVER_PORT"},
    Unused{"YB_MASTER_PORT"},
    Unused{"LOCAL_CALL_HOME_SERVICE_HOST"},
    Unused{"LOCAL_CALL_HOME_SERVICE_PORT"},
    Unused{"BETA_FAST_DATA_EXPORT", "export-data"},
    Unused{"DEBEZIUM_DIST_DIR", "export-data"},
    Unused{"YBVOYAGER_MAX_COLOCATED_BATCHES_IN_PROGRESS", "import-data"},
    Unused{"YBVOYAGER_USE_TASK_PICKER_FOR_IMPORT", "import-data"},
    Unused{"EVENT_CHANNEL_SIZE", "import-data"},
    Unused{"MAX_EVENTS_PER_BATCH", "import-data"},
    Unused{"MAX_INTERVAL_BETWEEN_BATCHES", "import-data"},
    Unused{"MAX_BATCH_SIZE_BYTES", "import-data"},
    Unused{"MIN_AVAILABLE_MEMORY_THRESHOLD", "import-data"},
};

void tell_without_effect(Session& session, std::string_view what) {
  session.console().notice(model::NoticeLevel::kInfo, fmt::format("{} is accepted and has no effect here", what));
}

}  // namespace

FlowRun::FlowRun(Session& session) : session_(session) {
  report::RunSummary& summary = session.open_run().emplace().summary;
  summary.command = std::string(session.command().path);
  summary.before_word = summary.command == "copy data"          ? "copied"
                        : summary.command.starts_with("export") ? "exported"
                                                                : "imported";
  summary.migration = session.migration();
  summary.run = session.run();
  summary.started_at = base::utc_now();
  summary.log = session.log_file().string();
}

void FlowRun::finish(base::ExitCode exit, std::string_view next_words) {
  if (!next_words.empty()) summary().next_command = session_.next_command(next_words);
  save(session_, exit);
  // Scripts read it in the saved summary.
  if (!session_.console().for_person()) summary().next_command.clear();
  std::string text = report::run_summary_text(summary(), session_.console().message_style());
  session_.open_run().reset();
  if (session_.console().mode() == report::ProgressMode::kJson) return;  // run.end has said it.
  while (!text.empty() && text.back() == '\n') text.pop_back();
  session_.console().line(text);
}

void save_failed_run(Session& session, base::ExitCode exit) noexcept {
  if (!session.open_run()) return;
  try {
    const bool stopped = exit == base::ExitCode::kInterrupted || exit == base::ExitCode::kTerminated;
    session.open_run()->summary.outcome = stopped ? "stopped" : "failed";
    save(session, exit);
  } catch (const std::exception& fault) {
    base::log_warn(fmt::format("the summary of the run could not be saved: {}", fault.what()));
  }
}

bool EveryNowAndThen::due() {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_) return false;
  next_ = now + every_;
  return true;
}

void warn_without_effect(Session& session) {
  const Values& values = session.values();
  warn_of_control_plane(session);
  for (const std::string_view flag : kWithoutEffect) {
    if (values.given(flag)) tell_without_effect(session, fmt::format("--{}", flag));
  }
  // Of the commands that load rows, on whose rows the error policy decides.
  const Flag* goes_on = session.command().flag("continue-on-error");
  if (goes_on != nullptr && goes_on->hidden && values.given("continue-on-error")) {
    tell_without_effect(session, "--continue-on-error (what becomes of refused rows is said by the error policy)");
  }
  for (const Unused& one : kUnusedVariables) {
    if (values.knob(one.variable) && session.command().id.starts_with(one.command_id))
      tell_without_effect(session, one.variable);
  }
  for (const FlagGroup& group : session.command().groups) {
    for (const Flag& flag : group.flags) {
      if (flag.instead.empty() || !values.given(flag.name)) continue;
      session.console().notice(model::NoticeLevel::kWarning,
                               fmt::format("--{} is deprecated; use {}", flag.name, flag.instead));
    }
  }
}

}  // namespace voyager::cli

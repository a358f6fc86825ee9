#include "cli/live_run.h"

#include <fmt/format.h>

#include <cstdint>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/error.h"
#include "cli/live_display.h"
#include "cli/table_lists.h"
#include "migration/live/live_export.h"
#include "migration/live/live_import.h"

namespace voyager::cli {
namespace {

using base::ExitCode;
using migration::LiveRole;
using model::NoticeLevel;

migration::LiveContext context_of(Session& session, const Endpoint& database) {
  return {.product = *database.product,
          .database = database.options,
          .export_dir = session.export_dir(),
          .migration = session.migration(),
          .db = session.db(),
          .flow = session.flow()};
}

// The command that ends the flow. Whether the source is to follow the target has to be said; a configuration file may.
std::string cutover_of(Session& session, LiveRole role) {
  switch (role) {
    case LiveRole::kFromSource:
    case LiveRole::kToTarget: {
      const std::string command = session.next_command("initiate cutover to target");
      const bool from_file = command.find(" --config-file ") != std::string::npos;
      return from_file ? command : command + " --prepare-for-fall-back true";
    }
    case LiveRole::kToReplica:
      return session.next_command("initiate cutover to source-replica");
    default:
      return session.next_command("initiate cutover to source");
  }
}

ExitCode finish(Session& session, FlowRun& run, const migration::LiveNext& next) {
  const bool turns = next.step == migration::LiveStep::kBecome;
  run.finish(ExitCode::kOk, turns ? "" : "cutover status");
  if (turns) session.turn_into(migration::command_of(*next.successor), next.next_iteration);
  return ExitCode::kOk;
}

// What was not given stays as it was in earlier runs.
migration::LaneOptions lane_options(const Values& values) {
  const auto given = [&](FlagName<FlagUse::kText> flag) {
    return values.given(flag) ? std::optional(values.text(flag)) : std::nullopt;
  };
  migration::LaneOptions out{.partition_key = given("cdc-partition-key"),
                             .overrides = given("cdc-partition-key-overrides")};
  if (values.given("keep-transactions")) out.keep_transactions = values.on("keep-transactions");
  return out;
}

// How much of its log the source may keep. What was not given stays as it was in earlier runs, also in later
// iterations; the log of another database is none of it.
struct RetainedLog {
  std::int64_t budget_mb = 0;
  bool stop = false;
};

RetainedLog retained_log(Session& session, LiveRole role) {
  if (role != LiveRole::kFromSource) return {};
  constexpr const char* kKey = "retained_log";
  const Values& values = session.values();
  const nlohmann::json noted = nlohmann::json::parse(session.db().json(kKey), nullptr, false);
  RetainedLog out;
  if (noted.is_object())
    out = {.budget_mb = noted.value("budget_mb", out.budget_mb), .stop = noted.value("stop", false)};
  const bool budget = values.given("retained-wal-budget-mb");
  const bool policy = values.given("retained-wal-policy");
  if (budget) out.budget_mb = values.number("retained-wal-budget-mb");
  if (policy) out.stop = values.text("retained-wal-policy") == "stop";
  if (budget || policy)
    session.db().set_json(kKey, nlohmann::json{{"budget_mb", out.budget_mb}, {"stop", out.stop}}.dump());
  return out;
}

}  // namespace

ExitCode run_exporter(Session& session, LiveRole role, const Endpoint& database, FlowRun& run) {
  Console& console = session.console();
  if (!database.product->change_source)
    base::fail(ExitCode::kUsage, fmt::format("changes of {} cannot be captured", database.product->product));
  std::uint64_t changes = 0;
  CaptureDisplay display(session);
  const RetainedLog retained = retained_log(session, role);
  const model::TableList tables = table_lists(session.values());
  const migration::LiveNext next = migration::export_changes(
      role, context_of(session, database),
      {.run = session.run(),
       .limited = !tables.include.empty() || !tables.exclude.empty(),
       .segment_bytes_max = session.values().knob_number("QUEUE_SEGMENT_MAX_BYTES", 1ULL << 30U),
       .retained_bytes_max = static_cast<std::uint64_t>(retained.budget_mb) << 20U,
       .stop_at_retained_max = retained.stop,
       .begins =
           [&] {
             console.notice(NoticeLevel::kInfo, fmt::format("Streaming changes. When the application may stop: {}",
                                                            cutover_of(session, role)));
           },
       .free_bytes_min = session.values().knob_number("QUEUE_FREE_BYTES_MIN", 256ULL << 20U)},
      [&](const migration::CaptureProgress& progress) {
        changes = progress.changes;
        display.show(progress);
      });
  display.end();
  console.notice(NoticeLevel::kSuccess, fmt::format("Cutover: all changes are exported ({} in this run)", changes));
  return finish(session, run, next);
}

ExitCode run_importer(Session& session, LiveRole role, const Endpoint& database, FlowRun& run) {
  Console& console = session.console();
  if (!database.product->change_target)
    base::fail(ExitCode::kUsage, fmt::format("changes cannot be applied to {}", database.product->product));
  console.notice(NoticeLevel::kInfo, "Applying changes until the cutover.");
  ApplyDisplay display(session);
  const auto jobs = session.values().number("parallel-jobs");
  const auto [report, next] = migration::import_changes(
      role, context_of(session, database),
      {.lanes = static_cast<int>(
           session.values().knob_number("NUM_EVENT_CHANNELS", jobs > 0 ? static_cast<std::uint64_t>(jobs) : 4)),
       .tries_max = static_cast<int>(session.values().number("max-retries-streaming")),
       .rows_together = session.values().knob_number("LANES_TOGETHER_ROWS_MAX", 500),
       .order = role == LiveRole::kToTarget ? lane_options(session.values()) : migration::LaneOptions()},
      [&](const migration::ApplyReport& so_far) {
        // No change comes by a directory that was moved, and no cutover.
        if (!std::filesystem::exists(session.export_dir())) base::fail(ExitCode::kState, "no change can come any more");
        display.show(so_far);
      });
  display.end();
  if (report.missed > 0) {
    console.notice(NoticeLevel::kWarning,
                   fmt::format("{} updates and deletes found no row here (the log names their tables). Compare both "
                               "sides: {}",
                               report.missed, session.next_command("verify")));
  }
  console.notice(NoticeLevel::kSuccess,
                 fmt::format("Cutover: all changes are imported ({} in this run), sequences are set", report.changes));
  const migration::HookFiles files = migration::hook_files(session.export_dir(), role);
  if (std::filesystem::exists(files.on)) {
    console.notice(NoticeLevel::kWarning,
                   "Triggers and foreign keys were switched off for the changes. Before the application writes here, "
                   "have the owner of the tables run " +
                       files.on.string());
  }
  return finish(session, run, next);
}

}  // namespace voyager::cli

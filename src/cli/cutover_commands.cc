// initiate cutover to target, to source, to source-replica; cutover status.
#include <fmt/format.h>

#include "base/error.h"
#include "cli/command.h"
#include "cli/connections.h"
#include "cli/session.h"
#include "migration/changes/capture_record.h"
#include "migration/live/cutover_record.h"
#include "migration/live/live_import.h"
#include "migration/schema/guardrails.h"
#include "migration/schema/status.h"
#include "report/table.h"

namespace voyager::cli {
namespace {

using enum FlagKind;
using base::ExitCode;
using migration::CutoverStatus;
using migration::Direction;
using migration::RequestAnswer;
using migration::WayBack;
using model::NoticeLevel;

const std::vector<Flag> kToTargetFlags = {
    {.name = "prepare-for-fall-back",
     .kind = kBoolean,
     .help = "let changes of the target flow back to the source afterwards; must be given, unless a source-replica "
             "follows"},
    {.name = "use-yb-grpc-connector",
     .kind = kBoolean,
     .help = "accepted as false: changes of a target are read by logical replication",
     .fallback = "false"},
    {.name = "run-guardrails-checks",
     .kind = kBoolean,
     .help = "check first that changes can flow back",
     .fallback = "true"},
    {.name = "target-db-password", .kind = kSecret, .environment = "TARGET_DB_PASSWORD", .hidden = true},
    {.name = "source-db-password", .kind = kSecret, .environment = "SOURCE_DB_PASSWORD", .hidden = true},
};

const std::vector<Flag> kToSourceFlags = {
    {.name = "restart-data-migration-source-target",
     .kind = kBoolean,
     .help = "accepted as false: a migration that has come back does not begin again by itself",
     .fallback = "false"},
};

void check_to_source(const Values& values) {
  if (values.on("restart-data-migration-source-target")) {
    base::fail(ExitCode::kUsage, "--restart-data-migration-source-target true is not supported by this release",
               "a migration ends when the source has taken over again",
               {"cut over without it, end this migration, and begin another one in a new export directory"});
  }
}

void check_to_target(const Values& values) {
  if (values.on("use-yb-grpc-connector")) {
    base::fail(ExitCode::kUsage, "--use-yb-grpc-connector true is not supported",
               "changes of YugabyteDB are read by its logical replication (the YugabyteDB connector)",
               {"leave it out, or give false"});
  }
}

[[noreturn]] void not_live(Session& session) {
  throw base::Error({.code = "CUT-001",
                     .exit = ExitCode::kState,
                     .title = "this migration has no changes to cut over",
                     .where = session.export_dir().string(),
                     .cause = "export data was not started with --export-type snapshot-and-changes"});
}

// What would keep the changes of the target from flowing is told while the application still runs on the source.
void check_way_back(Session& session, WayBack way_back) {
  Console& console = session.console();
  const std::vector<model::TableName> names = migration::live_tables(session.db());
  const std::optional<Endpoint> target = noted_data_target(session);
  if (!target)
    base::fail(ExitCode::kState, "import data was not started yet", "", {session.next_command("import data")});
  if (!target->product->capture_setup)
    base::fail(ExitCode::kUsage, fmt::format("changes of {} cannot be captured", target->product->product));
  std::vector<model::Table> tables;
  for (const model::TableName& name : names) tables.push_back({.name = name, .root = name});
  std::vector<model::Finding> findings =
      target->product->capture_setup(target->options, session.migration())->check(tables);
  for (model::Finding& finding : findings) {
    finding.note = !finding.fatal;
    finding.title = "on the target: " + finding.title;
  }
  migration::answer_findings(findings, "initiate cutover to target", console);
  if (way_back != WayBack::kFallBack) return;
  const std::optional<Endpoint> source = noted_source_endpoint(session);
  if (!source || !source->product->change_target)
    base::fail(ExitCode::kUsage, "changes cannot be applied to this source", "", {"--prepare-for-fall-back false"});
  const auto hooks = migration::write_hook_files(migration::LiveRole::kToSource, *source->product, source->options,
                                                 session.migration(), session.export_dir(), names);
  if (hooks.empty()) return;
  const migration::HookFiles files = migration::hook_files(session.export_dir(), migration::LiveRole::kToSource);
  console.notice(NoticeLevel::kWarning,
                 fmt::format("the user on the source may not switch {} triggers, rules and foreign keys off for its "
                             "session. Once the application has stopped writing to the source, have the owner of its "
                             "tables run {}; until then changes of the target wait. {} puts all back.",
                             hooks.size(), files.off.string(), files.on.string()));
}

// Checks that cannot be made (no password here) do not stop a cutover: what they would find is found by the processes.
void try_check_way_back(Session& session, WayBack way_back) {
  try {
    check_way_back(session, way_back);
  } catch (const base::Error& error) {
    const ExitCode exit = error.info().exit;
    if (exit != ExitCode::kNoAnswer && !error.info().connection_lost) throw;
    session.console().notice(NoticeLevel::kWarning,
                             fmt::format("it could not be checked that changes can flow back: {}", error.info().title));
  }
}

ExitCode run_to_target(Session& session) {
  if (!migration::with_changes(session.db())) not_live(session);
  const migration::CutoverRecord record = migration::cutover_record(session.db());
  const Values& values = session.values();
  const bool fall_forward = record.way_back == WayBack::kFallForward;
  if (!fall_forward && !values.given("prepare-for-fall-back")) {
    base::fail(ExitCode::kUsage, "required flag(s) \"prepare-for-fall-back\" not set",
               "whether changes of the target are to flow back to the source is decided at the cutover",
               {"--prepare-for-fall-back true, or false"});
  }
  if (fall_forward && values.on("prepare-for-fall-back")) {
    base::fail(ExitCode::kUsage, "--prepare-for-fall-back true cannot be had beside a source-replica",
               "changes of the target will flow to the source-replica", {"leave it out"});
  }
  if (!migration::export_data_done(session.db())) {
    throw base::Error(
        {.code = "CUT-002",
         .exit = ExitCode::kState,
         .title = "the snapshot is not exported yet",
         .cause = "changes are streamed after it",
         .fix = {"wait until export data says that it streams changes: yb-voyager export data status --export-dir " +
                 shell_word(session.export_dir().string())}});
  }
  Console& console = session.console();
  if (record.to_target.requested) {
    console.notice(NoticeLevel::kInfo, "Cutover to target was initiated before; nothing was changed.");
    return ExitCode::kOk;
  }
  const bool fall_back = values.on("prepare-for-fall-back");
  const WayBack way_back = fall_forward ? WayBack::kFallForward : fall_back ? WayBack::kFallBack : WayBack::kNone;
  if (way_back != WayBack::kNone && values.on("run-guardrails-checks")) try_check_way_back(session, way_back);
  if (!console.confirm({.danger = model::Question::Danger::kModerate,
                        .text =
                            "Cut over to the target? Nobody should write to the source from now on: what is written "
                            "later is left behind.",
                        .flag = "--yes"})) {
    base::fail(ExitCode::kNoAnswer, "the cutover was not initiated; nothing was changed");
  }
  migration::request_cutover(session.db(), {.direction = Direction::kToTarget, .fall_back = fall_back});
  console.notice(NoticeLevel::kSuccess, "Cutover to target initiated.");
  if (way_back != WayBack::kNone)
    console.line("The application may write to the target when cutover status says COMPLETED, not before.");
  console.line("next: " + session.next_command("cutover status"));
  return ExitCode::kOk;
}

const char* name_of(Direction direction) {
  return direction == Direction::kToTarget ? "target" : direction == Direction::kToSource ? "source" : "source-replica";
}

ExitCode run_back(Session& session, Direction direction) {
  if (!migration::with_changes(session.db())) not_live(session);
  Console& console = session.console();
  const char* name = name_of(direction);
  switch (migration::may_request(migration::cutover_record(session.db()), direction)) {
    case RequestAnswer::kGrantedBefore:
      console.notice(NoticeLevel::kInfo, fmt::format("Cutover to {} was initiated before; nothing was changed.", name));
      return ExitCode::kOk;
    case RequestAnswer::kTooEarly:
      throw base::Error({.code = "CUT-005",
                         .exit = ExitCode::kState,
                         .title = fmt::format("the cutover to {} comes after the one to the target", name),
                         .cause = "that one is not completed",
                         .fix = {session.next_command("cutover status")}});
    case RequestAnswer::kNoSuchWay:
      throw base::Error({.code = "CUT-005",
                         .exit = ExitCode::kState,
                         .title = fmt::format("this migration has no way back to the {}", name),
                         .cause = direction == Direction::kToSource
                                      ? "initiate cutover to target did not have --prepare-for-fall-back true"
                                      : "no source-replica follows (import data to source-replica)"});
    case RequestAnswer::kGranted:
      break;
  }
  if (!console.confirm({.danger = model::Question::Danger::kModerate,
                        .text = fmt::format("Cut over to the {}? Nobody should write to the target from now on: what "
                                            "is written later is left behind.",
                                            name),
                        .flag = "--yes"})) {
    base::fail(ExitCode::kNoAnswer, "the cutover was not initiated; nothing was changed");
  }
  migration::request_cutover(session.db(), {.direction = direction});
  console.notice(NoticeLevel::kSuccess, fmt::format("Cutover to {} initiated.", name));
  console.line("next: " + session.next_command("cutover status"));
  return ExitCode::kOk;
}

const char* word_of(CutoverStatus status) {
  return status == CutoverStatus::kCompleted   ? "COMPLETED"
         : status == CutoverStatus::kInitiated ? "INITIATED"
                                               : "NOT_INITIATED";
}

ExitCode run_status(Session& session) {
  if (!migration::with_changes(session.db())) not_live(session);
  const migration::CutoverRecord record = migration::cutover_record(session.db());
  const report::TextStyle style = session.console().answer_style();
  report::TextTable table{.columns = {{"CUTOVER DIRECTION"}, {"STATUS"}, {"REQUESTED AT (UTC)"}}};
  for (const Direction direction : {Direction::kToTarget, Direction::kToSource, Direction::kToSourceReplica}) {
    if (!migration::has_direction(record, direction)) continue;
    const std::string at = migration::cutover_requested_at(session.db(), direction);
    table.rows.push_back({fmt::format("{} {} {}", direction == Direction::kToTarget ? "source" : "target",
                                      style.ascii ? "->" : "→", name_of(direction)),
                          word_of(migration::cutover_status(record, direction)), at.empty() ? "-" : at});
  }
  session.console().answer(report::table_text(table, style));
  return ExitCode::kOk;
}

}  // namespace

void add_cutover_commands(std::vector<Command>& all) {
  all.push_back({.path = "initiate cutover to target",
                 .id = "initiate-cutover-to-target",
                 .summary = "Have export and import finish, so that the target takes over",
                 .examples = {{"once the application has stopped writing to the source, with the way back held open",
                               "yb-voyager initiate cutover to target --export-dir shop --prepare-for-fall-back true"}},
                 .groups = {{"Cutover", kToTargetFlags}, output_flags(), global_flags()},
                 .sections = {"initiate-cutover-to-target", "inititate-cutover-to-target"},
                 .workspace = Workspace::kStarted,
                 .check = check_to_target,
                 .run = run_to_target});
  all.push_back({.path = "initiate cutover to source",
                 .id = "initiate-cutover-to-source",
                 .summary = "Go back to the source, which has followed the target",
                 .examples = {{"once the application has stopped writing to the target",
                               "yb-voyager initiate cutover to source --export-dir shop"}},
                 .groups = {{"Cutover", kToSourceFlags}, output_flags(), global_flags()},
                 .sections = {"initiate-cutover-to-source"},
                 .workspace = Workspace::kStarted,
                 .check = check_to_source,
                 .run = [](Session& session) { return run_back(session, Direction::kToSource); }});
  all.push_back({.path = "initiate cutover to source-replica",
                 .id = "initiate-cutover-to-source-replica",
                 .summary = "Go on with the replica that has followed the target",
                 .examples = {{"once the application has stopped writing to the target",
                               "yb-voyager initiate cutover to source-replica --export-dir shop"}},
                 .groups = {output_flags(), global_flags()},
                 .workspace = Workspace::kStarted,
                 .run = [](Session& session) { return run_back(session, Direction::kToSourceReplica); }});
  all.push_back({.path = "cutover status",
                 .id = "cutover-status",
                 .summary = "Show how far the cutover is",
                 .groups = {output_flags(), global_flags()},
                 .workspace = Workspace::kReads,
                 .run = run_status});
}

}  // namespace voyager::cli

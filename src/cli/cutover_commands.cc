// initiate cutover to target, to source, to source-replica; cutover status.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/shell_word.h"
#include "cli/command.h"
#include "cli/connections.h"
#include "cli/connectors.h"
#include "cli/live_flow.h"
#include "cli/published_progress.h"
#include "cli/rehearsal.h"
#include "cli/session.h"
#include "connector/begin_anew.h"
#include "migration/changes/capture_record.h"
#include "migration/finish/other_commands.h"
#include "migration/live/cutover_record.h"
#include "migration/live/iterations.h"
#include "migration/live/live_import.h"
#include "migration/schema/guardrails.h"
#include "migration/state/status.h"
#include "report/table.h"

namespace voyager::cli {
namespace {

using Json = nlohmann::ordered_json;
using enum FlagKind;
using base::ExitCode;
using migration::CutoverStatus;
using migration::Direction;
using migration::RequestAnswer;
using migration::WayBack;
using model::NoticeLevel;

constexpr Direction kDirections[] = {Direction::kToTarget, Direction::kToSource, Direction::kToSourceReplica};

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
    {.name = "require-verified",
     .kind = kBoolean,
     .help = "refuse unless verify has found all tables equal while these changes flowed, at most 24 hours ago",
     .fallback = "false"},
    password_flag("target", true),
    password_flag("source", true),
};

const std::vector<Flag> kToSourceFlags = {
    {.name = "restart-data-migration-source-target",
     .kind = kBoolean,
     .help = "go on with the next iteration: changes flow from the source to the target again, without a snapshot",
     .fallback = "false"},
    {.name = "run-guardrails-checks",
     .kind = kBoolean,
     .help = "check first that the next iteration can begin",
     .fallback = "true"},
    {.name = "require-verified",
     .kind = kBoolean,
     .help = "refuse unless verify has found all tables equal while these changes flowed, at most 24 hours ago",
     .fallback = "false"},
    password_flag("target", true),
    password_flag("source", true),
};

void check_to_target(const Values& values) {
  if (values.on("use-yb-grpc-connector")) {
    base::fail(ExitCode::kUsage, "--use-yb-grpc-connector true is not supported",
               "changes of YugabyteDB are read by its logical replication (the YugabyteDB connector)",
               {"leave it out, or give false"});
  }
}

const std::vector<Flag> kToReplicaFlags = {
    password_flag("target", true),
    password_flag("source-replica", true),
};

const std::vector<Flag> kRehearsalFlags = {
    {.name = "dry-run",
     .kind = kBoolean,
     .help = "only say whether the cutover could go ahead and how long it would take; changes nothing",
     .fallback = "false"},
    answer_format_flag("table", "of --dry-run: table, or json on standard output"),
};

const std::vector<Flag> kStatusFlags = {
    table_format_flag(),
};

[[noreturn]] void not_live(Session& session) {
  throw base::Error({.code = "CUT-001",
                     .exit = ExitCode::kState,
                     .title = "this migration has no changes to cut over",
                     .where = session.main_dir().string(),
                     .cause = "export data was not started with --export-type snapshot-and-changes",
                     .fix = {"an offline migration is not cut over; it goes on with: "
                             "yb-voyager finalize-schema-post-data-import ..."}});
}

const char* name_of(Direction direction) {
  return direction == Direction::kToTarget ? "target" : direction == Direction::kToSource ? "source" : "source-replica";
}

FlowBehind flow_behind(Session& session, Direction direction, WayBack way_back) {
  if (direction == Direction::kToSource)
    return {.from = "source",
            .captured = noted_source_endpoint(session),
            .to = "target",
            .applied = noted_data_target(session),
            .importer = migration::LiveRole::kToTarget};
  if (way_back == WayBack::kNone) return {};
  return {.from = "target",
          .captured = noted_data_target(session),
          .to = "source",
          .applied = way_back == WayBack::kFallBack ? noted_source_endpoint(session) : std::nullopt,
          .importer = migration::LiveRole::kToSource};
}

// What would keep changes from flowing behind the cutover is told while the application still runs where it is.
void check_flow(Session& session, const FlowBehind& flow) {
  Console& console = session.console();
  const std::vector<model::TableName> names = migration::live_tables(session.db());
  if (!flow.captured)
    base::fail(ExitCode::kState, "import data was not started yet", "", {session.next_command("import data")});
  if (!flow.captured->product->capture_setup)
    base::fail(ExitCode::kUsage, fmt::format("changes of {} cannot be captured", flow.captured->product->product));
  std::vector<model::Table> tables;
  for (const model::TableName& name : names) tables.push_back({.name = name, .root = name});
  std::vector<model::Finding> findings =
      flow.captured->product->capture_setup(flow.captured->options, session.migration())->check(tables);
  for (model::Finding& finding : findings) {
    finding.note = !finding.fatal;
    finding.title = fmt::format("on the {}: {}", flow.from, finding.title);
  }
  migration::answer_findings(findings, std::string(session.command().path), console);
  if (!flow.applied) return;
  if (!flow.applied->product->change_target)
    base::fail(ExitCode::kUsage, fmt::format("changes cannot be applied to this {}", flow.to), "",
               {"--prepare-for-fall-back false"});
  const auto hooks = migration::write_hook_files(flow.importer, *flow.applied->product, flow.applied->options,
                                                 session.migration(), session.export_dir(), names);
  if (hooks.empty()) return;
  const migration::HookFiles files = migration::hook_files(session.export_dir(), flow.importer);
  console.notice(NoticeLevel::kWarning,
                 fmt::format("changes would be acted on by the {0}: {1}, {2}. Once the application has stopped writing "
                             "to the {0}, have the owner of its tables run {3}; until then changes of the {4} wait. "
                             "{5} puts all back.",
                             flow.to, connector::names_of(hooks), connector::why_acting(hooks), files.off.string(),
                             flow.from, files.on.string()));
}

// Checks that cannot be made (no password here) do not stop a cutover: what they would find is found by the processes.
void try_check_flow(Session& session, Direction direction, WayBack way_back) {
  if (!session.values().on("run-guardrails-checks")) return;
  try {
    check_flow(session, flow_behind(session, direction, way_back));
  } catch (const base::Error& error) {
    const ExitCode exit = error.info().exit;
    if (exit != ExitCode::kNoAnswer && !error.info().connection_lost) throw;
    session.console().notice(
        NoticeLevel::kWarning,
        fmt::format("it could not be checked that changes can flow behind the cutover: {}", error.info().title));
  }
}

// Without its slot the capture never comes to the cutover's place. What cannot be asked (no password here) does not
// stop a cutover.
void check_captured(Session& session, Direction direction) {
  const LiveFlow flow = flow_before(session, direction);
  const std::optional<Endpoint> from = flow.from_source() ? noted_source_endpoint(session) : noted_data_target(session);
  if (!from || !from->product->capture_watch) return;
  try {
    // The capture's last step reads the sequences.
    if (from->product->capture_setup) (void)from->product->capture_setup(from->options, flow.migration)->sequences();
    if (!from->product->capture_watch(from->options, flow.migration, migration::capture_folder(flow.export_dir))
             ->lag()
             .lost)
      return;
  } catch (const base::Error& error) {
    if (error.info().exit != ExitCode::kNoAnswer && !error.info().connection_lost) throw;
    session.console().notice(NoticeLevel::kWarning,
                             fmt::format("it could not be checked that changes are captured: {}", error.info().title));
    return;
  }
  std::vector<std::string> fix = flow.from_source() ? connector::begin_both_anew() : connector::end_without_way_back();
  fix.emplace_back("keep the log for longer: max_slot_wal_keep_size (PostgreSQL), binlog_expire_logs_seconds (MySQL)");
  throw base::Error(
      {.code = "CDC-006",
       .exit = ExitCode::kState,
       .title = fmt::format("the {} has given up what was not captured yet", flow.from_source() ? "source" : "target"),
       .cause = "its log was removed before it was captured, or the replication slot that kept it is gone",
       .fix = std::move(fix),
       .then = "the cutover was not initiated; nothing was changed"});
}

// The processes that carry a cutover out may be held up themselves.
void tell_what_waits(Session& session, format::DocumentLedger& db, Direction direction) {
  const char* exporter = migration::command_of(direction == Direction::kToTarget ? migration::LiveRole::kFromSource
                                                                                 : migration::LiveRole::kFromTarget);
  const auto progress = published_progress(db, find_command(exporter)->id);
  if (!progress || progress->reason.empty()) return;
  session.console().notice(NoticeLevel::kWarning, fmt::format("the cutover to the {} waits for {}: {}",
                                                              name_of(direction), exporter, progress->reason));
}

void check_verified(Session& session, bool from_source) {
  if (!session.values().on("require-verified")) return;
  const std::string why = why_not_verified(session, from_source);
  if (why.empty()) return;
  throw base::Error({.code = "CUT-008",
                     .exit = ExitCode::kPreflight,
                     .title = "it is not known that both sides are equal",
                     .cause = why,
                     .fix = {session.next_command("verify")},
                     .then = "nothing was changed"});
}

ExitCode run_to_target(Session& session) {
  if (!migration::with_changes(session.db())) not_live(session);
  const migration::CutoverRecord record = migration::cutover_record(session.db());
  const Values& values = session.values();
  const bool fall_forward = record.way_back == WayBack::kFallForward;
  if (!fall_forward && !values.given("prepare-for-fall-back") && !values.on("dry-run")) {
    base::fail(ExitCode::kUsage, "required flag(s) \"prepare-for-fall-back\" not set",
               "whether changes of the target are to flow back to the source is decided at the cutover",
               {"--prepare-for-fall-back true, or false"});
  }
  if (fall_forward && values.on("prepare-for-fall-back")) {
    base::fail(ExitCode::kUsage, "--prepare-for-fall-back true cannot be had beside a source-replica",
               "changes of the target will flow to the source-replica", {"leave it out"});
  }
  if (migration::may_request(record, Direction::kToTarget) == RequestAnswer::kTooEarly) {
    throw base::Error({.code = "CUT-005",
                       .exit = ExitCode::kState,
                       .title = fmt::format("iteration {} of this migration has not begun yet", session.iteration()),
                       .cause = "it begins when the cutover to the source of the one before is completed",
                       .fix = {session.next_command("cutover status")}});
  }
  if (!migration::export_data_done(session.db())) {
    throw base::Error(
        {.code = "CUT-002",
         .exit = ExitCode::kState,
         .title = "the snapshot is not exported yet",
         .cause = "changes are streamed after it",
         .fix = {"wait until export data says that it streams changes: yb-voyager export data status ..."}});
  }
  Console& console = session.console();
  if (record.to_target.requested) {
    const bool noted = record.way_back == WayBack::kFallBack;
    if (fall_forward || values.on("prepare-for-fall-back") == noted) {
      console.notice(NoticeLevel::kInfo, "Cutover to target was initiated before; nothing was changed.");
    } else {
      console.notice(
          NoticeLevel::kWarning,
          fmt::format("Cutover to target was initiated before with --prepare-for-fall-back {}, and that stays; "
                      "nothing was changed.",
                      noted));
    }
    return ExitCode::kOk;
  }
  const bool fall_back = values.on("prepare-for-fall-back");
  if (const std::string product = migration::noted_source(session.db()).product;
      fall_back && !source_product(product).change_target) {
    base::fail(ExitCode::kUsage, fmt::format("there is no way back to a {} source", product),
               "changes of the target cannot be applied to it", {"--prepare-for-fall-back false"});
  }
  const WayBack way_back = fall_forward ? WayBack::kFallForward : fall_back ? WayBack::kFallBack : WayBack::kNone;
  if (values.on("dry-run"))
    return rehearse(session, Direction::kToTarget, flow_behind(session, Direction::kToTarget, way_back));
  check_captured(session, Direction::kToTarget);
  check_verified(session, true);
  if (way_back != WayBack::kNone) try_check_flow(session, Direction::kToTarget, way_back);
  if (!console.confirm({.danger = model::Question::Danger::kModerate,
                        .text =
                            "Cut over to the target? Nobody should write to the source from now on: what is written "
                            "later is left behind.",
                        .flag = "--yes"})) {
    base::fail(ExitCode::kNoAnswer, "the cutover was not initiated; nothing was changed");
  }
  migration::request_cutover(session.db(), {.direction = Direction::kToTarget, .fall_back = fall_back});
  console.notice(NoticeLevel::kSuccess, "Cutover to target initiated.");
  tell_what_waits(session, session.db(), Direction::kToTarget);
  if (way_back != WayBack::kNone)
    console.line("The application may write to the target when cutover status says COMPLETED, not before.");
  console.line("next: " + session.next_command("cutover status"));
  return ExitCode::kOk;
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
  const bool again = session.values().on("restart-data-migration-source-target");
  if (session.values().on("dry-run")) {
    const bool flows_on = again && direction == Direction::kToSource;
    return rehearse(session, direction, flows_on ? flow_behind(session, direction, WayBack::kFallBack) : FlowBehind());
  }
  check_captured(session, direction);
  if (direction == Direction::kToSource) check_verified(session, false);
  if (again) try_check_flow(session, direction, WayBack::kFallBack);
  if (!console.confirm({.danger = model::Question::Danger::kModerate,
                        .text = fmt::format("Cut over to the {}? Nobody should write to the target from now on: what "
                                            "is written later is left behind.",
                                            name),
                        .flag = "--yes"})) {
    base::fail(ExitCode::kNoAnswer, "the cutover was not initiated; nothing was changed");
  }
  if (again) migration::make_next_iteration(session.export_dir(), session.db());
  migration::request_cutover(session.db(), {.direction = direction, .again = again});
  console.notice(NoticeLevel::kSuccess, fmt::format("Cutover to {} initiated.", name));
  tell_what_waits(session, session.db(), direction);
  if (again) {
    console.line(
        fmt::format("Iteration {} begins with it: the application may write to the source when cutover status says "
                    "COMPLETED, not before.",
                    session.iteration() + 1));
  }
  console.line("next: " + session.next_command("cutover status"));
  return ExitCode::kOk;
}

const char* word_of(CutoverStatus status) {
  return status == CutoverStatus::kCompleted   ? "COMPLETED"
         : status == CutoverStatus::kInitiated ? "INITIATED"
                                               : "NOT_INITIATED";
}

report::TextTable status_table(format::DocumentLedger& db, const migration::CutoverRecord& record,
                               const report::TextStyle& style) {
  report::TextTable table{.columns = {{"CUTOVER DIRECTION"}, {"STATUS"}, {"REQUESTED AT (UTC)"}}};
  for (const Direction direction : kDirections) {
    if (!migration::has_direction(record, direction)) continue;
    const std::string at = migration::cutover_requested_at(db, direction);
    table.rows.push_back({fmt::format("{} {} {}", direction == Direction::kToTarget ? "source" : "target",
                                      style.ascii ? "->" : "→", name_of(direction)),
                          word_of(migration::cutover_status(record, direction)), at.empty() ? "-" : at});
  }
  return table;
}

struct Missing {
  Direction direction = Direction::kToTarget;
  std::string command = {};
  std::string start = {};
};

// A cutover that was asked for is carried out by processes; when one of them was stopped, nothing happens any more.
std::vector<Missing> missing_workers(Session& session, int iteration, const migration::CutoverRecord& record) {
  using migration::iteration_dir;
  const std::filesystem::path& main = session.main_dir();
  const auto running = migration::running_commands(iteration_dir(main, iteration));
  migration::CutoverRecord next;
  std::vector<migration::RunningCommand> running_next;
  if (record.again) {
    next = migration::cutover_record(*migration::open_iteration(main, iteration + 1));
    running_next = migration::running_commands(iteration_dir(main, iteration + 1));
  }
  std::vector<Missing> out;
  for (const Direction direction : kDirections) {
    if (!migration::has_direction(record, direction)) continue;
    for (const migration::CutoverWorker& worker : migration::cutover_workers(record, direction, next)) {
      const bool there = runs(worker.next_iteration ? running_next : running, worker.role);
      if (there || (worker.before && runs(running, *worker.before))) continue;
      out.push_back({.direction = direction,
                     .command = std::string(migration::command_of(worker.role)),
                     .start = command_for(session, worker.role)});
    }
  }
  return out;
}

Json status_json(format::DocumentLedger& db, int iteration, const migration::CutoverRecord& record,
                 const std::vector<Missing>& missing) {
  Json cutovers = Json::array();
  for (const Direction direction : kDirections) {
    if (!migration::has_direction(record, direction)) continue;
    const std::string at = migration::cutover_requested_at(db, direction);
    Json not_running = Json::array();
    for (const Missing& one : missing) {
      if (one.direction == direction) not_running.push_back({{"command", one.command}, {"start", one.start}});
    }
    cutovers.push_back({{"to", name_of(direction)},
                        {"status", word_of(migration::cutover_status(record, direction))},
                        {"requested_at", at.empty() ? Json() : Json(at)},
                        {"not_running", not_running}});
  }
  return {{"iteration", iteration}, {"cutovers", cutovers}};
}

ExitCode run_status(Session& session) {
  if (!migration::with_changes(session.db())) not_live(session);
  const report::TextStyle style = session.console().answer_style();
  const int newest = migration::newest_iteration(session.main_dir());
  std::string text;
  Json iterations = Json::array();
  std::vector<Missing> all_missing;
  for (int iteration = 0; iteration <= newest; ++iteration) {
    const auto db = migration::open_iteration(session.main_dir(), iteration);
    const auto record = migration::whole_cutover_record(migration::iteration_dir(session.main_dir(), iteration), *db);
    const std::vector<Missing> missing = missing_workers(session, iteration, record);
    all_missing.insert(all_missing.end(), missing.begin(), missing.end());
    iterations.push_back(status_json(*db, iteration, record, missing));
    if (newest > 0)
      text += fmt::format("{}Iteration {}{}\n", iteration > 0 ? "\n" : "", iteration,
                          iteration == newest ? " (current)" : "");
    text += report::table_text(status_table(*db, record, style), style);
    for (const Direction direction : kDirections) {
      if (migration::has_direction(record, direction) &&
          migration::cutover_status(record, direction) == CutoverStatus::kInitiated)
        tell_what_waits(session, *db, direction);
    }
  }
  if (session.values().text("output-format") == "json") {
    const Json out = {{"format_version", 1}, {"iterations", iterations}};
    session.console().answer(out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
    return ExitCode::kOk;
  }
  session.console().answer(text);
  for (const Missing& one : all_missing) {
    session.console().notice(NoticeLevel::kWarning,
                             fmt::format("Nobody works on the cutover to the {}: {} is not running. Start it with\n{}",
                                         name_of(one.direction), one.command, one.start));
  }
  return ExitCode::kOk;
}

}  // namespace

void add_cutover_commands(std::vector<Command>& all) {
  all.push_back(
      {.path = "initiate cutover to target",
       .id = "initiate-cutover-to-target",
       .summary = "Have export and import finish, so that the target takes over",
       .examples = {{"once the application has stopped writing to the source, with the way back held open",
                     "yb-voyager initiate cutover to target --export-dir shop --prepare-for-fall-back true"},
                    {"before that: could it go ahead, and how long would it take?",
                     "yb-voyager initiate cutover to target --export-dir shop --prepare-for-fall-back true "
                     "--dry-run true"}},
       .groups = {{"Cutover", kToTargetFlags}, {"Rehearsal", kRehearsalFlags}, output_flags(), global_flags()},
       .sections = {"initiate-cutover-to-target", "inititate-cutover-to-target"},
       .workspace = Workspace::kStarted,
       .in_iteration = InIteration::kNewest,
       .check = check_to_target,
       .run = run_to_target});
  all.push_back(
      {.path = "initiate cutover to source",
       .id = "initiate-cutover-to-source",
       .summary = "Go back to the source, which has followed the target",
       .examples = {{"once the application has stopped writing to the target",
                     "yb-voyager initiate cutover to source --export-dir shop"},
                    {"and let the target follow again, for another cutover to it",
                     "yb-voyager initiate cutover to source --export-dir shop "
                     "--restart-data-migration-source-target true"}},
       .groups = {{"Cutover", kToSourceFlags}, {"Rehearsal", kRehearsalFlags}, output_flags(), global_flags()},
       .sections = {"initiate-cutover-to-source"},
       .workspace = Workspace::kStarted,
       .in_iteration = InIteration::kWayBack,
       .run = [](Session& session) { return run_back(session, Direction::kToSource); }});
  all.push_back(
      {.path = "initiate cutover to source-replica",
       .id = "initiate-cutover-to-source-replica",
       .summary = "Go on with the replica that has followed the target",
       .examples = {{"once the application has stopped writing to the target",
                     "yb-voyager initiate cutover to source-replica --export-dir shop"}},
       .groups = {{"Cutover", kToReplicaFlags}, {"Rehearsal", kRehearsalFlags}, output_flags(), global_flags()},
       .workspace = Workspace::kStarted,
       .run = [](Session& session) { return run_back(session, Direction::kToSourceReplica); }});
  all.push_back({.path = "cutover status",
                 .id = "cutover-status",
                 .summary = "Show how far the cutover is",
                 .examples = {{"until both sides have done their part", "yb-voyager cutover status --export-dir shop"}},
                 .groups = {{"Answer", kStatusFlags}, output_flags(), global_flags()},
                 .workspace = Workspace::kReads,
                 .run = run_status});
}

}  // namespace voyager::cli

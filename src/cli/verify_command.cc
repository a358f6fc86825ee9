// verify: are source and target equal?
#include <fmt/format.h>

#include <chrono>

#include "base/clock.h"
#include "base/error.h"
#include "cli/command.h"
#include "cli/connections.h"
#include "cli/flow_run.h"
#include "cli/live_flow.h"
#include "cli/progress_display.h"
#include "cli/table_lists.h"
#include "connector/comparison.h"
#include "migration/live/verified.h"
#include "migration/schema/options_left_out.h"
#include "migration/schema/recommendations.h"
#include "migration/state/status.h"
#include "migration/verify/verify.h"
#include "report/numbers.h"
#include "report/verify_text.h"

namespace voyager::cli {
namespace {

using enum FlagKind;
using base::ExitCode;

const std::vector<Flag> kVerifyFlags = {
    table_format_flag(),
    {.name = "parallel-jobs",
     .kind = kInteger,
     .help = "tables that are compared at the same time",
     .fallback = "4",
     .least = 1,
     .most = 1000},
    {.name = "objects-only",
     .kind = kBoolean,
     .help = "compare tables, columns, indexes and so on, not rows",
     .fallback = "false"},
    {.name = "rows-only", .kind = kBoolean, .help = "compare rows, not objects", .fallback = "false"},
    {.name = "compare-owners",
     .kind = kChoice,
     .help = "compare who owns what; auto: when the export took owners along, or without an export directory",
     .fallback = "auto",
     .choices = {"auto", "true", "false"}},
    {.name = "compare-grants",
     .kind = kChoice,
     .help = "compare rights and default privileges; auto as above",
     .fallback = "auto",
     .choices = {"auto", "true", "false"}},
    {.name = "compare-comments",
     .kind = kChoice,
     .help = "compare comments and security labels; auto as above",
     .fallback = "auto",
     .choices = {"auto", "true", "false"}},
    {.name = "compare-settings",
     .kind = kChoice,
     .help = "compare settings of the database and of roles in it; auto as above",
     .fallback = "auto",
     .choices = {"auto", "true", "false"}},
    {.name = "value-rules", .kind = kList, .help = "as of export data (default: those that the rows were exported by)"},
    {.name = "disable-pb", .kind = kBoolean, .help = "plain lines instead of progress bars", .fallback = "false"},
};

void check(const Values& values) {
  check_source_flags(values);
  check_target_flags(values);
  table_lists(values);
  if (values.on("objects-only") && values.on("rows-only")) {
    base::fail(ExitCode::kUsage, "--objects-only and --rows-only exclude each other");
  }
}

report::Difference difference(auto kind) {
  using Kind = decltype(kind);
  if (kind == Kind::kMissingOnTarget) return report::Difference::kMissingOnTarget;
  if (kind == Kind::kOnlyOnTarget) return report::Difference::kOnlyOnTarget;
  return report::Difference::kDifferent;
}

report::VerifiedObject object_of(const migration::ObjectDifference& one) {
  return {.difference = difference(one.kind),
          .kind = one.object_kind,
          .name = one.name,
          .source = one.source,
          .target = one.target,
          .fix = one.fix};
}

report::VerifyResult as_result(const migration::VerifyReport& report) {
  report::VerifyResult result{.objects_compared = report.objects_compared,
                              .kinds = report.kinds,
                              .not_compared = report.not_compared,
                              .notes = report.notes,
                              .equal_up_to = report.equal_up_to,
                              .seconds = report.seconds};
  for (const migration::ObjectDifference& one : report.objects) {
    result.objects.push_back(object_of(one));
  }
  for (const migration::ObjectDifference& one : report.intended) result.intended.push_back(object_of(one));
  for (const migration::TableVerdict& one : report.tables) {
    report::VerifiedTable table{
        .table = one.table == connector::kLargeObjects ? "large objects" : model::display(one.table),
        .equal = one.equal(),
        .source_rows = one.source_rows,
        .target_rows = one.target_rows,
        .chunks = one.chunks,
        .chunks_differing = one.chunks_differing,
        .keys_cut = one.keys_cut,
        .moving = one.moving,
        .error = one.error};
    for (const migration::KeyDifference& key : one.keys) {
      table.keys.push_back({.difference = difference(key.kind), .key = key.key});
    }
    result.tables.push_back(std::move(table));
  }
  return result;
}

/// Only a migration's own export directory knows what was left out on purpose.
std::set<std::string> left_out(const Session& session) {
  if (session.export_dir().empty()) return {};
  return migration::facts_of_indexes_taken_out(session.export_dir() / "schema");
}

std::set<std::string> options_left_out(Session& session) {
  std::set<std::string> names;
  if (!session.has_state()) return names;
  for (const migration::OptionLeftOut& one : migration::options_left_out(session.db())) names.insert(one.name);
  return names;
}

/// What a migration does not carry unless told to is no difference of that migration.
bool compares(Session& session, FlagName<FlagUse::kText> flag, bool carried) {
  const std::string& choice = session.values().text(flag);
  if (choice != "auto") return choice == "true";
  return !session.has_state() || !migration::export_schema_done(session.db()) || carried;
}

migration::ExportedSchemaNotes exported(Session& session) {
  return session.has_state() ? migration::exported_schema_notes(session.db()) : migration::ExportedSchemaNotes{};
}

constexpr std::chrono::milliseconds kPatience{120'000};

// While changes flow both sides are compared up to a place in the captured side's log.
std::optional<migration::WhileChanging> while_changing(Session& session, const LiveFlow& flow,
                                                       migration::Follower& follower) {
  const auto wait = [&session, &flow, &follower] {
    const std::string place = follower.wait_until_applied([&] { check_flow_runs(session, flow); }, kPatience,
                                                          base::system_clock(), session.stop());
    return fmt::format("{} of the {}'s log", place, flow.from_source() ? "source" : "target");
  };
  return migration::WhileChanging{.from_source = flow.from_source(),
                                  .wait_until_applied = wait,
                                  .applied_changes = [&follower] { return follower.applied_changes(); }};
}

void note_comparison(const LiveFlow& flow, const migration::VerifyReport& report, bool all_tables) {
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(base::system_clock().wall().time_since_epoch());
  migration::note_verified(*flow.db, {.at = base::utc_now(),
                                      .equal_up_to = report.equal_up_to,
                                      .unix_seconds = now.count(),
                                      .from_source = flow.from_source(),
                                      .equal = report.equal(),
                                      .all_tables = all_tables});
}

ExitCode run(Session& session) {
  const Values& values = session.values();
  const Endpoint source = source_endpoint(session);
  const Endpoint target = target_endpoint(session);
  const std::optional<LiveFlow> flow = flow_between(session);
  std::optional<migration::Follower> follower;
  if (flow) {
    if (values.on("objects-only")) {
      base::fail(ExitCode::kState, "while changes flow, only rows can be compared",
                 "the capture has its own on one side, and sequences are set by the cutover",
                 {"leave --objects-only out, or compare objects after the cutover"});
    }
    check_flow_runs(session, *flow);
    follower.emplace(follower_of(*flow, flow->from_source() ? source : target, flow->from_source() ? target : source));
  }
  FlowRun run(session);
  const migration::ExportedSchemaNotes carried = exported(session);
  migration::VerifyReport report;
  {
    model::ProgressBoard board("verify");
    const ProgressDisplay display(
        session, board, fmt::format("Verify {} = {}", cli::display(source.options), cli::display(target.options)));
    report = migration::verify(*source.product, source.options, *target.product, target.options,
                               {.schemas = source.options.schemas,
                                .tables = table_lists(values),
                                .objects = !values.on("rows-only"),
                                .rows = !values.on("objects-only"),
                                .parallel_jobs = static_cast<int>(values.number("parallel-jobs")),
                                .indexes_left_out = left_out(session),
                                .owners = compares(session, "compare-owners", carried.owners),
                                .grants = compares(session, "compare-grants", carried.grants),
                                .comments = compares(session, "compare-comments", carried.comments),
                                .settings = compares(session, "compare-settings", carried.settings),
                                .while_changing = flow ? while_changing(session, *flow, *follower) : std::nullopt,
                                .options_left_out = options_left_out(session)},
                               session.flow(board));
  }
  const report::VerifyResult result = as_result(report);
  session.console().answer(session.console().machine_output()
                               ? report::verify_json(result)
                               : report::verify_text(result, session.console().answer_style()));
  if (flow) note_comparison(*flow, report, table_lists(values).include.empty() && table_lists(values).exclude.empty());
  const ExitCode exit = report.equal() ? ExitCode::kOk : ExitCode::kDifferences;
  run.summary().notes.push_back(report::counted(report.objects_compared, "object", "objects") + " compared");
  if (session.has_state()) run.finish(exit, exit == ExitCode::kOk ? "end migration" : "");
  return exit;
}

}  // namespace

void add_verify_command(std::vector<Command>& all) {
  all.push_back({.path = "verify",
                 .id = "verify",
                 .summary = "Compare source and target: objects, counts and content of rows",
                 .examples = {{"settings from a file", "yb-voyager verify --config-file shop.yaml"},
                              {"one table, as JSON",
                               "yb-voyager verify --config-file shop.yaml --table-list orders "
                               "--output-format json"}},
                 .groups = {source_flags(),
                            target_flags(),
                            target_type_flags(),
                            {"Comparison", kVerifyFlags},
                            table_list_flags(),
                            output_flags(),
                            global_flags()},
                 .required = {"source-db-type", "source-db-user", "source-db-name", "target-db-user"},
                 .sections = {"verify"},
                 .databases = {"source", "target"},
                 .workspace = Workspace::kOptional,
                 .check = check,
                 .run = run});
}

}  // namespace voyager::cli

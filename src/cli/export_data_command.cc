// export data, export data from source.
#include <fmt/format.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "cli/command.h"
#include "cli/connections.h"
#include "cli/export_options.h"
#include "cli/flow_run.h"
#include "cli/live_run.h"
#include "cli/progress_display.h"
#include "cli/table_lists.h"
#include "migration/live/cutover_record.h"
#include "migration/snapshot/export_data.h"
#include "migration/state/migration_record.h"
#include "migration/state/status.h"
#include "report/status_report.h"

namespace voyager::cli {
namespace {

using enum FlagKind;
using base::ExitCode;
using model::NoticeLevel;

const std::vector<Flag> kExportFlags = {
    {.name = "export-type",
     .kind = kChoice,
     .help = "what to export; changes-only: what is written from now on, for a target that has the rows already",
     .fallback = "snapshot-only",
     .choices = {"snapshot-only", "snapshot-and-changes", "changes-only"}},
    {.name = "parallel-jobs",
     .kind = kInteger,
     .help = "connections that read rows",
     .fallback = "4",
     .least = 1,
     .most = 1000},
    {.name = "compress", .kind = kBoolean, .help = "compress the files below data/ (zstd)", .fallback = "true"},
    {.name = "disable-pb", .kind = kBoolean, .help = "plain lines instead of progress bars", .fallback = "false"},
    {.name = "start-clean",
     .kind = kBoolean,
     .help = "remove an earlier export of the data first",
     .fallback = "false"},
    {.name = "allow-oracle-clob-data-export", .kind = kBoolean, .fallback = "false", .hidden = true},
    {.name = "retained-wal-budget-mb",
     .kind = kInteger,
     .help = "live: how much of its log the source may keep for this migration (0: any)",
     .fallback = "0"},
    {.name = "retained-wal-policy",
     .kind = kChoice,
     .help =
         "live: beyond the budget tell it, or drop the replication slot and stop, so that the source's disk does not "
         "fill up (the migration has to begin again then)",
     .fallback = "warn",
     .choices = {"warn", "stop"}},
    {.name = "metrics-port",
     .kind = kInteger,
     .help = "port for Prometheus metrics (0: off)",
     .fallback = "0",
     .most = 65'535},
};

void check(const Values& values) {
  check_source_flags(values);
  check_target_flags(values);
  if (values.on("allow-oracle-clob-data-export")) {
    base::fail(ExitCode::kUsage, "--allow-oracle-clob-data-export is for Oracle sources only");
  }
  table_lists(values);
}

bool is_live(const Values& values) {
  return values.text("export-type") != "snapshot-only";
}

// Knowing the target only makes the files smaller and faster, so a target that cannot be asked is no reason to stop.
std::optional<std::vector<model::Table>> target_columns(Session& session, const Endpoint& source) {
  const Values& values = session.values();
  if (values.text("target-db-user").empty() || values.text("data-format") == "text") return std::nullopt;
  try {
    const Endpoint target = target_endpoint(session, false);
    if (!target.product->comparable) return std::nullopt;
    return target.product->comparable(target.options)->tables(source.options.schemas);
  } catch (const base::Error& error) {
    session.console().notice(
        NoticeLevel::kWarning,
        fmt::format("the target could not be asked for its columns ({}); rows travel as text unless import "
                    "schema has noted them",
                    error.info().title));
    return std::nullopt;
  }
}

std::vector<report::ReportRow> report_rows(const migration::ExportDataReport& report) {
  std::vector<report::ReportRow> rows;
  for (const migration::ExportedTable& one : report.tables) {
    rows.push_back({.schema = model::display(one.table.schema),
                    .table = model::display(one.table.name),
                    .rows = one.rows,
                    .bytes = one.bytes});
  }
  return rows;
}

migration::ExportDataReport run_flow(Session& session, const Endpoint& source) {
  const Values& values = session.values();
  const auto columns = target_columns(session, source);
  model::ProgressBoard board("export-data");
  const ProgressDisplay display(session, board, "Export data ← " + cli::display(source.options));
  return migration::export_data(
      *source.product, source.options, columns,
      {.export_dir = session.export_dir(),
       .tables = table_lists(values),
       .parallel_jobs = static_cast<int>(values.number("parallel-jobs")),
       .start_clean = values.on("start-clean"),
       .run_guardrails = values.on("run-guardrails-checks"),
       .compress = values.on("compress"),
       .format = data_format(values),
       .with_changes = is_live(values),
       .snapshot = values.text("export-type") != "changes-only",
       .large_objects = values.given("large-objects") ? std::optional(values.on("large-objects")) : std::nullopt},
      session.chunks(), session.db(), session.flow(board));
}

// What --export-type and the lists of tables say belongs to the first iteration: from here on only changes flow, of the
// same tables.
ExitCode run_later_iteration(Session& session) {
  if (session.values().on("start-clean")) {
    base::fail(ExitCode::kState, "an iteration has no snapshot to export again",
               "its changes follow on what is on both sides", {"leave --start-clean out"});
  }
  const Endpoint source = source_endpoint(session);
  migration::note_source(session.db(), source.options);
  FlowRun run(session);
  return run_exporter(session, migration::LiveRole::kFromSource, source, run);
}

ExitCode run(Session& session) {
  if (session.iteration() > 0) return run_later_iteration(session);
  const Endpoint source = source_endpoint(session);
  const bool live = is_live(session.values());
  if (live && !source.product->change_source) {
    base::fail(ExitCode::kUsage,
               fmt::format("changes of {} cannot be captured in this release", source.product->product), {},
               {"stop the writers and use --export-type snapshot-only"});
  }
  if (session.values().on("start-clean") && migration::cutover_record(session.db()).to_target.requested) {
    throw base::Error({.code = "CUT-004",
                       .exit = ExitCode::kState,
                       .title = "the export cannot begin again: this migration's cutover to the target was requested",
                       .cause = "changes and their order are bound to the snapshot that is there",
                       .fix = {session.next_command("end migration"), "then begin a new migration"}});
  }
  const bool anew = session.values().on("start-clean");
  const bool goes_on = live && migration::export_data_done(session.db()) && !anew;
  if (!goes_on) migration::refuse_export({.export_dir = session.export_dir(), .start_clean = anew}, session.db());
  // What is refused leaves nothing behind that later commands would go by.
  migration::note_source(session.db(), source.options);
  migration::change_record(
      session.db(), [&](migration::MigrationRecord& record) { record.value_rules = source.options.value_rules; });
  FlowRun run(session);
  if (goes_on) return run_exporter(session, migration::LiveRole::kFromSource, source, run);
  const migration::ExportDataReport report = run_flow(session, source);
  Console& console = session.console();
  if (!report.tables.empty()) {
    console.line("snapshot export report\n" + report::export_report_text(report_rows(report), console.message_style()));
  }
  console.notice(NoticeLevel::kSuccess, "Export of data complete");
  if (live) return run_exporter(session, migration::LiveRole::kFromSource, source, run);
  run.finish(ExitCode::kOk, "import data");
  return ExitCode::kOk;
}

Command command(std::string_view path) {
  return {.path = path,
          .id = "export-data",
          .summary = "Export the rows of the source as files below data/",
          .examples = {{"all tables of a schema",
                        "yb-voyager export data --export-dir shop --source-db-type postgresql "
                        "--source-db-host db1 --source-db-user mig --source-db-name shop --source-db-schema public"},
                       {"some tables, eight connections",
                        "yb-voyager export data --config-file shop.yaml "
                        "--table-list 'orders*,customers' --parallel-jobs 8"}},
          .groups = {source_flags(),
                     oracle_container_flags(),
                     {"Rows", kExportFlags},
                     read_rows_flags(),
                     table_list_flags(),
                     guardrail_flags(),
                     target_flags(),
                     target_type_flags(),
                     output_flags(),
                     global_flags()},
          .required = {"source-db-type", "source-db-user", "source-db-name", "source-db-schema"},
          .sections = {"export-data", "export-data-from-source"},
          .databases = {"source", "target"},
          .workspace = Workspace::kCreates,
          .in_iteration = InIteration::kNewest,
          .check = check,
          .run = run};
}

}  // namespace

void add_export_data_commands(std::vector<Command>& all) {
  all.push_back(command("export data"));
  all.push_back(command("export data from source"));
}

}  // namespace voyager::cli

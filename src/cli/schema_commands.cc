// import schema, finalize-schema-post-data-import.
#include <fmt/format.h>

#include "base/error.h"
#include "cli/analysis_report.h"
#include "cli/command.h"
#include "cli/connections.h"
#include "cli/flow_run.h"
#include "cli/progress_display.h"
#include "cli/report_files.h"
#include "migration/schema/import_schema.h"
#include "report/numbers.h"

namespace voyager::cli {
namespace {

using enum FlagKind;
using base::ExitCode;
using model::NoticeLevel;

const std::vector<Flag> kImportFlags = {
    {.name = "start-clean",
     .kind = kBoolean,
     .help = "drop the schemas on the target first (asks for each)",
     .fallback = "false"},
    {.name = "continue-on-error",
     .kind = kBoolean,
     .help = "write statements that fail to schema/failed.sql and go on",
     .fallback = "false"},
    {.name = "ignore-exist", .kind = kBoolean, .help = "go on when an object exists already", .fallback = "false"},
    {.name = "object-type-list",
     .kind = kList,
     .help = "object types to import (default: all)",
     .excludes = "exclude-object-type-list"},
    {.name = "exclude-object-type-list", .kind = kList, .help = "object types to leave out"},
    {.name = "straight-order", .kind = kBoolean, .help = "keep the order of --object-type-list", .fallback = "false"},
    {.name = "enable-orafce", .kind = kBoolean, .fallback = "true", .hidden = true},
    {.name = "post-snapshot-import",
     .kind = kBoolean,
     .fallback = "false",
     .hidden = true,
     .instead = "the command finalize-schema-post-data-import"},
    {.name = "refresh-mviews", .kind = kBoolean, .fallback = "false", .hidden = true},
};

const std::vector<Flag> kFinalizeFlags = {
    {.name = "continue-on-error",
     .kind = kBoolean,
     .help = "write statements that fail to schema/failed.sql and go on",
     .fallback = "false"},
    {.name = "ignore-exist", .kind = kBoolean, .help = "go on when an object exists already", .fallback = "false"},
    {.name = "refresh-mviews", .kind = kBoolean, .help = "fill the materialized views", .fallback = "false"},
};

void check_import_flags(const Values& values) {
  check_target_flags(values);
}

void require_exported_schema(Session& session) {
  if (session.has_state() && std::filesystem::is_directory(session.export_dir() / "schema")) return;
  throw base::Error({.code = "DIR-011",
                     .exit = ExitCode::kState,
                     .title = "schema is not exported yet",
                     .where = session.export_dir().string(),
                     .fix = {session.next_command("export schema")},
                     .then = "nothing was changed"});
}

// Failures were collected because the user asked for it: they are shown, and the exit code stays 0 as documented.
void show_failures(Session& session, const migration::ImportSchemaReport& report) {
  if (report.failed.empty()) return;
  session.console().notice(NoticeLevel::kWarning,
                           fmt::format("{} statements failed; they are with their reasons in {}", report.failed.size(),
                                       (session.export_dir() / "schema" / "failed.sql").string()));
  for (std::size_t i = 0; i < report.failed.size() && i < 3; ++i) {
    const migration::FailedStatement& one = report.failed[i];
    session.console().line(fmt::format("  {}:{}  {} {}", one.file, one.line, one.sqlstate, one.reason));
  }
}

/// What arrives with a change, because the target does not know all of it.
void show_left_out(Session& session, const migration::ImportSchemaReport& report) {
  if (report.left_out.empty()) return;
  session.console().notice(NoticeLevel::kWarning,
                           "the target does not know these options; what has them is made without:");
  for (const std::string& one : migration::describe(report.left_out)) session.console().line("  " + one);
}

void note_counts(report::RunSummary& summary, const migration::ImportSchemaReport& report) {
  summary.moves_rows = false;
  summary.notes.push_back(report::counted(report.statements, "statement", "statements") + " ran");
  const auto note = [&summary](std::size_t count, const char* one, const char* many, const char* what) {
    if (count > 0) summary.notes.push_back(report::counted(count, one, many) + what);
  };
  note(report.skipped_existing, "object was", "objects were", " there already");
  note(report.left_for_import_data, "index or constraint is", "indexes and constraints are",
       " left for import data, which builds them after the rows");
  note(report.left_for_finalize, "statement is", "statements are",
       " left for finalize-schema-post-data-import (NOT VALID constraints, event triggers, settings)");
  note(report.left_out.size(), "option", "options", " left out, which the target does not know");
  note(report.not_run.size(), "statement", "statements", " not run, or not as it stands (schema/not_run.sql)");
  note(report.failed.size(), "statement", "statements", " failed (schema/failed.sql)");
  note(report.not_refreshed, "materialized view was", "materialized views were", " not refreshed");
}

ExitCode finalize(Session& session) {
  const Values& values = session.values();
  settle_schema(session, false);
  const Endpoint target = target_endpoint(session);
  FlowRun run(session);
  model::ProgressBoard board("finalize-schema");
  migration::ImportSchemaReport report;
  {
    const ProgressDisplay display(session, board, "Finalize schema → " + cli::display(target.options));
    report = migration::finalize_schema(*target.product, target.options,
                                        {.export_dir = session.export_dir(),
                                         .run_guardrails = values.on("run-guardrails-checks"),
                                         .continue_on_error = values.on("continue-on-error"),
                                         .ignore_exist = values.on("ignore-exist"),
                                         .refresh_mviews = values.on("refresh-mviews")},
                                        session.db(), session.flow(board));
  }
  write_object_report(session);
  show_left_out(session, report);
  show_failures(session, report);
  note_counts(run.summary(), report);
  run.finish(ExitCode::kOk, "verify");
  return ExitCode::kOk;
}

ExitCode run_finalize(Session& session) {
  require_exported_schema(session);
  return finalize(session);
}

ExitCode run_import_schema(Session& session) {
  const Values& values = session.values();
  require_exported_schema(session);
  if (values.on("post-snapshot-import")) return finalize(session);
  if (values.on("refresh-mviews")) {
    session.console().notice(NoticeLevel::kWarning,
                             "--refresh-mviews acts only together with --post-snapshot-import true");
  }
  settle_schema(session, true);
  const Endpoint target = target_endpoint(session);
  FlowRun run(session);
  const migration::ImportSchemaOptions options = {.export_dir = session.export_dir(),
                                                  .start_clean = values.on("start-clean"),
                                                  .run_guardrails = values.on("run-guardrails-checks"),
                                                  .continue_on_error = values.on("continue-on-error"),
                                                  .ignore_exist = values.on("ignore-exist"),
                                                  .straight_order = values.on("straight-order"),
                                                  .object_types = values.list("object-type-list"),
                                                  .excluded_object_types = values.list("exclude-object-type-list")};
  migration::SchemaToImport checked =
      migration::check_import_schema(*target.product, target.options, options, session.db(), session.console());
  bring_analysis_report(session, checked.traits);
  const migration::ImportSchemaReport report =
      migration::import_schema(std::move(checked), options, session.db(), session.flow());
  write_object_report(session);
  show_left_out(session, report);
  show_failures(session, report);
  note_counts(run.summary(), report);
  run.finish(ExitCode::kOk, "export data");
  return ExitCode::kOk;
}

}  // namespace

void add_schema_commands(std::vector<Command>& all) {
  all.push_back(
      {.path = "import schema",
       .id = "import-schema",
       .summary = "Run the exported schema on the target",
       .examples = {{"into database shop",
                     "yb-voyager import schema --export-dir shop --target-db-host yb1 "
                     "--target-db-user mig --target-db-name shop"},
                    {"after an interruption", "yb-voyager import schema --config-file shop.yaml --ignore-exist true"}},
       .groups = {target_flags(),
                  target_type_flags(),
                  {"Schema", kImportFlags},
                  guardrail_flags(),
                  output_flags(),
                  global_flags()},
       .required = {"export-dir", "target-db-user"},
       .sections = {"import-schema"},
       .databases = {"target"},
       .workspace = Workspace::kOptional,
       .check = check_import_flags,
       .run = run_import_schema});
  all.push_back(
      {.path = "finalize-schema-post-data-import",
       .id = "finalize-schema-post-data-import",
       .summary = "Build on the target what had to wait for the rows",
       .examples = {{"with materialized views",
                     "yb-voyager finalize-schema-post-data-import --export-dir shop "
                     "--target-db-host yb1 --target-db-user mig --target-db-name shop --refresh-mviews true"}},
       .groups = {target_flags(),
                  target_type_flags(),
                  {"Schema", kFinalizeFlags},
                  guardrail_flags(),
                  output_flags(),
                  global_flags()},
       .required = {"export-dir", "target-db-user"},
       .sections = {"finalize-schema-post-data-import"},
       .databases = {"target"},
       .workspace = Workspace::kOptional,
       .check = check_import_flags,
       .run = run_finalize});
}

}  // namespace voyager::cli

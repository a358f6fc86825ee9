// export schema.
#include <fmt/format.h>
#include <malloc.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/analysis_settings.h"
#include "cli/assess_run.h"
#include "cli/command.h"
#include "cli/connections.h"
#include "cli/connectors.h"
#include "cli/export_options.h"
#include "cli/flow_run.h"
#include "cli/report_files.h"
#include "cli/version.h"
#include "migration/assess/assessment_folder.h"
#include "migration/schema/export_schema.h"
#include "migration/schema/object_accounts.h"
#include "migration/state/migration_record.h"
#include "migration/state/status.h"
#include "report/numbers.h"
#include "report/object_report.h"
#include "report/optimization_report.h"

namespace voyager::cli {
namespace {

using enum FlagKind;
using base::ExitCode;
using model::NoticeLevel;

constexpr const char* kOptimizationReport = "schema_optimization_report.json";

const std::vector<Flag> kExportFlags = {
    {.name = "start-clean",
     .kind = kBoolean,
     .help = "remove an earlier export of the schema first",
     .fallback = "false"},
    {.name = "comments-on-objects", .kind = kBoolean, .help = "export COMMENT ON statements too", .fallback = "false"},
    {.name = "owners",
     .kind = kBoolean,
     .help = "export who owns the objects; a role that the target lacks leaves them with the user that imports",
     .fallback = "true"},
    {.name = "grants",
     .kind = kBoolean,
     .help = "export rights: GRANT, REVOKE and default privileges",
     .fallback = "true"},
    {.name = "roles-file",
     .kind = kPath,
     .help = "file for the statements that make the roles which the schema names; nothing runs it (default: "
             "schema/roles.sql of the export directory)"},
    {.name = "allow-unexplained-objects",
     .kind = kBoolean,
     .help = "go on when an object of the catalogue is not accounted for; reports/objects.json lists it as left out",
     .fallback = "false"},
    {.name = "object-type-list",
     .kind = kList,
     .help = "object types to export (default: all)",
     .excludes = "exclude-object-type-list"},
    {.name = "exclude-object-type-list", .kind = kList, .help = "object types to leave out"},
    {.name = "explain-type",
     .help =
         "say of one column, as DATABASE.TABLE.COLUMN or TABLE.COLUMN, which type it gets and why, and end (MySQL)"},
    {.name = "use-orafce", .kind = kBoolean, .fallback = "true", .hidden = true},
    {.name = "skip-colocation-recommendations",
     .kind = kBoolean,
     .help = "leave tables as they are where the assessment recommends to colocate or to shard them",
     .fallback = "false"},
    {.name = "skip-performance-recommendations",
     .kind = kBoolean,
     .help = "leave out the changes that make keys and indexes suit YugabyteDB",
     .fallback = "false"},
    {.name = "assessment-report-path",
     .kind = kPath,
     .help = "JSON report of assess-migration to follow (default: the assessment of this export directory)"},
    {.name = "assess-schema-before-export", .kind = kBoolean, .fallback = "true", .hidden = true},
};

void check_export_flags(const Values& values) {
  check_source_flags(values);
  check_target_flags(values);
  check_type_rules(values);
}

/// The C library keeps the room of large texts that are gone, in pieces that the next one does not fit into; a schema
/// of 20,000 tables is several dozens of them. Those above 1 MiB go back to the system.
void give_large_texts_back() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 1024 * 1024);
#endif
}

void write_optimization_report(Session& session, model::SchemaOptimization& optimization) {
  const std::filesystem::path folder = session.export_dir() / "reports";
  const std::filesystem::path json = folder / kOptimizationReport;
  const std::filesystem::path html = std::filesystem::path(json).replace_extension(".html");
  if (optimization.optimizations.empty()) {
    std::error_code ignored;  // Of an export that was killed.
    std::filesystem::remove(json, ignored);
    std::filesystem::remove(html, ignored);
    return;
  }
  optimization.program_version = kVersion;
  optimization.made_at = base::utc_now();
  ReportFiles files;  // Not a list in braces, which would copy the texts.
  files.emplace_back(json, report::optimization_json(optimization));
  files.emplace_back(html, report::optimization_html(optimization));
  replace_reports(session, files);
}

/// What the assessment of this migration, or the report that the user names, recommends.
migration::Recommendations find_recommendations(Session& session) {
  const Values& values = session.values();
  migration::Recommendations found;
  if (is_plain_target(values)) return found;
  const std::string& named = values.text("assessment-report-path");
  const std::filesystem::path own = migration::assessment_db_file(session.export_dir());
  if (!values.on("skip-performance-recommendations")) migration::read_redundant_indexes(own, found);
  if (values.on("skip-colocation-recommendations")) return found;
  if (!named.empty()) {
    found.colocation = migration::reported_colocation(named);
  } else if (!migration::assessment_done(session.db())) {
    found.colocation.why_none = "assess-migration has not been run for this migration";
  } else if (!std::filesystem::exists(own)) {
    found.colocation.why_none = fmt::format("the assessment's database {} is not there", own.string());
    session.console().notice(NoticeLevel::kWarning, found.colocation.why_none);
  } else {
    found.colocation = migration::assessed_colocation(own);
  }
  return found;
}

migration::ExportSchemaOptions export_options(Session& session) {
  const Values& values = session.values();
  return {.export_dir = session.export_dir(),
          .start_clean = values.on("start-clean"),
          .run_guardrails = values.on("run-guardrails-checks"),
          .comments = values.on("comments-on-objects"),
          .owners = values.on("owners"),
          .grants = values.on("grants"),
          .roles_file = values.text("roles-file"),
          .object_types = values.list("object-type-list"),
          .excluded_object_types = values.list("exclude-object-type-list"),
          .merge_constraints = !values.knob_on("YB_VOYAGER_SKIP_MERGE_CONSTRAINTS_TRANSFORMATIONS", false),
          .target = std::string(target_product(values.text("target-db-type")).product),
          .sharding_target = !is_plain_target(values),
          .colocation_recommendations = !values.on("skip-colocation-recommendations"),
          .performance_recommendations = !values.on("skip-performance-recommendations"),
          .recommendations = find_recommendations(session)};
}

void show_optimization(Session& session, const migration::ExportSchemaReport& report) {
  Console& console = session.console();
  for (const std::filesystem::path& backup : report.backups)
    console.line(fmt::format("The file as the source has it is kept as: {}", backup.string()));
  if (report.optimization.optimizations.empty()) return;
  console.line("Changes to the schema:");
  std::string summary = report::optimization_summary(report.optimization);
  while (!summary.empty() && summary.back() == '\n') summary.pop_back();
  console.line(summary);
  console.line(
      fmt::format("Each with its reason: {}",
                  (session.export_dir() / "reports" / kOptimizationReport).replace_extension(".html").string()));
}

void show_objects(Session& session, const migration::ExportSchemaReport& report) {
  Console& console = session.console();
  if (report.objects.empty()) return;
  console.line(report::object_summary(report.objects));
  for (const std::string& line : migration::reasons_left_out(report.objects))
    console.notice(NoticeLevel::kInfo, "left out: " + line);
  console.line(fmt::format("Each of them: {}", (session.export_dir() / "reports" / "objects.json").string()));
  if (!report.roles_file.empty())
    console.line(
        fmt::format("Roles that the schema names, to be made on the target first: {}", report.roles_file.string()));
}

/// What becomes of one column's type. Nothing is written.
ExitCode explain_type(Session& session, const Endpoint& source) {
  const std::string& name = session.values().text("explain-type");
  if (!source.product->converts_types) {
    base::fail(ExitCode::kUsage, fmt::format("--explain-type is not for a {} source", source.options.product),
               "its types stay what they are", {"leave it out"});
  }
  const auto found = source.product->schema_source(source.options)->explain_type(base::split(name, '.'));
  if (!found) {
    base::fail(ExitCode::kUsage, fmt::format("--explain-type: there is no column {}", name), {},
               {"name it as the source does: TABLE.COLUMN"});
  }
  std::string text = fmt::format("{}\n  on the source: {}\n  on the target: {}\n  because:       {}\n", found->column,
                                 found->source_type, found->target_type, found->why);
  text += fmt::format("  its values:    {}\n",
                      found->value_rules.empty()
                          ? "no rule: the first that the target cannot hold stops the export (--value-rules)"
                          : "the rule " + base::join(found->value_rules, ", "));
  session.console().answer(text);
  return ExitCode::kOk;
}

ExitCode run_export_schema(Session& session) {
  give_large_texts_back();
  Endpoint source = source_endpoint(session);
  // An export that begins anew has no rules of the earlier one.
  if (session.values().on("start-clean") && !session.values().given("type-rules")) source.options.type_rules = {};
  if (session.values().given("explain-type")) return explain_type(session, source);
  FlowRun run(session);
  if (!migration::export_schema_done(session.db()) || session.values().on("start-clean"))
    assess_before_export(session, source);
  migration::ExportSchemaReport report = migration::export_schema(
      *source.product, source.options, export_options(session), session.db(), session.db(), session.flow());
  Console& console = session.console();
  if (report.already_exported) {
    console.line("Schema is already exported. Use --start-clean true to export it again: " + session.resume_command() +
                 " --start-clean true");
    return ExitCode::kOk;
  }
  write_object_report(session);
  write_optimization_report(session, report.optimization);
  migration::finish_export_schema(report, session.values().on("allow-unexplained-objects"), session.db());
  migration::change_record(session.db(),
                           [&](migration::MigrationRecord& record) { record.type_rules = source.options.type_rules; });
  if (report.constraints_merged > 0)
    console.line("Primary keys and checks moved into CREATE TABLE: " + base::format_count(report.constraints_merged));
  console.notice(NoticeLevel::kSuccess, fmt::format("Exported schema files created under directory: {}",
                                                    (session.export_dir() / "schema").string()));
  show_objects(session, report);
  show_optimization(session, report);
  if (report.uncategorized > 0) {
    console.notice(
        NoticeLevel::kWarning,
        fmt::format("{} statements fit nowhere and are in {}: look at them and run them by hand if you need them",
                    report.uncategorized, (session.export_dir() / "schema" / "uncategorized.sql").string()));
  }
  run.summary().moves_rows = false;
  run.summary().notes.push_back(report::counted(report.files.size(), "schema file", "schema files"));
  run.finish(ExitCode::kOk, is_plain_target(session.values()) ? "import schema" : "analyze-schema");
  return ExitCode::kOk;
}

}  // namespace

void add_export_schema_command(std::vector<Command>& all) {
  all.push_back(
      {.path = "export schema",
       .id = "export-schema",
       .summary = "Write the source's schema as files below schema/",
       .examples = {{"one schema",
                     "yb-voyager export schema --export-dir shop --source-db-type postgresql "
                     "--source-db-host db1 --source-db-user mig --source-db-name shop --source-db-schema public"},
                    {"settings from a file", "yb-voyager export schema --config-file shop.yaml"}},
       .groups = {source_flags(),
                  dump_program_flags(),
                  target_type_flags(),
                  {"Schema", kExportFlags},
                  type_rule_flags(),
                  guardrail_flags(),
                  output_flags(),
                  global_flags()},
       .required = {"source-db-type", "source-db-user", "source-db-name", "source-db-schema"},
       .sections = {"export-schema"},
       .databases = {"source", "target"},
       .workspace = Workspace::kCreates,
       .check = check_export_flags,
       .run = run_export_schema});
}

}  // namespace voyager::cli

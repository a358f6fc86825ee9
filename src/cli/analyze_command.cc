// analyze-schema: which parts of an exported schema will not work on the target.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/connectors.h"
#include "cli/flow_run.h"
#include "cli/version.h"
#include "migration/analyze/analyze_schema.h"
#include "migration/schema/status.h"
#include "report/schema_report.h"

namespace voyager::cli {
namespace {

using enum FlagKind;
using base::ExitCode;
using model::NoticeLevel;

const std::vector<Flag> kAnalyzeFlags = {
    {.name = "output-format",
     .kind = kChoice,
     .help = "form of the report (default: html and json); json also goes to standard output",
     .choices = {"html", "txt", "json", "xml", "sarif"}},
    {.name = "target-db-version",
     .help = "version of YugabyteDB that the schema is for, as A.B.C.D (default: latest stable, after a question)"},
    {.name = "fail-on",
     .kind = kChoice,
     .help = "end with code 3 when an issue of this level or a higher one is found",
     .choices = {"level-1", "level-2", "level-3"}},
};

struct Format {
  std::string_view name = {};
  std::string (*write)(const model::SchemaAnalysis& analysis) = nullptr;
};
constexpr std::array kFormats = {
    Format{"html", report::schema_report_html},   Format{"json", report::schema_report_json},
    Format{"txt", report::schema_report_text},    Format{"xml", report::schema_report_xml},
    Format{"sarif", report::schema_report_sarif},
};

bool is_plain_target(const Values& values) {
  const std::string& type = values.text("target-db-type");
  return !type.empty() && target_product(type).product == plain_target_product().product;
}

void check(const Values& values) {
  const std::string& version = values.text("target-db-version");
  if (!version.empty() && !migration::check_target_version(version).well_formed) {
    base::fail(ExitCode::kUsage, fmt::format("--target-db-version \"{}\" is no version", version), {},
               {fmt::format("give four numbers, for instance {}", migration::default_target_version())});
  }
  if (is_plain_target(values) && !version.empty()) {
    base::fail(ExitCode::kUsage,
               "--target-db-version is a version of YugabyteDB and has no meaning for another target");
  }
}

void require_schema(Session& session) {
  if (session.has_state() && migration::export_schema_done(session.db()) &&
      std::filesystem::is_directory(session.export_dir() / "schema"))
    return;
  throw base::Error({.code = "DIR-011",
                     .exit = ExitCode::kState,
                     .title = "schema is not exported yet",
                     .where = session.export_dir().string(),
                     .fix = {session.next_command("export schema")},
                     .then = "nothing was changed"});
}

/// Empty for a target that is not YugabyteDB. Asks where the answer is not given.
std::string target_version(Session& session) {
  const Values& values = session.values();
  if (is_plain_target(values)) return {};
  const std::string latest = migration::default_target_version();
  const std::string& given = values.text("target-db-version");
  const migration::VersionCheck known = migration::check_target_version(given);
  if (known.known) return given;
  const std::string why =
      given.empty() ? "No target version is given."
                    : fmt::format("Nothing is known about version {} (known series: {}).", given, known.known_series);
  const model::Question question{.text = fmt::format("{} Analyse for the latest stable version, {}?", why, latest),
                                 .flag = fmt::format("--target-db-version {}, or --yes", latest)};
  if (session.console().confirm(question)) return latest;
  base::fail(ExitCode::kNoAnswer, "no target version to analyse for", {},
             {fmt::format("give it: --target-db-version {}", latest)});
}

bool looks_into_bodies() {
  const char* text = std::getenv("REPORT_UNSUPPORTED_PLPGSQL_OBJECTS");
  return text == nullptr || base::parse_bool(text).value_or(true);
}

void add_source(Session& session, model::SchemaAnalysis& analysis) {
  analysis.program_version = kVersion;
  const nlohmann::json status = nlohmann::json::parse(session.db().json("migration_status"), nullptr, false);
  const nlohmann::json source =
      status.is_object() ? status.value("SourceDBConf", nlohmann::json::object()) : nlohmann::json::object();
  if (!source.is_object()) return;
  analysis.database = source.value("db_name", "");
  analysis.database_version = source.value("db_version", "");
  for (const model::Identifier& schema : migration::source_schemas(session.db()))
    analysis.schemas.push_back(schema.catalog_text());
}

/// All texts are made before the first file is touched.
void write_reports(Session& session, const model::SchemaAnalysis& analysis) {
  const std::string& wanted = session.values().text("output-format");
  std::vector<std::pair<std::filesystem::path, std::string>> files;
  for (const Format& format : kFormats) {
    const bool by_default = wanted.empty() && (format.name == "html" || format.name == "json");
    if (!by_default && format.name != wanted) continue;
    files.emplace_back(session.export_dir() / "reports" / fmt::format("schema_analysis_report.{}", format.name),
                       format.write(analysis));
  }
  std::filesystem::create_directories(session.export_dir() / "reports");
  for (const auto& [path, text] : files) {
    if (std::filesystem::exists(path)) {
      base::rename_durably(path, path.string() + ".bak");
      session.console().notice(NoticeLevel::kInfo,
                               fmt::format("the report of the last run is kept as {}.bak", path.filename().string()));
    }
    base::write_file_atomically(path, text);
    session.console().line(fmt::format("-- find schema analysis report at: {}", path.string()));
  }
}

ExitCode outcome(const Values& values, const model::SchemaAnalysis& analysis) {
  const std::string& limit = values.text("fail-on");
  if (limit.empty()) return ExitCode::kOk;
  const int level = limit.back() - '0';
  const bool crossed =
      std::ranges::any_of(analysis.issues, [level](const model::AnalysisIssue& issue) { return issue.level >= level; });
  return crossed ? ExitCode::kLimitCrossed : ExitCode::kOk;
}

ExitCode run(Session& session) {
  warn_without_effect(session);
  require_schema(session);
  const std::string version = target_version(session);
  FlowRun run(session);
  std::map<std::string, std::string> previous;
  const bool has_previous = migration::read_findings(session.db(), previous);
  model::SchemaAnalysis analysis = migration::analyze_schema({.export_dir = session.export_dir(),
                                                              .target_version = version,
                                                              .bodies = looks_into_bodies(),
                                                              .previous = has_previous ? &previous : nullptr},
                                                             session.stop());
  add_source(session, analysis);
  session.console().line(fmt::format("Target: {}", analysis.target));
  write_reports(session, analysis);
  migration::keep_findings(session.db(), analysis);
  session.console().answer(session.console().machine_output() ? report::schema_report_json(analysis)
                                                              : report::schema_report_summary(analysis));
  const ExitCode exit = outcome(session.values(), analysis);
  run.summary().moves_rows = false;
  run.summary().notes.push_back(fmt::format("{} statements, {} issues", analysis.statements, analysis.issues.size()));
  run.finish(exit, analysis.issues.empty() ? "import schema" : "analyze-schema");
  return exit;
}

}  // namespace

void add_analyze_command(std::vector<Command>& all) {
  all.push_back(
      {.path = "analyze-schema",
       .id = "analyze-schema",
       .summary = "Tell what of the exported schema will not work on the target",
       .examples = {{"for one version", "yb-voyager analyze-schema --export-dir shop --target-db-version 2025.2.3.0"},
                    {"in a pipeline",
                     "yb-voyager analyze-schema --export-dir shop --yes --output-format sarif --fail-on level-2"}},
       .groups = {target_type_flags(), {"Analysis", kAnalyzeFlags}, output_flags(), global_flags()},
       .sections = {"analyze-schema"},
       .databases = {"target"},
       .workspace = Workspace::kStarted,
       .check = check,
       .run = run});
}

}  // namespace voyager::cli

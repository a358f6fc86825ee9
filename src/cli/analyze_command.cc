// analyze-schema: which parts of an exported schema will not work on the target.
#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "cli/analysis_report.h"
#include "cli/analysis_settings.h"
#include "cli/command.h"
#include "cli/flow_run.h"
#include "migration/analyze/analyze_schema.h"
#include "migration/state/status.h"
#include "report/numbers.h"
#include "report/schema_report.h"

namespace voyager::cli {
namespace {

using enum FlagKind;
using base::ExitCode;

const std::vector<Flag> kAnalyzeFlags = {
    {.name = "output-format",
     .kind = kChoice,
     .help = "form of the report (default: html and json); json and sarif also go to standard output",
     .choices = {"html", "txt", "json", "xml", "sarif"}},
    {.name = "target-db-version",
     .help = "version of YugabyteDB that the schema is for, as A.B.C.D (default: latest stable, after a question)"},
    {.name = "fail-on",
     .kind = kChoice,
     .help = "end with code 3 when an issue of this level or a higher one is found",
     .choices = {"level-1", "level-2", "level-3"}},
    {.name = "anonymize",
     .kind = kBoolean,
     .help = "write the report a second time with all names replaced, to show it to others",
     .fallback = "false"},
};

std::vector<std::string_view> forms_of(const Values& values) {
  const std::string& wanted = values.text("output-format");
  if (wanted.empty()) return {"html", "json"};
  return {wanted};
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

ExitCode outcome(const Values& values, const model::SchemaAnalysis& analysis) {
  const std::string& limit = values.text("fail-on");
  if (limit.empty()) return ExitCode::kOk;
  const int level = limit.back() - '0';
  const bool crossed =
      std::ranges::any_of(analysis.issues, [level](const model::AnalysisIssue& issue) { return issue.level >= level; });
  return crossed ? ExitCode::kLimitCrossed : ExitCode::kOk;
}

// On standard output is what a program reads, where a form for one is asked for, and then people read the rest beside it.
void tell(Session& session, const model::SchemaAnalysis& analysis) {
  Console& console = session.console();
  if (console.machine_output()) return console.answer(report::schema_report_json(analysis));
  if (session.values().text("output-format") != "sarif") return console.answer(report::schema_report_summary(analysis));
  console.answer(report::schema_report_sarif(analysis));
  console.line(report::schema_report_summary(analysis));
}

ExitCode run(Session& session) {
  require_schema(session);
  const std::string version = target_version(session, "Analyse");
  FlowRun run(session);
  std::map<std::string, std::string> previous;
  const bool has_previous = migration::read_findings(session.db(), previous);
  const model::SchemaAnalysis analysis = analyse_exported_schema(session, version, has_previous ? &previous : nullptr);
  session.console().line(fmt::format("Target: {}", analysis.target));
  write_analysis_reports(session, analysis, forms_of(session.values()), session.values().on("anonymize"));
  migration::keep_findings(session.db(), analysis);
  tell(session, analysis);
  const ExitCode exit = outcome(session.values(), analysis);
  run.summary().moves_rows = false;
  run.summary().notes.push_back(report::counted(analysis.statements, "statement", "statements") + ", " +
                                report::counted(analysis.issues.size(), "issue", "issues"));
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
       .check = check_target_version_flag,
       .run = run});
}

}  // namespace voyager::cli

// compare-performance: is the workload as quick on the target as it was on the source?
#include <fmt/format.h>

#include "base/error.h"
#include "cli/command.h"
#include "cli/connections.h"
#include "cli/flow_run.h"
#include "cli/report_files.h"
#include "cli/version.h"
#include "migration/assess/assessment_folder.h"
#include "migration/performance/compare_performance.h"
#include "migration/state/status.h"
#include "report/numbers.h"
#include "report/performance_report.h"

namespace voyager::cli {
namespace {

using enum FlagKind;
using base::ExitCode;

constexpr std::string_view kSourceProduct = "postgresql";

const std::vector<Flag> kCompareFlags = {
    {.name = "start-clean", .kind = kBoolean, .help = "replace the reports of an earlier run", .fallback = "false"},
    answer_format_flag("table", "table, or json on standard output; both reports are written either way"),
};

void check(const Values& values) {
  check_target_flags(values);
}

struct ReportPaths {
  std::filesystem::path json = {};
  std::filesystem::path html = {};
};

ReportPaths report_paths(const Session& session) {
  const std::filesystem::path folder = session.export_dir() / "reports";
  return {folder / "performance_comparison_report.json", folder / "performance_comparison_report.html"};
}

void require_assessment(Session& session, const migration::NotedDatabase& source) {
  if (!migration::assessment_done(session.db())) {
    const bool by_product = migration::assessment_done_by_export_schema(session.db());
    throw base::Error({.code = "CMP-001",
                       .exit = ExitCode::kState,
                       .title = "the source was not assessed",
                       .where = session.export_dir().string(),
                       .cause = by_product ? "export schema assessed it by the way, which does not count: run "
                                             "assess-migration itself"
                                           : "the source's queries come from assess-migration",
                       .fix = {session.next_command("assess-migration")},
                       .then = "nothing was changed"});
  }
  if (source.product.empty() || source.product == kSourceProduct) return;
  throw base::Error({.code = "CMP-002",
                     .exit = ExitCode::kState,
                     .title = "queries can be compared with a PostgreSQL source only",
                     .where = session.export_dir().string(),
                     .cause = fmt::format("the source of this migration is {}", source.product),
                     .fix = {"compare on the application's side"},
                     .then = "nothing was changed"});
}

/// Reports of a finished run stay unless the user gives them up; those of an unfinished one are worth nothing.
void make_way(Session& session, const ReportPaths& files) {
  const bool done = migration::comparison_done(session.db()) && std::filesystem::exists(files.json) &&
                    std::filesystem::exists(files.html);
  if (!done) {
    std::filesystem::remove(files.json);
    std::filesystem::remove(files.html);
    return;
  }
  if (session.values().on("start-clean")) return;
  throw base::Error({.code = "CMP-006",
                     .exit = ExitCode::kState,
                     .title = "the performance was compared already",
                     .where = files.html.string(),
                     .fix = {session.resume_command() + " --start-clean true"},
                     .then = "the reports were left as they are"});
}

/// All texts are made before the first file is touched. Until both files are new, the state says that none counts.
void write_reports(Session& session, const ReportPaths& files, const std::string& json,
                   const model::PerformanceComparison& comparison) {
  const ReportFiles texts = {{files.json, json}, {files.html, report::performance_html(comparison)}};
  migration::note_comparison(session.db(), false);
  replace_reports(session, texts);
  migration::note_comparison(session.db(), true);
}

void tell(Session& session, const ReportPaths& files, const std::string& json,
          const model::PerformanceComparison& comparison) {
  Console& console = session.console();
  console.notice(model::NoticeLevel::kSuccess, "Performance comparison completed");
  console.line("  JSON report: " + files.json.string());
  console.line("  HTML report: " + files.html.string());
  console.answer(console.machine_output() ? json : report::performance_summary(comparison, console.answer_style()));
}

ExitCode run(Session& session) {
  const ReportPaths files = report_paths(session);
  const migration::NotedDatabase source =
      migration::compared_source(session.db(), migration::assessment_report_file(session.export_dir()));
  require_assessment(session, source);
  make_way(session, files);
  const auto before = migration::assessed_queries(migration::assessment_db_file(session.export_dir()));
  const Endpoint target = target_endpoint(session);
  FlowRun run(session);
  session.console().line(
      fmt::format("Comparing {} queries of the source with those of {}", before.size(), display(target.options)));
  model::PerformanceComparison comparison =
      migration::compare_performance(before, *target.product, target.options, session.stop());
  comparison.program_version = kVersion;
  comparison.source_product = source.product.empty() ? kSourceProduct : source.product;
  comparison.source_database = source.database;
  comparison.source_version = source.version;
  const std::string json = report::performance_json(comparison);
  write_reports(session, files, json, comparison);
  tell(session, files, json, comparison);
  run.summary().moves_rows = false;
  run.summary().notes.push_back(report::counted(comparison.all.size(), "query", "queries") + " compared");
  run.finish(ExitCode::kOk, "end migration");
  return ExitCode::kOk;
}

}  // namespace

void add_compare_command(std::vector<Command>& all) {
  all.push_back(
      {.path = "compare-performance",
       .id = "compare-performance",
       .summary = "Compare how long queries take on the target and took on the source",
       .examples = {{"settings from a file", "yb-voyager compare-performance --config-file shop.yaml"},
                    {"again, as JSON",
                     "yb-voyager compare-performance --config-file shop.yaml --start-clean true --output-format json"}},
       .groups = {target_flags(), target_type_flags(), {"Comparison", kCompareFlags}, output_flags(), global_flags()},
       .required = {"target-db-user"},
       .sections = {"compare-performance"},
       .databases = {"target"},
       .workspace = Workspace::kStarted,
       .starts_over = true,
       .check = check,
       .run = run});
}

}  // namespace voyager::cli

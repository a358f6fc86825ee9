// The page of assess-migration, from top to bottom.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "report/assessment_figures.h"
#include "report/assessment_report.h"
#include "report/assessment_sections.h"
#include "report/charts.h"
#include "report/equal_issues.h"
#include "report/issue_list.h"
#include "report/issue_overview.h"
#include "report/numbers.h"
#include "report/page.h"
#include "report/server_version.h"

namespace voyager::report {
namespace {

using model::AnalysisIssue;
using model::Assessment;

// The report lies in assessment/reports of the export directory.
constexpr std::string_view kRoot = "../../";

Tile complexity_tile(const Assessment& assessment) {
  const std::string& level = assessment.complexity.level;
  const std::string grade = grade_of(assessment);
  const int part = level == "LOW" ? 0 : level == "MEDIUM" ? 1 : level == "HIGH" ? 2 : -1;
  return {.label = "Complexity",
          .note = fmt::format("{}: {}", level, grade_words(grade)),
          .picture = gauge_svg(fmt::format("Complexity {}{}{}", level, grade.empty() ? "" : ", grade ", grade), part,
                               grade.empty() ? "?" : grade)};
}

Tile share_tile(const Assessment& assessment) {
  const Share share = share_of(assessment.analysis);
  std::string note = fmt::format("{} of {} objects", base::format_count(share.objects - share.objects_by_hand),
                                 base::format_count(share.objects));
  if (share.statements > 0) {
    note += fmt::format("; {} of {} statements have no issue",
                        base::format_count(share.statements - share.statements_with_issues),
                        base::format_count(share.statements));
  }
  return {"Goes over without hand work", fmt::format("{} %", percent_without(share.objects, share.objects_by_hand)),
          note};
}

Tile effort_tile(const Assessment& assessment) {
  const Effort effort = effort_of(assessment.analysis.issues);
  std::vector<std::string> words;
  for (const EffortBandSum& band : effort.bands) {
    if (band.issues > 0)
      words.push_back(fmt::format("{} {}: ~{}", base::format_count(band.issues), band.band, short_effort(band.hours)));
  }
  std::string value = effort_text(effort);
  if (const std::size_t to = value.find(" to "); to != std::string::npos) value.replace(to, 4, "–");
  return {"Work by hand", value, words.empty() ? "no issue takes work" : base::join(words, "; ")};
}

Tile cluster_tile(const Assessment& assessment) {
  const model::Sizing& sizing = assessment.sizing;
  if (!sizing.failure.empty()) return {"Import and cluster", "no fit", "no cluster that was tried is large enough"};
  if (sizing.vcpus == 0) return {"Import and cluster", "–", "no cluster is recommended for this target"};
  return {"Import and cluster", import_time_text(sizing.import_minutes),
          fmt::format("{:g} nodes of {} vCPU and {} GiB", sizing.nodes, sizing.vcpus, sizing.memory_gib)};
}

void add_head(Page& page, const Assessment& assessment) {
  const model::SchemaAnalysis& analysis = assessment.analysis;
  std::string mode = assessment.mode;
  if (assessment.replicas() > 0)
    mode += fmt::format(", with {} {}", assessment.replicas(), assessment.replicas() == 1 ? "replica" : "replicas");
  page.subtitle(
      fmt::format("{} on {} → {}", analysis.database, short_version(analysis.database_version), analysis.target));
  page.head({{"schemas", base::join(analysis.schemas, ", ")},
             {"looked at", mode},
             {"made", fmt::format("{} in {} by yb-voyager {}", moment_text(analysis.made_at),
                                  assessment.seconds < 1 ? "under a second" : base::format_duration(assessment.seconds),
                                  analysis.program_version)},
             {"command", assessment.command_line}});
}

std::string issues_html(const Assessment& assessment) {
  const model::SchemaAnalysis& analysis = assessment.analysis;
  const IssueListOptions options{
      .root = std::string(kRoot), .schemas = analysis.schemas, .compared = analysis.change.known};
  const std::vector<const AnalysisIssue*> all = by_weight(analysis.issues);
  if (all.empty()) return "<p>None.</p>";
  std::vector<const AnalysisIssue*> shown;
  std::ranges::copy_if(all, std::back_inserter(shown),
                       [](const AnalysisIssue* issue) { return !is_performance(*issue); });
  return issue_filters_html(all, options) + issue_rows_html(shown, options);
}

}  // namespace

std::string assessment_html(const Assessment& assessment) {
  const model::SchemaAnalysis& analysis = assessment.analysis;
  Page page("Migration assessment");
  add_head(page, assessment);
  page.tiles({complexity_tile(assessment), share_tile(assessment), effort_tile(assessment), cluster_tile(assessment)});
  page.block(complexity_html(assessment) + not_looked_at_html(assessment));
  page.section("todo", "What to do, in order", todo_html(analysis.issues));
  if (!analysis.issues.empty()) page.section("matrix", "Issues by category and level", matrix_html(analysis.issues));
  page.section("issues", "Issues", issues_html(assessment));
  const std::string performance = performance_html(assessment, std::string(kRoot));
  if (!performance.empty()) page.section("performance", "Performance", performance);
  if (!analysis.change.fixed.empty())
    page.section("fixed", "Fixed since the last run", list_html(analysis.change.fixed));
  page.section("inventory", "Inventory", inventory_html(analysis, assessment.redundant_indexes.size()));
  page.section("sizes", "Size", sizes_html(assessment));
  page.section("workload", "Workload", workload_html(assessment));
  page.section("cluster", "Placement and sizing", cluster_html(assessment));
  page.section("changes", "Automatic changes", changes_html(assessment));
  page.section("live", "Fitness for live migration", live_html(assessment));
  const std::string topology = topology_html(assessment);
  if (!topology.empty()) page.section("topology", "Topology", topology);
  const std::string notes = notes_html(assessment, model::NoteKind::kGeneral);
  std::string remarks = analysis.notes.empty() ? "" : list_html(analysis.notes);
  if (!(notes + remarks).empty()) page.section("notes", "Notes", notes + remarks);
  page.section("method", "How the numbers were made", method_html(assessment));
  return page.finish();
}

}  // namespace voyager::report

// The page of analyze-schema.
#include <fmt/format.h>

#include <set>

#include "base/text.h"
#include "report/equal_issues.h"
#include "report/issue_list.h"
#include "report/issue_overview.h"
#include "report/numbers.h"
#include "report/object_report.h"
#include "report/page.h"
#include "report/schema_report.h"
#include "report/server_version.h"

namespace voyager::report {
namespace {

using model::AnalysisIssue;
using model::SchemaAnalysis;

std::string issues_html(const SchemaAnalysis& analysis) {
  if (analysis.issues.empty()) return "<p>None.</p>";
  const IssueListOptions options{.schemas = analysis.schemas, .compared = analysis.change.known};
  const std::vector<const AnalysisIssue*> sorted = by_weight(analysis.issues);
  return issue_filters_html(sorted, options) + issue_rows_html(sorted, options);
}

/// "+3", "-2", "0"
std::string signed_text(long change) {
  return change == 0 ? "0" : fmt::format("{:+}", change);
}

std::vector<Tile> tiles_of(const SchemaAnalysis& analysis) {
  std::set<std::pair<std::string_view, std::string_view>> objects;
  std::size_t total = 0;
  for (const AnalysisIssue& issue : analysis.issues) objects.emplace(issue.object_type, issue.object_name);
  for (const model::AnalysisObjects& one : analysis.objects) total += one.total;
  const model::AnalysisChange& change = analysis.change;
  return {
      {"Issues", base::format_count(analysis.issues.size()),
       fmt::format("{} of level 3, {} of level 2, {} of level 1", analysis.count(3), analysis.count(2),
                   analysis.count(1))},
      {"Objects with issues", base::format_count(objects.size()),
       fmt::format("{} objects in the schema", base::format_count(total))},
      {"Since the last run",
       change.known ? signed_text(static_cast<long>(change.added) - static_cast<long>(change.fixed.size())) : "–",
       change.known ? fmt::format("{} new, {} fixed, {} unchanged", change.added, change.fixed.size(), change.unchanged)
                    : "this is the first run"},
      {"Read", base::format_count(analysis.statements), fmt::format("statements in {} files", analysis.files)}};
}

}  // namespace

std::string schema_report_html(const SchemaAnalysis& analysis) {
  Page page("Schema analysis report");
  page.subtitle(analysis.database.empty() ? analysis.target
                                          : fmt::format("{} for {}", analysis.database, analysis.target));
  page.head({{"target", analysis.target},
             {"database", analysis.database},
             {"version", short_version(analysis.database_version)},
             {"schemas", base::join(analysis.schemas, ", ")},
             {"made", fmt::format("{} by yb-voyager {}", moment_text(analysis.made_at), analysis.program_version)}});
  page.tiles(tiles_of(analysis));
  page.section("todo", "What to do, in order", todo_html(analysis.issues));
  if (!analysis.issues.empty()) page.section("matrix", "Issues by category and level", matrix_html(analysis.issues));
  page.section("issues", "Issues", issues_html(analysis));
  if (!analysis.change.fixed.empty())
    page.section("fixed", "Fixed since the last run", list_html(analysis.change.fixed));
  page.section("inventory", "Inventory", inventory_html(analysis));
  if (!analysis.source_objects.empty())
    page.section("source-objects", "What becomes of every object of the source",
                 object_section_html(analysis.source_objects));
  if (!analysis.notes.empty()) page.section("notes", "Notes", list_html(analysis.notes));
  return page.finish();
}

}  // namespace voyager::report

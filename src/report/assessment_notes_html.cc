// What surrounds the numbers: what is missing, how they were made, and what needs care besides the schema.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "report/assessment_figures.h"
#include "report/assessment_sections.h"
#include "report/equal_issues.h"
#include "report/issue_list.h"
#include "report/page.h"
#include "report/page_table.h"

namespace voyager::report {
namespace {

using model::AnalysisIssue;
using model::Assessment;

constexpr std::size_t kObstaclesMax = 300;

// Most used first.
constexpr std::array<std::string_view, 4> kUsages = {"FREQUENT", "MODERATE", "RARE", "UNUSED"};

std::size_t usage_rank(const AnalysisIssue* issue) {
  return static_cast<std::size_t>(std::ranges::find(kUsages, issue->usage) - kUsages.begin());
}

/// Statements are shown as such, advice as a sentence.
std::string step_html(const std::string& step) {
  if (step.empty()) return {};
  const std::string safe = escape_html(step);
  return "<br>To have it: " + (step.back() == ';' ? "<code>" + safe + "</code>" : safe);
}

std::string definition(std::string_view term, std::string_view text) {
  return fmt::format("<dt>{}</dt><dd>{}</dd>", escape_html(term), escape_html(text));
}

}  // namespace

std::string not_looked_at_html(const Assessment& assessment) {
  if (assessment.not_looked_at.empty())
    return "<p class=\"dim\">Everything that an assessment looks at was there to be looked at.</p>\n";
  std::string html =
      "<section class=\"callout\" aria-labelledby=\"gaps-heading\"><h2 id=\"gaps-heading\">What was not looked "
      "at</h2><ul>";
  for (const model::NotLookedAt& one : assessment.not_looked_at) {
    html += fmt::format("<li><strong>{}</strong>{}{}", escape_html(one.what), one.why.empty() ? "" : ": ",
                        escape_html(one.why));
    for (const std::string& step : base::split(one.fix, '\n')) html += step_html(step);
    html += "</li>";
  }
  return html + "</ul></section>\n";
}

std::string complexity_html(const Assessment& assessment) {
  const std::string grade = grade_of(assessment);
  std::string html = "<p class=\"dim\">";
  if (!assessment.complexity.explanation.empty()) html += escape_html(assessment.complexity.explanation) + " ";
  html +=
      "The rule: more than 20 issues of level 1, more than 10 of level 2 or one of level 3 make it medium; more than "
      "100 of "
      "level 2 or more than 4 of level 3 make it high.";
  if (!grade.empty())
    html += fmt::format(" The digit of {} says what has to be rewritten: {}.", grade, escape_html(grade_words(grade)));
  return html + "</p>\n";
}

std::string performance_html(const Assessment& assessment, const std::string& root) {
  std::vector<const AnalysisIssue*> slow;
  for (const AnalysisIssue* issue : by_weight(assessment.analysis.issues)) {
    if (is_performance(*issue)) slow.push_back(issue);
  }
  if (slow.empty()) return {};
  std::ranges::stable_sort(slow, {}, usage_rank);
  const IssueListOptions options{.id = "performance",
                                 .root = root,
                                 .schemas = assessment.analysis.schemas,
                                 .compared = assessment.analysis.change.known};
  return "<p>All of this works on the target, but it can be slower than it has to be. What is used most comes first. "
         "Use is "
         "told against the busiest object: frequent is from 70 % of its reads or writes on, moderate from 10 % on, "
         "rare "
         "below; unused objects are hardly read and not written.</p>" +
         issue_rows_html(slow, options);
}

std::string live_html(const Assessment& assessment) {
  const std::vector<model::LiveObstacle>& obstacles = assessment.live_obstacles;
  const std::size_t later =
      static_cast<std::size_t>(std::ranges::count_if(assessment.analysis.issues, [](const AnalysisIssue& issue) {
        return issue.phase == "streaming" || issue.phase == "cutover";
      }));
  std::string html;
  if (later > 0)
    html = fmt::format(
        "<p>{} of the issues above show only while changes are streamed or at cutover; look for “shows in”.</p>",
        base::format_count(later));
  if (obstacles.empty()) return "<p>No table was found that could not be migrated live as it is.</p>" + html;
  std::size_t tables = 0;
  for (const model::AnalysisObjects& one : assessment.analysis.objects) tables += one.type == "TABLE" ? one.total : 0U;
  html =
      fmt::format("<p>{}{} cannot be migrated live as they are; an offline migration takes them.</p>",
                  base::format_count(obstacles.size()),
                  tables >= obstacles.size() ? fmt::format(" of {} tables", base::format_count(tables)) : " tables") +
      html;
  PageTable table("Tables that need something before a live migration", {{"Table"}, {"Live"}, {"Why not"}});
  for (std::size_t i = 0; i < obstacles.size() && i < kObstaclesMax; ++i) {
    table.row({escape_html(obstacles[i].table), "<span class=\"badge no\">no</span>",
               escape_html(base::join(obstacles[i].reasons, "; "))});
  }
  html += table.html();
  if (obstacles.size() > kObstaclesMax)
    html += fmt::format("<p class=\"dim\">{} more are in the JSON form of this report.</p>",
                        base::format_count(obstacles.size() - kObstaclesMax));
  return html;
}

std::string topology_html(const Assessment& assessment) {
  if (assessment.replicas() == 0) return {};
  PageTable table(fmt::format("Nodes that were looked at: one primary, {} {}", assessment.replicas(),
                              assessment.replicas() == 1 ? "replica" : "replicas"),
                  {{"Node"}, {"Kind"}, {"Queries"}});
  for (const model::AssessedNode& node : assessment.nodes)
    table.row({escape_html(node.name), node.primary ? "primary" : "replica", node.has_queries ? "read" : "not there"});
  return "<p>Reads are added up over all nodes; writes happen on the primary.</p>" + table.html();
}

std::string notes_html(const Assessment& assessment, model::NoteKind kind) {
  std::string html;
  for (const model::AssessmentNote& note : assessment.notes) {
    if (note.kind != kind) continue;
    html += "<li>" + escape_html(note.text);
    if (!note.link.empty()) html += " " + link_html(note.link, note.link_text.empty() ? note.link : note.link_text);
    html += "</li>";
  }
  return html.empty() ? "" : "<ul>" + html + "</ul>";
}

std::string method_html(const Assessment& assessment) {
  std::string html = "<dl class=\"facts\">";
  html +=
      definition("Hours",
                 "Each kind of issue has an estimate for one person who knows the schema. What goes away with another "
                 "issue counts nothing. The range is the sum, a half less to a half more.");
  html += definition("Bands", "Small: under 2 hours. Medium: 2 to 6. Large: more.");
  html += definition("Without hand work",
                     "Objects without an issue, of all objects. Issues about performance do not count.");
  html += definition("Sizes", "As the source's server tells them, without what it keeps beside its tables (TOAST).");
  if (!assessment.sizing.figures_version.empty()) {
    html += definition("Cluster",
                       fmt::format("Computed from sizes and rates with measurements of YugabyteDB {}. The cheapest "
                                   "cluster that fits is recommended.",
                                   assessment.sizing.figures_version));
    html += definition("Import time",
                       "Computed from the same measurements: rows, bytes, columns and indexes of each table. The "
                       "network between here and there is not in it.");
  }
  html += "</dl><h3>Words</h3><dl class=\"facts\">";
  if (!assessment.analysis.target_version.empty()) {
    html += definition("colocated", "Several small tables share one tablet on one node and its copies.");
    html += definition("sharded", "A table has tablets of its own, spread over all nodes.");
    html += definition("tablet", "A part of a table that is stored and copied as a whole.");
  }
  html += definition("level", "How far an issue reaches: 1 DDL, 2 queries and the application, 3 no simple way round.");
  html += definition("live migration",
                     "The application goes on writing while its data moves; changes are streamed behind.");
  html += definition("cutover", "The moment from which the application uses the target.");
  return html + "</dl>";
}

}  // namespace voyager::report

#include "report/assessment_figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/text.h"

namespace voyager::report {
namespace {

using model::AnalysisIssue;

constexpr double kSmallHours = 2;
constexpr double kMediumHours = 6;
constexpr double kEffortSpread = 0.5;

constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kCategories = {
    {{"unsupported_datatypes", "Columns of types that the target does not have."},
     {"unsupported_features", "Objects and clauses of the schema that the target does not have."},
     {kQueryCategory, "Parts of the application's queries that the target does not run."},
     {"unsupported_plpgsql_objects", "Statements inside routine bodies that the target does not run."},
     {"migration_caveats", "What the target has, but what needs a step of its own on the way there."},
     {kPerformanceCategory, "What works, but slower than it could on a distributed database."}}};

bool is_routine(std::string_view object_type) {
  return object_type == "FUNCTION" || object_type == "PROCEDURE" || object_type == "PACKAGE";
}

bool needs_rewriting(const AnalysisIssue& issue) {
  return !is_performance(issue) && issue.caused_by.empty();
}

}  // namespace

bool is_performance(const AnalysisIssue& issue) {
  return issue.category == kPerformanceCategory;
}

std::string category_description(std::string_view category) {
  for (const auto& [key, sentence] : kCategories) {
    if (key == category) return std::string(sentence);
  }
  return std::string(category);
}

std::string_view effort_band(double hours) {
  if (hours <= 0) return "none";
  if (hours < kSmallHours) return "small";
  return hours <= kMediumHours ? "medium" : "large";
}

Effort effort_of(std::span<const AnalysisIssue> issues) {
  Effort effort;
  for (const AnalysisIssue& issue : issues) {
    for (EffortBandSum& band : effort.bands) {
      if (band.band != effort_band(issue.effort_hours)) continue;
      ++band.issues;
      band.hours += issue.effort_hours;
      effort.hours += issue.effort_hours;
    }
  }
  effort.hours_min = effort.hours * (1 - kEffortSpread);
  effort.hours_max = effort.hours * (1 + kEffortSpread);
  return effort;
}

std::string hours_text(double hours) {
  if (hours >= 10) return base::format_count(static_cast<std::uint64_t>(std::llround(hours)));
  return fmt::format("{:g}", std::round(hours * 2) / 2);
}

std::string short_effort(double hours) {
  constexpr double kMinutesStep = 5;
  if (hours >= 1) return hours_text(hours) + " h";
  return fmt::format("{:g} min", std::max(kMinutesStep, std::round(hours * 60 / kMinutesStep) * kMinutesStep));
}

std::string effort_text(const Effort& effort) {
  if (effort.hours <= 0) return "none";
  if (effort.hours_max < 1) return "under 1 h";
  const std::string from = hours_text(effort.hours_min);
  const std::string to = hours_text(effort.hours_max);
  return from == to ? to + " h" : fmt::format("{} to {} h", from, to);
}

std::string import_time_text(double minutes) {
  const auto whole = static_cast<std::uint64_t>(std::llround(std::max(0.0, minutes)));
  if (whole < 60) return fmt::format("~{} min", whole);
  return fmt::format("~{} h {:02} min", base::format_count(whole / 60), whole % 60);
}

Share share_of(const model::SchemaAnalysis& analysis) {
  Share share{.statements = analysis.statements};
  for (const model::AnalysisObjects& one : analysis.objects) {
    share.objects += one.total;
    share.objects_by_hand += std::min(one.total, one.invalid);
  }
  // A statement is known by the file and the line where it ends.
  std::set<std::pair<std::string_view, int>> touched;
  for (const AnalysisIssue& issue : analysis.issues) {
    if (issue.line > 0 && needs_rewriting(issue)) touched.emplace(issue.file, issue.end_line);
  }
  share.statements_with_issues = std::min(share.statements, touched.size());
  return share;
}

int percent_without(std::size_t total, std::size_t with) {
  return total == 0 ? 100 : static_cast<int>((total - std::min(total, with)) * 100 / total);
}

std::string grade_of(const model::Assessment& assessment) {
  const std::string& level = assessment.complexity.level;
  const char letter = level == "LOW" ? 'A' : level == "MEDIUM" ? 'B' : level == "HIGH" ? 'C' : ' ';
  if (letter == ' ') return {};
  bool routines = false;
  bool triggers = false;
  for (const model::AnalysisObjects& one : assessment.analysis.objects) {
    routines = routines || (is_routine(one.type) && one.total > 0);
    triggers = triggers || (one.type == "TRIGGER" && one.total > 0);
  }
  bool rewriting = false;
  bool code = false;
  for (const AnalysisIssue& issue : assessment.analysis.issues) {
    if (!needs_rewriting(issue)) continue;
    rewriting = true;
    code = code || is_routine(issue.object_type) || issue.object_type == "TRIGGER";
  }
  const int digit = code ? 5 : rewriting ? 4 : routines ? 3 : triggers ? 2 : 1;
  return fmt::format("{}{}", letter, digit);
}

std::string_view grade_words(std::string_view grade) {
  switch (grade.empty() ? '0' : grade.back()) {
    case '1':
      return "nothing to rewrite, no routines or triggers";
    case '2':
      return "nothing to rewrite, triggers go over as they are";
    case '3':
      return "nothing to rewrite, routines go over as they are";
    case '4':
      return "something to rewrite, but no routine or trigger";
    case '5':
      return "routines or triggers to rewrite";
    default:
      return "not graded";
  }
}

std::vector<TouchedQuery> touched_queries(const model::Assessment& assessment) {
  std::unordered_map<std::string_view, std::size_t> issues;
  for (const AnalysisIssue& issue : assessment.analysis.issues) {
    if (issue.category == kQueryCategory) ++issues[issue.sql];
  }
  std::vector<TouchedQuery> touched;
  for (const model::QueryStatistics& query : assessment.queries) {
    if (const auto at = issues.find(query.query); at != issues.end()) touched.push_back({&query, at->second});
  }
  std::ranges::stable_sort(
      touched, [](const TouchedQuery& a, const TouchedQuery& b) { return a.query->total_ms > b.query->total_ms; });
  return touched;
}

std::vector<TableSize> table_sizes(const model::Assessment& assessment) {
  std::vector<TableSize> sizes;
  std::unordered_map<std::string, std::size_t> place;
  for (const model::ObjectFigures& one : assessment.figures) {
    if (one.is_index) continue;
    place.emplace(one.qualified(), sizes.size());
    sizes.push_back({&one, one.bytes.value_or(0)});
  }
  for (const model::ObjectFigures& one : assessment.figures) {
    const auto at = one.is_index ? place.find(one.parent) : place.end();
    if (at == place.end()) continue;
    ++sizes[at->second].indexes;
    sizes[at->second].index_bytes += one.bytes.value_or(0);
  }
  std::ranges::stable_sort(sizes, [](const TableSize& a, const TableSize& b) { return a.total() > b.total(); });
  return sizes;
}

}  // namespace voyager::report

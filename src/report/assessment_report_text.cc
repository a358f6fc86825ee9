// The assessment in a few lines for the terminal.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "report/assessment_figures.h"
#include "report/assessment_report.h"
#include "report/numbers.h"
#include "report/server_version.h"
#include "report/text_width.h"

namespace voyager::report {
namespace {

using model::Assessment;

constexpr std::size_t kFirstMax = 5;
constexpr std::size_t kNotLookedAtMax = 4;

std::string field(std::string_view name, std::string_view text) {
  return text.empty() ? "" : fmt::format("  {:<15}{}\n", name, text);
}

/// "24: 0 of level 3, 0 of level 2, 1 of level 1, 23 about performance"
std::string issues_words(const model::SchemaAnalysis& analysis) {
  if (analysis.issues.empty()) return "none";
  std::array<std::size_t, 4> counts{};  // About performance, then by level.
  for (const model::AnalysisIssue& issue : analysis.issues) {
    const bool levelled = !is_performance(issue) && issue.level >= 1 && issue.level <= 3;
    ++counts[levelled ? static_cast<std::size_t>(issue.level) : 0];
  }
  std::string text = base::format_count(analysis.issues.size()) + ":";
  for (const std::size_t level : {3U, 2U, 1U})
    text += fmt::format(" {} of level {},", base::format_count(counts[level]), level);
  return text + fmt::format(" {} about performance", base::format_count(counts[0]));
}

std::string hand_words(const Assessment& assessment) {
  const Share share = share_of(assessment.analysis);
  return fmt::format("{}; {} % of {} objects need nothing by hand", effort_text(effort_of(assessment.analysis.issues)),
                     percent_without(share.objects, share.objects_by_hand), base::format_count(share.objects));
}

std::string cluster_words(const model::Sizing& sizing) {
  if (!sizing.failure.empty()) return sizing.failure;
  if (sizing.vcpus == 0) return {};
  const auto count = [](const auto& tables) { return tables ? tables->size() : std::size_t{0}; };
  return fmt::format("{:g} nodes of {} vCPU and {} GiB; {} colocated, {} sharded", sizing.nodes, sizing.vcpus,
                     sizing.memory_gib, counted(count(sizing.colocated), "table", "tables"),
                     base::format_count(count(sizing.sharded)));
}

std::string import_words(const model::Sizing& sizing) {
  if (!sizing.failure.empty() || sizing.vcpus == 0) return {};
  const std::string whole = import_time_text(sizing.import_minutes);
  if (sizing.import_minutes_without_redundant >= sizing.import_minutes) return whole;
  return fmt::format("{}, {} without redundant indexes", whole,
                     import_time_text(sizing.import_minutes_without_redundant));
}

std::string first_words(const model::SchemaAnalysis& analysis) {
  std::map<std::pair<int, std::string_view>, std::size_t> kinds;
  for (const model::AnalysisIssue& issue : analysis.issues) {
    if (!is_performance(issue) && issue.caused_by.empty()) ++kinds[{-issue.level, issue.name}];
  }
  std::string text;
  std::size_t shown = 0;
  for (const auto& [kind, count] : kinds) {
    if (++shown > kFirstMax) break;
    text += fmt::format("  level {}  {:>6}  {}\n", -kind.first, base::format_count(count), kind.second);
  }
  if (kinds.size() > kFirstMax) text += fmt::format("  and {} other kinds\n", kinds.size() - kFirstMax);
  return text.empty() ? "" : "what to do first\n" + text;
}

std::string not_looked_at_words(const Assessment& assessment) {
  std::string text;
  const std::size_t count = assessment.not_looked_at.size();
  for (std::size_t i = 0; i < count && i < kNotLookedAtMax; ++i) {
    const model::NotLookedAt& one = assessment.not_looked_at[i];
    text += fmt::format("not looked at: {}{}{}\n", one.what, one.why.empty() ? "" : ": ", one.why);
  }
  if (count > kNotLookedAtMax) text += fmt::format("not looked at: {} more in the report\n", count - kNotLookedAtMax);
  return text;
}

}  // namespace

std::string assessment_summary(const Assessment& assessment) {
  const model::SchemaAnalysis& analysis = assessment.analysis;
  std::string text = fmt::format("{} ({}) assessed for {}\n", analysis.database,
                                 short_version(analysis.database_version), analysis.target);
  const std::string grade = grade_of(assessment);
  const model::Complexity& complexity = assessment.complexity;
  text += field("complexity", complexity.level + (complexity.reason.empty() ? "" : ": " + complexity.reason));
  text += field("grade", grade.empty() ? "" : fmt::format("{}: {}", grade, grade_words(grade)));
  text += field("issues", issues_words(analysis)) + field("by hand", hand_words(assessment)) +
          field("cluster", cluster_words(assessment.sizing)) + field("import", import_words(assessment.sizing));
  if (!assessment.live_obstacles.empty())
    text += field("live migration",
                  counted(assessment.live_obstacles.size(), "table needs", "tables need") + " something first");
  return printable_lines(text + first_words(analysis) + not_looked_at_words(assessment));
}

}  // namespace voyager::report

// The assessment in a few lines for the terminal.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "report/assessment_figures.h"
#include "report/assessment_report.h"

namespace voyager::report {
namespace {

using model::Assessment;

constexpr std::size_t kFirstMax = 5;
constexpr std::size_t kNotLookedAtMax = 4;

std::string field(std::string_view name, std::string_view text) {
  return text.empty() ? "" : fmt::format("  {:<15}{}\n", name, text);
}

std::string issues_words(const model::SchemaAnalysis& analysis) {
  std::array<std::size_t, 4> counts{};
  std::size_t performance = 0;
  for (const model::AnalysisIssue& issue : analysis.issues) {
    if (is_performance(issue)) {
      ++performance;
    } else {
      ++counts[0];
      if (issue.level >= 1 && issue.level <= 3) ++counts[static_cast<std::size_t>(issue.level)];
    }
  }
  std::string text = counts[0] == 0 ? "none"
                                    : fmt::format("{}: {} of level 3, {} of level 2, {} of level 1",
                                                  base::format_count(counts[0]), counts[3], counts[2], counts[1]);
  if (performance > 0) text += fmt::format("; {} about performance", base::format_count(performance));
  return text;
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
  return fmt::format("{:g} nodes of {} vCPU and {} GiB; {} tables colocated, {} sharded", sizing.nodes, sizing.vcpus,
                     sizing.memory_gib, base::format_count(count(sizing.colocated)),
                     base::format_count(count(sizing.sharded)));
}

std::string import_words(const model::Sizing& sizing) {
  if (!sizing.failure.empty() || sizing.vcpus == 0) return {};
  if (sizing.import_minutes_without_redundant >= sizing.import_minutes)
    return fmt::format("~{:g} min", sizing.import_minutes);
  return fmt::format("~{:g} min, ~{:g} without redundant indexes", sizing.import_minutes,
                     sizing.import_minutes_without_redundant);
}

std::string first_words(const model::SchemaAnalysis& analysis) {
  std::map<std::pair<int, std::string>, std::size_t> kinds;
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
    text += fmt::format("not looked at: {}: {}\n", one.what, one.why);
  }
  if (count > kNotLookedAtMax) text += fmt::format("not looked at: {} more in the report\n", count - kNotLookedAtMax);
  return text;
}

}  // namespace

std::string assessment_summary(const Assessment& assessment) {
  const model::SchemaAnalysis& analysis = assessment.analysis;
  std::string text =
      fmt::format("{} ({}) assessed for {}\n", analysis.database, analysis.database_version, analysis.target);
  const std::string grade = grade_of(assessment);
  text += field("complexity", grade.empty() ? assessment.complexity.level
                                            : fmt::format("{}, grade {}: {}", assessment.complexity.level, grade,
                                                          grade_words(grade)));
  text += field("issues", issues_words(analysis)) + field("by hand", hand_words(assessment)) +
          field("cluster", cluster_words(assessment.sizing)) + field("import", import_words(assessment.sizing));
  if (!assessment.live_obstacles.empty())
    text += field("live migration", fmt::format("{} tables cannot be migrated live as they are",
                                                base::format_count(assessment.live_obstacles.size())));
  return text + first_words(analysis) + not_looked_at_words(assessment);
}

}  // namespace voyager::report

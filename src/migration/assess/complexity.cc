#include "migration/assess/complexity.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace voyager::migration {
namespace {

constexpr std::size_t kLevels = 3;
enum Grade : std::size_t { kLow, kMedium, kHigh };
constexpr std::array kGradeNames = {"LOW", "MEDIUM", "HIGH"};

// The largest count of each level that is still low, and that is still medium. Issues of level 1 alone never make a
// migration hard.
constexpr std::size_t kNoLimit = static_cast<std::size_t>(-1);
constexpr std::array<std::array<std::size_t, 2>, kLevels> kMost = {{{20, kNoLimit}, {10, 100}, {0, 4}}};

using Counts = std::array<std::size_t, kLevels>;

Grade grade_of(std::size_t level, std::size_t count) {
  if (count > kMost[level][kMedium]) return kHigh;
  return count > kMost[level][kLow] ? kMedium : kLow;
}

Counts count_by_level(std::span<const model::AnalysisIssue> issues) {
  Counts counts = {};
  for (const model::AnalysisIssue& issue : issues) {
    const std::size_t level = static_cast<std::size_t>(issue.level) - 1;
    if (level < kLevels) ++counts[level];
  }
  return counts;
}

// The worst level that makes the grade what it is.
std::string reason_of(Grade grade, const Counts& counts) {
  if (grade == kLow) return {};
  for (std::size_t level = kLevels; level-- > 0;) {
    if (grade_of(level, counts[level]) != grade) continue;
    const std::size_t most = kMost[level][grade - 1];
    return most == 0 ? fmt::format("an issue of level {}", level + 1)
                     : fmt::format("more than {} issues of level {}", most, level + 1);
  }
  return {};
}

std::string explanation(Grade grade, const Counts& counts) {
  switch (grade) {
    case kLow:
      return fmt::format("{} issues of level 1 and {} of level 2 were found, which take little effort.", counts[0],
                         counts[1]);
    case kMedium:
      return fmt::format("{} issues of level 1, {} of level 2 and {} of level 3 were found: {} takes some effort.",
                         counts[0], counts[1], counts[2], reason_of(grade, counts));
    case kHigh:
      return fmt::format("{} issues of level 2 and {} of level 3 were found: {} takes a lot of effort.", counts[1],
                         counts[2], reason_of(grade, counts));
  }
  return {};
}

std::string about_performance(std::span<const model::AnalysisIssue> issues) {
  const auto count = std::ranges::count(issues, "performance_optimizations", &model::AnalysisIssue::category);
  return count == 0 ? "" : fmt::format(" Issues about performance count among them ({}).", count);
}

}  // namespace

model::Complexity complexity_of(std::span<const model::AnalysisIssue> issues) {
  const Counts counts = count_by_level(issues);
  Grade grade = kLow;
  for (std::size_t level = 0; level < kLevels; ++level) grade = std::max(grade, grade_of(level, counts[level]));
  return {.level = kGradeNames[grade],
          .reason = reason_of(grade, counts),
          .explanation = explanation(grade, counts) + about_performance(issues)};
}

}  // namespace voyager::migration

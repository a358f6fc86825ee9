#include "migration/assess/complexity.h"

#include <gtest/gtest.h>

#include <array>

namespace voyager::migration {
namespace {

model::Complexity of(std::size_t level_1, std::size_t level_2, std::size_t level_3) {
  std::vector<model::AnalysisIssue> issues;
  const std::array counts = {level_1, level_2, level_3};
  for (std::size_t level = 0; level < counts.size(); ++level)
    issues.insert(issues.end(), counts[level], {.level = static_cast<int>(level) + 1});
  return complexity_of(issues);
}

TEST(Complexity, EachLevelHasItsLimits) {
  EXPECT_EQ(of(0, 0, 0).level, "LOW");
  EXPECT_EQ(of(20, 10, 0).level, "LOW");
  EXPECT_EQ(of(20, 10, 0).reason, "");
  EXPECT_EQ(of(21, 0, 0).level, "MEDIUM");
  EXPECT_EQ(of(100'000, 0, 0).level, "MEDIUM") << "level 1 alone is never HIGH";
  EXPECT_EQ(of(0, 11, 0).level, "MEDIUM");
  EXPECT_EQ(of(0, 100, 0).level, "MEDIUM");
  EXPECT_EQ(of(0, 101, 0).level, "HIGH");
  EXPECT_EQ(of(0, 0, 1).level, "MEDIUM");
  EXPECT_EQ(of(0, 0, 4).level, "MEDIUM");
  EXPECT_EQ(of(0, 0, 5).level, "HIGH");
  EXPECT_EQ(of(21, 11, 5).level, "HIGH") << "the worst of the three";
}

TEST(Complexity, TheExplanationNamesTheCountsThatDecide) {
  EXPECT_EQ(of(2, 3, 0).explanation, "2 issues of level 1 and 3 of level 2 were found, which take little effort.");
  EXPECT_EQ(of(30, 11, 2).explanation,
            "30 issues of level 1, 11 of level 2 and 2 of level 3 were found: an issue of level 3 takes some effort.");
  EXPECT_EQ(
      of(30, 11, 0).explanation,
      "30 issues of level 1, 11 of level 2 and 0 of level 3 were found: more than 10 issues of level 2 takes some effort.");
  EXPECT_EQ(of(30, 101, 2).explanation,
            "101 issues of level 2 and 2 of level 3 were found: more than 100 issues of level 2 takes a lot of effort.");
}

TEST(Complexity, TheExplanationSaysThatPerformanceCounts) {
  std::vector<model::AnalysisIssue> issues(22, {.level = 1});
  issues.front().category = "performance_optimizations";
  EXPECT_EQ(
      complexity_of(issues).explanation,
      "22 issues of level 1, 0 of level 2 and 0 of level 3 were found: more than 20 issues of level 1 takes some effort. "
      "Issues about performance count among them (1).");
}

}  // namespace
}  // namespace voyager::migration

#include "report/performance_report.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "report/performance_sample_testing.h"

namespace voyager::report {
namespace {

using model::MatchKind;
using model::MatchStatus;
using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(PerformanceReport, JsonHasTheDocumentedKeys) {
  const json report = json::parse(performance_json(testing::sample_comparison()));
  EXPECT_EQ(report["GeneratedAt"], "2026-01-02T03:04:05Z");
  EXPECT_EQ(report["SourceDBType"], "postgresql");
  EXPECT_EQ(report["Summary"]["TotalQueries"], 4);
  EXPECT_EQ(report["Summary"]["MatchedQueries"], 2);
  EXPECT_EQ(report["Summary"]["MatchedNormalisedQueries"], 1);
  EXPECT_EQ(report["Summary"]["SourceOnlyQueries"], 1);
  EXPECT_EQ(report["Summary"]["TargetOnlyQueries"], 1);
  EXPECT_EQ(report["Summary"]["TargetDBName"], "<yb>");
  EXPECT_EQ(report["TopByImpact"].size(), 2U);
  EXPECT_EQ(report["TopByImpact"][0], report["AllComparisons"][1]);
  const json& one = report["AllComparisons"][1];
  EXPECT_EQ(one["MatchStatus"], "MATCHED");
  EXPECT_EQ(one["MatchKind"], "NORMALISED");
  EXPECT_EQ(one["SourceTexts"], 2);
  EXPECT_FALSE(one.contains("TargetTexts"));
  EXPECT_EQ(one["TargetStats"]["query"], "SELECT a FROM t");
  EXPECT_EQ(one["TargetStats"]["queryid"], -42);
  EXPECT_DOUBLE_EQ(one["TargetStats"]["total_exec_time"].get<double>(), 100);
  EXPECT_DOUBLE_EQ(one["ImpactScore"].get<double>(), 80);
}

TEST(PerformanceReport, JsonKeepsTheOrderAndSaysWhatIsMissing) {
  const json report = json::parse(performance_json(testing::sample_comparison()));
  std::vector<std::string> found;
  for (const json& one : report["AllComparisons"]) found.push_back(one["MatchStatus"].get<std::string>());
  EXPECT_EQ(found, (std::vector<std::string>{"SOURCE_ONLY", "MATCHED", "MATCHED", "TARGET_ONLY"}));
  EXPECT_TRUE(report["AllComparisons"][0]["TargetStats"].is_null());
  EXPECT_FALSE(report["AllComparisons"][0].contains("MatchKind"));
  EXPECT_TRUE(report["AllComparisons"][3]["SourceStats"].is_null());
  EXPECT_EQ(report["AllComparisons"][3]["SlowdownRatio"], -1);
}

TEST(PerformanceReport, BytesThatAreNoTextDoNotStopIt) {
  model::PerformanceComparison comparison = testing::sample_comparison();
  comparison.all[1].query = std::string("\xff\xfe\0x", 4);
  comparison.all[1].source->id = "no number";
  EXPECT_EQ(json::parse(performance_json(comparison))["AllComparisons"][1]["SourceStats"]["queryid"], 0);
  EXPECT_FALSE(performance_html(comparison).empty());
  EXPECT_FALSE(performance_summary(comparison, {}).empty());
}

TEST(PerformanceReport, PageEscapesAndHasEverySection) {
  const std::string html = performance_html(testing::sample_comparison());
  EXPECT_THAT(html, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(html, Not(HasSubstr("<yb>")));
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;alert(1)"));
  for (const char* id : {"picture", "impact", "slowdown", "all"}) {
    EXPECT_THAT(html, HasSubstr(fmt::format("<section id=\"{}\"", id)));
    EXPECT_THAT(html, HasSubstr(fmt::format("href=\"#{}\"", id))) << "reachable without script";
  }
  EXPECT_THAT(html, HasSubstr("SELECT a FROM t")) << "the target's own text";
  EXPECT_THAT(html, HasSubstr("the sum of 2 texts"));
}

TEST(PerformanceReport, SlowerIsWhatTheMeasuredMeansSay) {
  model::PerformanceComparison comparison = testing::sample_comparison();
  // Quick on both sides: the damped ratio is near 1, the means are 1 to 10.
  comparison.all[2].source->mean_ms = 0.01;
  comparison.all[2].target->mean_ms = 0.1;
  comparison.all[2].slowdown = 2.1 / 2.01;
  const std::string html = performance_html(comparison);
  const std::string tile = html.substr(html.find("Slower on the target"), 120);
  EXPECT_THAT(tile, HasSubstr(">2<")) << tile;
}

TEST(PerformanceReport, PictureHasAPointForEachMatchedQueryWithItsHead) {
  const std::string html = performance_html(testing::sample_comparison());
  const std::string svg =
      html.substr(html.find("<svg class=\"chart"), html.find("</svg>") - html.find("<svg class=\"chart"));
  EXPECT_THAT(svg, HasSubstr("<title>select b — source 2,000 ms, target 1,000 ms</title>"));
  EXPECT_THAT(svg, HasSubstr("<title>select a from t -- &lt;/script&gt;&lt;/pre&gt;"));
  EXPECT_THAT(svg, Not(HasSubstr("only_source")));
}

TEST(PerformanceReport, PageListsMatchedThenTargetThenSourceByCalls) {
  const std::string html = performance_html(testing::sample_comparison());
  const std::string all = html.substr(html.find("<section id=\"all\""));
  const std::size_t most_called = all.find("select b");
  const std::size_t less_called = all.find("select a");
  const std::size_t target_only = all.find("select only_target");
  const std::size_t source_only = all.find("select only_source");
  ASSERT_NE(source_only, std::string::npos);
  EXPECT_LT(most_called, less_called);
  EXPECT_LT(less_called, target_only);
  EXPECT_LT(target_only, source_only);
}

TEST(PerformanceReport, NothingMatchedIsSaid) {
  model::PerformanceComparison comparison = testing::sample_comparison();
  comparison.all = {comparison.all[0], comparison.all[3]};
  comparison.top_by_impact.clear();
  comparison.top_by_slowdown.clear();
  EXPECT_THAT(performance_html(comparison), HasSubstr("No query was found on both sides"));
  EXPECT_EQ(performance_summary(comparison, {}),
            "0 queries matched (0 by their normalised text), 1 on the source only, 1 on the target only\n");
}

TEST(PerformanceReport, SummaryNamesWhatLostMost) {
  const std::string text = performance_summary(testing::sample_comparison(), {});
  EXPECT_THAT(text, HasSubstr("2 queries matched (1 by their normalised text), 1 on the source only, 1 on the target"));
  EXPECT_THAT(text, HasSubstr("80.0      2.33     20  select a from t --"));
  EXPECT_THAT(text, Not(HasSubstr("select b"))) << "it became quicker";
}

TEST(PerformanceReport, LargePagesAreCutAndSaySo) {
  model::PerformanceComparison comparison = testing::sample_comparison();
  for (int i = 0; i < 6000; ++i) comparison.all.push_back(comparison.all[2]);
  const std::string html = performance_html(comparison);
  EXPECT_THAT(html, HasSubstr("The first 5000 of 6004 queries"));
  EXPECT_THAT(html, HasSubstr("The 2000 of 6002 queries"));
  EXPECT_EQ(json::parse(performance_json(comparison))["AllComparisons"].size(), 6004U);
}

TEST(PerformanceReport, MillisecondsHaveThreeDigitsThatCount) {
  const std::vector<std::pair<double, std::string>> cases = {
      {0, "0"},          {0.0004, "0"},          {0.0006, "0.001"}, {0.0414, "0.041"}, {0.9996, "1.00"},
      {1, "1.00"},       {9.996, "10.0"},        {99.96, "100"},    {999.6, "1,000"},  {1234567.8, "1,234,568"},
      {-12.34, "-12.3"}, {-500'000, "-500,000"}, {2e16, "2e+16"}};
  for (const auto& [value, text] : cases) EXPECT_EQ(milliseconds_text(value), text) << value;
}

TEST(PerformanceReport, HeadIsOneLineThatFits) {
  EXPECT_EQ(query_head("  select\n\t a\r\n from t ", 80), "select a from t");
  EXPECT_EQ(query_head("select a from t", 8), "select …");
  EXPECT_EQ(query_head("", 8), "");
  EXPECT_LE(query_head(std::string(100'000, 'x'), 20).size(), 25U);
}

}  // namespace
}  // namespace voyager::report

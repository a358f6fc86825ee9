#include "report/charts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <regex>

namespace voyager::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// Values of an attribute, in order.
std::vector<double> values(const std::string& svg, const std::string& element, const std::string& attribute) {
  std::vector<double> found;
  const std::regex pattern("<" + element + "\\b[^>]*\\b" + attribute + "=\"([-0-9.]+)\"");
  for (std::sregex_iterator at(svg.begin(), svg.end(), pattern), end; at != end; ++at)
    found.push_back(std::stod((*at)[1]));
  return found;
}

TEST(Bars, LengthsAreProportional) {
  const std::string svg = bars_svg("t", {{"all", "first"}}, {{"a", {10}, "10"}, {"b", {5}, "5"}, {"c", {0}, "0"}});
  const std::vector<double> widths = values(svg, "rect", "width");
  ASSERT_EQ(widths.size(), 2U) << "nothing is drawn for nothing";
  EXPECT_NEAR(widths[0], 2 * widths[1], 2);
}

TEST(Bars, SeveralPartsHaveALegend) {
  const std::string svg = bars_svg("t", {{"good", "clean"}, {"bad", "hand"}}, {{"a", {1, 1}, "2"}});
  EXPECT_THAT(svg, HasSubstr(">good</text>"));
  EXPECT_THAT(svg, HasSubstr(">bad</text>"));
  EXPECT_EQ(bars_svg("t", {{"good", "clean"}}, {}), "");
}

TEST(Bars, LongNamesAreCutAndKeptInTheTitle) {
  const std::string name(100, 'x');
  EXPECT_THAT(bars_svg("t", {{"", "first"}}, {{name, {1}, "1"}}), HasSubstr("…<title>" + name + "</title>"));
}

TEST(Bars, ALongerNameHasMoreRoomThanAShortOne) {
  const auto left_of = [](const std::string& name) {
    return values(bars_svg("t", {{"", "first"}}, {{name, {1}, "1"}}), "rect", "x").front();
  };
  EXPECT_LT(left_of("film"), left_of("Primary Keys on Dates and Times"));
  EXPECT_THAT(bars_svg("t", {{"", "first"}}, {{"Primary Keys on Dates and Times", {1}, "1"}}), Not(HasSubstr("…")));
}

TEST(Charts, EscapeWhatTheyAreGiven) {
  const std::string evil = "<b>&\"";
  for (const std::string& svg : {bars_svg(evil, {{evil, "first"}, {evil, "second"}}, {{evil, {1, 2}, evil}}),
                                 columns_svg(evil, evil, {{evil, 1}}),
                                 scatter_svg({.title = evil,
                                 .x_label = evil,
                                 .y_label = evil,
                                 .plain_name = evil,
                                 .points = {{1, 1, evil, false}},
                                 .cut = 1,
                                 .cut_label = evil}),
                                 curve_svg(evil, evil, evil, {{0, 0}}), gauge_svg(evil, 1, evil)}) {
    EXPECT_THAT(svg, Not(HasSubstr("<b>")));
    EXPECT_THAT(svg, HasSubstr("<title>&lt;b&gt;&amp;&quot;</title>"));
  }
}

TEST(Scatter, PutsPointsOnLogarithmicAxes) {
  const std::string svg =
      scatter_svg({.title = "t", .points = {{1, 1, "", false}, {10, 10, "", false}, {100, 100, "", false}}});
  const std::vector<double> x = values(svg, "circle", "cx");
  const std::vector<double> y = values(svg, "circle", "cy");
  ASSERT_EQ(x.size(), 3U);
  EXPECT_NEAR(x[1] - x[0], x[2] - x[1], 0.2);
  EXPECT_NEAR(y[0] - y[1], y[1] - y[2], 0.2);
  EXPECT_GT(y[0], y[2]) << "up is more";
}

TEST(Scatter, ValuesThatHaveNoLogarithmSitOnTheAxis) {
  const std::string svg = scatter_svg({.title = "t",
                                       .points = {{0, 0, "", false},
                                                  {-5, 1, "", true},
                                                  {std::numeric_limits<double>::quiet_NaN(), 7, "", false},
                                                  {1e300, 3, "", false}}});
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
  EXPECT_THAT(svg, Not(HasSubstr("inf")));
  EXPECT_EQ(values(svg, "circle", "cx").size(), 3U);
  for (const double x : values(svg, "circle", "cx")) EXPECT_GE(x, 0);
}

TEST(Scatter, NothingToShowIsAPictureToo) {
  EXPECT_THAT(scatter_svg({.title = "t"}), HasSubstr("<title>t</title>"));
}

TEST(Scatter, BytesHaveMarksOfTheirOwn) {
  const auto text = [](double value) { return std::to_string(static_cast<long>(value)); };
  const std::string svg =
      scatter_svg({.title = "t", .points = {{16, 1, "", false}, {256, 1, "", false}}, .x_base = 16, .x_text = text});
  EXPECT_THAT(svg, HasSubstr(">16</text>"));
  EXPECT_THAT(svg, HasSubstr(">256</text>"));
  EXPECT_THAT(svg, Not(HasSubstr(">10</text><line")));
}

TEST(Gauge, TheNeedleIsInItsPart) {
  EXPECT_THAT(gauge_svg("t", 2, "C5"), HasSubstr("class=\"arc part3 on\""));
  EXPECT_THAT(gauge_svg("t", 0, "A1"), HasSubstr("class=\"arc part1 on\""));
  EXPECT_THAT(gauge_svg("t", -1, "?"), Not(HasSubstr("needle")));
}

}  // namespace
}  // namespace voyager::report

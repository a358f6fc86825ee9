// What must hold for every page, and pages for the browser's tests.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>

#include "base/sha256.h"
#include "report/assessment_report.h"
#include "report/optimization_report.h"
#include "report/performance_report.h"
#include "report/performance_sample_testing.h"
#include "report/sample_testing.h"
#include "report/schema_report.h"

namespace voyager::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct NamedPage {
  std::string name = {};
  std::string html = {};
};

model::Assessment with_issues(std::size_t count) {
  model::Assessment assessment = testing::sample_assessment();
  assessment.analysis.issues.clear();
  for (std::size_t i = 0; i < count; ++i) {
    model::AnalysisIssue issue = testing::sample_issue(i);
    issue.level = 1 + static_cast<int>(i % 3);
    assessment.analysis.issues.push_back(issue);
  }
  return assessment;
}

/// Names as long as they can be, without a place to break.
model::Assessment with_long_names() {
  const std::string name(63, 'w');
  model::Assessment assessment = with_issues(3);
  assessment.analysis.database = name;
  assessment.analysis.schemas = {name};
  for (model::AnalysisIssue& issue : assessment.analysis.issues) issue.object_name = name + "." + name;
  for (model::AnalysisObjects& one : assessment.analysis.objects) one.names = {name};
  for (model::ObjectFigures& one : assessment.figures) one.schema = one.name = name;
  for (model::Placement& one : assessment.sizing.placements) one.table = name + "." + name;
  for (model::RedundantIndex& one : assessment.redundant_indexes) one.table = one.index = one.existing_index = name;
  for (model::LiveObstacle& one : assessment.live_obstacles) one.table = name + "." + name;
  for (model::NotLookedAt& one : assessment.not_looked_at) one.what = one.fix = name;
  return assessment;
}

std::vector<NamedPage> pages() {
  return {{"analysis", schema_report_html(testing::sample_analysis())},
          {"assessment", assessment_html(testing::sample_assessment())},
          {"optimization", optimization_html(testing::sample_optimization())},
          {"performance", performance_html(testing::sample_comparison())},
          {"empty-performance", performance_html({})},
          {"wordy", assessment_html(with_long_names())},
          {"empty-analysis", schema_report_html({})},
          {"empty-assessment", assessment_html({})},
          {"empty-optimization", optimization_html({})}};
}

std::string without(const std::string& html, const std::string& element) {
  std::string out;
  std::size_t from = 0;
  for (std::size_t at = 0; (at = html.find("<" + element + ">", from)) != std::string::npos;) {
    out += html.substr(from, at - from);
    from = html.find("</" + element + ">", at) + element.size() + 3;
  }
  return out + html.substr(from);
}

/// Both between the given tags, in order.
std::vector<std::string> between(const std::string& html, const std::string& open, const std::string& close) {
  std::vector<std::string> found;
  for (std::size_t at = 0; (at = html.find(open, at)) != std::string::npos;) {
    const std::size_t end = html.find(close, at) + close.size();
    found.push_back(html.substr(at, end - at));
    at = end;
  }
  return found;
}

/// The first thing that is wrong with the nesting of elements; empty when all is well. Void elements need no end.
std::string nesting_fault(const std::string& html) {
  std::vector<std::string> open;
  const std::regex tag("<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:\"[^\"]*\"|[^\">])*?)(/?)>");
  for (std::sregex_iterator at(html.begin(), html.end(), tag), end; at != end; ++at) {
    const std::string name = (*at)[2];
    if ((*at)[4] == "/" || name == "meta" || name == "input" || name == "br") continue;
    if ((*at)[1] != "/") {
      open.push_back(name);
    } else if (open.empty() || open.back() != name) {
      return "</" + name + "> closes " + (open.empty() ? "nothing" : open.back());
    } else {
      open.pop_back();
    }
  }
  return open.empty() ? "" : open.back() + " is not closed";
}

TEST(Pages, EscapeEveryNameAndStatement) {
  for (const NamedPage& page : pages()) {
    const std::string body = without(without(page.html, "script"), "style");
    EXPECT_THAT(body, Not(HasSubstr("<script"))) << page.name;
    EXPECT_THAT(body, Not(HasSubstr("<img"))) << page.name;
    EXPECT_THAT(body, Not(HasSubstr("href=\"javascript:"))) << page.name;
    if (page.name.starts_with("empty") || page.name == "wordy") continue;
    EXPECT_THAT(body, HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt;")) << page.name;
    EXPECT_THAT(body, HasSubstr("&lt;/script&gt;&lt;/pre&gt;&lt;img")) << page.name;
  }
}

TEST(Pages, NeedNoNetworkAndAllowOnlyTheirOwnScript) {
  for (const NamedPage& page : pages()) {
    const std::string body = without(without(page.html, "script"), "style");
    EXPECT_FALSE(std::regex_search(body, std::regex("<(link|img|iframe|object|embed|form)\\b"))) << page.name;
    EXPECT_FALSE(std::regex_search(body, std::regex("<[^>]*\\s(on[a-z]+|style|src|srcset)="))) << page.name;
    EXPECT_THAT(page.html, Not(HasSubstr("@import"))) << page.name;
    for (const std::string element : {"script", "style"}) {
      std::vector<std::string> found = between(page.html, "<" + element + ">", "</" + element + ">");
      ASSERT_EQ(found.size(), 1U) << page.name;
      const std::string content = found[0].substr(element.size() + 2, found[0].size() - 2 * element.size() - 5);
      EXPECT_THAT(page.html, HasSubstr("'sha256-" + base::sha256_base64(content) + "'")) << page.name << element;
    }
  }
}

TEST(Pages, ElementsAreNested) {
  for (const NamedPage& page : pages())
    EXPECT_EQ(nesting_fault(without(without(page.html, "script"), "style")), "") << page.name;
}

TEST(Pages, IdsAreUsedOnce) {
  for (const NamedPage& page : pages()) {
    std::set<std::string> ids;
    const std::regex id(" id=\"([^\"]*)\"");
    const std::string body = without(page.html, "script");
    for (std::sregex_iterator at(body.begin(), body.end(), id), end; at != end; ++at)
      EXPECT_TRUE(ids.insert((*at)[1]).second) << page.name << ": " << (*at)[1];
  }
}

TEST(Pages, PicturesHaveTitlesAndAreWellFormed) {
  for (const NamedPage& page : pages()) {
    for (const std::string& svg : between(page.html, "<svg", "</svg>")) {
      EXPECT_TRUE(std::regex_search(svg, std::regex("^<svg [^>]*role=\"img\"[^>]*><title>[^<]+</title>"))) << page.name;
      EXPECT_EQ(nesting_fault(svg), "") << page.name;
      EXPECT_THAT(svg, Not(HasSubstr("nan"))) << page.name;
      EXPECT_THAT(svg, Not(HasSubstr("inf\""))) << page.name;
    }
  }
}

TEST(Pages, TablesHaveCaptionsAndHeadings) {
  for (const NamedPage& page : pages()) {
    for (const std::string& table : between(page.html, "<table", "</table>")) {
      EXPECT_THAT(table, HasSubstr("<caption>")) << page.name;
      EXPECT_THAT(table, HasSubstr("<th scope=\"col\"")) << page.name;
    }
  }
}

/// For tests/browser, which opens them in a browser and with a server of its own.
TEST(Pages, AreWrittenForTheBrowser) {
  const char* folder = std::getenv("VOY_PAGES_DIR");
  if (folder == nullptr) GTEST_SKIP() << "VOY_PAGES_DIR is not set: only the browser's tests need the files";
  std::vector<NamedPage> all = pages();
  all.push_back({"many", assessment_html(with_issues(5000))});
  all.push_back({"grouped", assessment_html(with_issues(6000))});
  model::Assessment large = with_issues(50);
  testing::add_tables(large, 50'000);
  all.push_back({"tables", assessment_html(large)});
  for (const NamedPage& page : all) {
    std::ofstream file(std::filesystem::path(folder) / (page.name + ".html"), std::ios::binary);
    file << page.html;
    ASSERT_TRUE(file.good()) << page.name;
  }
  for (const auto& [name, assessment] : {std::pair("assessment.json", testing::sample_assessment()),
                                         std::pair("empty-assessment.json", model::Assessment{})}) {
    std::ofstream json(std::filesystem::path(folder) / name, std::ios::binary);
    json << assessment_json(assessment);
    ASSERT_TRUE(json.good()) << name;
  }
}

}  // namespace
}  // namespace voyager::report

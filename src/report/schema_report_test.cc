#include "report/schema_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>

#include "base/sha256.h"
#include "report/page.h"

namespace voyager::report {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

model::SchemaAnalysis sample() {
  model::SchemaAnalysis analysis{.program_version = "0.1.0",
                                 .target = "YugabyteDB 2025.2.3.0",
                                 .target_version = "2025.2.3.0",
                                 .made_at = "2026-01-02T03:04:05Z",
                                 .description = "d",
                                 .database = "shop",
                                 .schemas = {"public", "a\"b"},
                                 .notes = {"a note & more"},
                                 .files = 2,
                                 .statements = 7};
  analysis.objects = {{"TABLE", 3, 1, 1, {"orders", "<script>alert(1)</script>", "x"}, {}},
                      {"INDEX", 1, 1, 1, {"i ON orders"}, {"GIN"}}};
  model::AnalysisIssue first{.id = "0123456789ab",
                             .type = "UNSUPPORTED_DATATYPE_XML",
                             .name = "Unsupported datatype - xml",
                             .category = "unsupported_datatypes",
                             .category_title = "Unsupported data types",
                             .level = 3,
                             .object_type = "TABLE",
                             .object_name = "<script>alert(1)</script>",
                             .reason = "no xml & \"more\"",
                             .suggestion = "use text",
                             .sql = "create table t (\n  a xml -- </pre><script>\n);",
                             .file = "schema/tables/table.sql",
                             .file_path = "/x/schema/tables/table.sql",
                             .line = 11,
                             .end_line = 12,
                             .column = 3,
                             .tracker = "https://example.org/1",
                             .docs = "https://example.org/docs",
                             .details = {{"ColumnName", "a"}}};
  model::AnalysisIssue second = first;
  second.id = "ba9876543210";
  second.type = "INHERITANCE";
  second.name = "Table Inheritance";
  second.level = 1;
  second.is_new = true;
  second.docs = {};
  second.tracker = "javascript:alert(1)";
  static const model::FixedVersions kFixed = {.supported = {{"2025.1", "2025.1.0.0"}},
                                              .text = ">=2025.1.0.0 (2025.1 series)"};
  second.fixed_in = &kFixed;
  second.line = second.end_line = 0;
  second.file.clear();
  analysis.issues = {first, second};
  analysis.change = {.known = true, .added = 1, .unchanged = 1, .fixed = {"X: TABLE <b>"}};
  return analysis;
}

TEST(SchemaReport, JsonHasTheDocumentedKeys) {
  const json report = json::parse(schema_report_json(sample()));
  EXPECT_EQ(report["VoyagerVersion"], "0.1.0");
  EXPECT_EQ(report["TargetDBVersion"], "2025.2.3.0");
  EXPECT_EQ(report["Summary"]["SchemaNames"], (json{"public", "a\"b"}));
  EXPECT_EQ(report["Summary"]["DatabaseObjects"][0]["InvalidCount"], 1);
  EXPECT_FALSE(report["Summary"]["DatabaseObjects"][0].contains("Details"));
  const json& issue = report["Issues"][0];
  for (const char* key : {"IssueType", "ObjectType", "ObjectName", "Reason", "SqlStatement", "FilePath", "Suggestion",
                          "GH", "DocsLink"}) {
    EXPECT_TRUE(issue[key].is_string()) << key;
  }
  EXPECT_EQ(issue["IssueType"], "unsupported_datatypes");
  EXPECT_TRUE(issue["MinimumVersionsFixedIn"].is_null());
  EXPECT_EQ(report["Issues"][1]["MinimumVersionsFixedIn"]["2025.1"], "2025.1.0.0");
  EXPECT_EQ(issue["Line"], 11);
  EXPECT_EQ(issue["State"], "unchanged");
  EXPECT_EQ(report["SinceLastRun"]["Fixed"], 1);
}

TEST(SchemaReport, JsonOfNothingHasAnEmptyList) {
  const json report = json::parse(schema_report_json({}));
  EXPECT_EQ(report["Issues"], json::array());
  EXPECT_FALSE(report["Summary"].contains("Notes"));
  EXPECT_FALSE(report.contains("SinceLastRun"));
}

TEST(SchemaReport, BytesThatAreNoTextDoNotStopIt) {
  model::SchemaAnalysis analysis = sample();
  analysis.issues[0].object_name = "\xff\xfe";
  EXPECT_TRUE(json::accept(schema_report_json(analysis)));
  EXPECT_TRUE(json::accept(schema_report_sarif(analysis)));
  EXPECT_FALSE(schema_report_html(analysis).empty());
}

TEST(SchemaReport, SarifHasRulesResultsAndPlaces) {
  const json sarif = json::parse(schema_report_sarif(sample()));
  EXPECT_EQ(sarif["version"], "2.1.0");
  const json& run = sarif["runs"][0];
  EXPECT_EQ(run["tool"]["driver"]["rules"].size(), 2U);
  EXPECT_EQ(run["results"][0]["ruleId"], "UNSUPPORTED_DATATYPE_XML");
  EXPECT_EQ(run["results"][0]["level"], "error");
  EXPECT_EQ(run["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"], 11);
  EXPECT_EQ(run["results"][1]["baselineState"], "new");
  EXPECT_FALSE(run["results"][1]["locations"][0].contains("physicalLocation"));
}

TEST(SchemaReport, XmlEscapes) {
  const std::string xml = schema_report_xml(sample());
  EXPECT_THAT(xml, HasSubstr("<ObjectName>&lt;script&gt;alert(1)&lt;/script&gt;</ObjectName>"));
  EXPECT_THAT(xml, Not(HasSubstr("<script>")));
  EXPECT_TRUE(xml.starts_with("<SchemaReport>\n\t<VoyagerVersion>"));
}

TEST(SchemaReport, TextTellsEverythingOnce) {
  const std::string text = schema_report_text(sample());
  for (const char* part :
       {"Schema analysis report", "TABLE: 3 in all, 2 without issues, 1 with", "schema/tables/table.sql:11:3",
        "use text", "1 new, 1 fixed, 1 unchanged", "- a note & more"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
}

TEST(SchemaReport, SummaryIsShort) {
  EXPECT_EQ(
      schema_report_summary(sample()),
      "7 statements in 2 files analysed for YugabyteDB 2025.2.3.0\n2 issues: 1 of level 3, 0 of level 2, 1 of level 1\n"
      "since the last run: 1 new, 1 fixed, 1 unchanged\n  level 3      1  Unsupported datatype - xml\n  level 1      1 "
      " Table Inheritance\n"
      "note: a note & more\n");
}

// --- the page ---

std::string without(const std::string& html, const std::string& element) {
  return std::regex_replace(html, std::regex("<" + element + ">[^]*?</" + element + ">"), "");
}

TEST(SchemaPage, EscapesEveryNameAndStatement) {
  const std::string html = schema_report_html(sample());
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt;"));
  EXPECT_THAT(without(html, "script"), Not(HasSubstr("<script")));
  EXPECT_THAT(html, HasSubstr("&lt;/pre&gt;&lt;script&gt;"));
  EXPECT_THAT(html, HasSubstr("X: TABLE &lt;b&gt;"));
  EXPECT_THAT(html, Not(HasSubstr("href=\"javascript:")));
}

TEST(SchemaPage, NeedsNoNetworkAndAllowsOnlyItsOwnScript) {
  const std::string html = schema_report_html(sample());
  EXPECT_FALSE(std::regex_search(html, std::regex("(src|srcset)\\s*=")));
  EXPECT_FALSE(std::regex_search(html, std::regex("<(link|img|iframe|object|embed)\\b")));
  EXPECT_THAT(html, Not(HasSubstr("@import")));
  EXPECT_FALSE(std::regex_search(html, std::regex("\\bon[a-z]+=\"")));
  EXPECT_FALSE(std::regex_search(html, std::regex(" style=\"")));
  for (const char* element : {"script", "style"}) {
    const std::string open = std::string("<") + element + ">";
    const std::size_t begin = html.find(open) + open.size();
    const std::string content = html.substr(begin, html.find(std::string("</") + element + ">", begin) - begin);
    EXPECT_THAT(html, HasSubstr("'sha256-" + base::sha256_base64(content) + "'")) << element;
  }
}

TEST(SchemaPage, TellsPlacesAndMarksTheLine) {
  const std::string html = schema_report_html(sample());
  EXPECT_THAT(html, HasSubstr("<a href=\"../schema/tables/table.sql\"><code>schema/tables/table.sql:11</code></a>"));
  EXPECT_THAT(html, HasSubstr("<mark>  a xml -- &lt;/pre&gt;&lt;script&gt;</mark>"));
  EXPECT_THAT(html, HasSubstr("the schema as a whole"));
}

TEST(SchemaPage, EveryNumberOfThePictureIsInATable) {
  const std::string html = schema_report_html(sample());
  EXPECT_THAT(html, HasSubstr("<svg class=\"chart\""));
  EXPECT_THAT(html, HasSubstr("<th scope=\"row\">table</th><td class=\"number\">3</td><td class=\"number\">2</td><td "
                              "class=\"number\">1</td>"));
}

TEST(SchemaPage, TagsAreBalanced) {
  const std::string html = without(without(schema_report_html(sample()), "script"), "style");
  std::vector<std::string> open;
  const std::regex tag("<(/?)([a-zA-Z][a-zA-Z0-9]*)[^>]*?(/?)>");
  for (std::sregex_iterator at(html.begin(), html.end(), tag), end; at != end; ++at) {
    const std::string name = (*at)[2];
    if ((*at)[3] == "/" || name == "meta" || name == "input") continue;
    if ((*at)[1] == "/") {
      ASSERT_FALSE(open.empty()) << name;
      EXPECT_EQ(open.back(), name);
      open.pop_back();
    } else {
      open.push_back(name);
    }
  }
  EXPECT_TRUE(open.empty());
}

TEST(SchemaPage, ManyIssuesAreToldInGroups) {
  model::SchemaAnalysis analysis = sample();
  for (int i = 0; i < 6000; ++i) analysis.issues.push_back(analysis.issues[0]);
  const std::string html = schema_report_html(analysis);
  EXPECT_THAT(html, HasSubstr("There are 6,002 issues"));
  EXPECT_THAT(html, HasSubstr("data-count=\"6001\""));
  EXPECT_LT(html.size(), 100'000U);
}

TEST(SchemaPage, NothingFoundIsAPageToo) {
  const std::string html = schema_report_html({});
  EXPECT_THAT(html, HasSubstr("no issue was found"));
}

}  // namespace
}  // namespace voyager::report

#include "report/equal_issues.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "report/schema_report.h"

namespace voyager::report {
namespace {

using model::AnalysisIssue;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(NaturalLess, DigitsAreNumbers) {
  EXPECT_TRUE(natural_less("t2", "t10"));
  EXPECT_FALSE(natural_less("t10", "t2"));
  EXPECT_TRUE(natural_less("part_2_9", "part_2_10"));
  EXPECT_TRUE(natural_less("t", "t1"));
  EXPECT_TRUE(natural_less("a10", "b2"));
  EXPECT_TRUE(natural_less("t99999999999999999999999", "t100000000000000000000000"));
  EXPECT_FALSE(natural_less("t1", "t1"));
  EXPECT_NE(natural_less("t01", "t1"), natural_less("t1", "t01")) << "one of them is first";
}

AnalysisIssue issue_at(std::string id, std::string object, int line) {
  return {.id = std::move(id),
          .type = "ALTER_X",
          .name = "Something",
          .category = "unsupported_features",
          .level = 1,
          .object_type = "TABLE",
          .object_name = std::move(object),
          .reason = "why",
          .suggestion = "what",
          .sql = "ALTER TABLE at line " + std::to_string(line),
          .file = "schema/tables/table.sql",
          .line = line,
          .end_line = line,
          .effort_hours = 0.5};
}

model::SchemaAnalysis sample() {
  model::SchemaAnalysis analysis;
  analysis.issues = {issue_at("aaaaaaaaaaaa", "t10", 3), issue_at("bbbbbbbbbbbb", "t2", 110),
                     issue_at("cccccccccccc", "t2", 20), issue_at("dddddddddddd", "t2", 7)};
  analysis.issues[3].reason = "another reason";
  return analysis;
}

TEST(EqualIssues, AreOneRowInNaturalOrder) {
  const model::SchemaAnalysis analysis = sample();
  std::vector<std::vector<std::string>> rows;
  for (const EqualIssues& row : fold_equal(by_weight(analysis.issues))) {
    rows.emplace_back();
    for (const AnalysisIssue* issue : row) rows.back().push_back(issue->id);
  }
  EXPECT_THAT(rows, ElementsAre(ElementsAre("dddddddddddd"), ElementsAre("cccccccccccc", "bbbbbbbbbbbb"),
                                ElementsAre("aaaaaaaaaaaa")));
  EXPECT_TRUE(fold_equal({}).empty());
}

TEST(EqualIssues, APageHasTheirNumberTheirPlacesAndTheirStatements) {
  const std::string html = schema_report_html(sample());
  EXPECT_THAT(html, HasSubstr("<span class=\"badge\">2 times</span>"));
  EXPECT_THAT(html, HasSubstr("data-hours=\"1\" data-count=\"2\""));
  for (const char* part : {"table.sql:20</code>", "table.sql:110</code>", "line 20<", "line 110<", "table.sql:3</code>",
                           "id=\"issue-cccccccccccc\"", "id=\"issue-bbbbbbbbbbbb\""}) {
    EXPECT_THAT(html, HasSubstr(part));
  }
}

TEST(EqualIssues, ATextHasTheirNumberAndTheirPlaces) {
  const std::string text = schema_report_text(sample());
  EXPECT_THAT(text, HasSubstr("2. TABLE t2  [level 1] Something, 2 times\n"));
  EXPECT_THAT(text, HasSubstr("3. TABLE t10  [level 1] Something\n"));
  EXPECT_THAT(text, Not(HasSubstr("4. ")));
  for (const char* part :
       {"table.sql:20:0", "table.sql:110:0", "line 20\n", "line 110\n", "cccccccccccc", "bbbbbbbbbbbb"})
    EXPECT_THAT(text, HasSubstr(part));
}

}  // namespace
}  // namespace voyager::report

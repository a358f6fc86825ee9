#include "report/assessment_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "report/assessment_figures.h"
#include "report/sample_testing.h"

namespace voyager::report {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::string> keys(const ordered_json& object) {
  std::vector<std::string> found;
  for (const auto& [key, value] : object.items()) found.push_back(key);
  return found;
}

TEST(AssessmentJson, BeginsWithTheDocumentedKeysInTheirOrder) {
  const ordered_json report = ordered_json::parse(assessment_json(testing::sample_assessment()));
  const std::vector<std::string> known = {"VoyagerVersion",
                                          "TargetDBVersion",
                                          "MigrationComplexity",
                                          "MigrationComplexityExplanation",
                                          "SchemaSummary",
                                          "NumReplicasUsed",
                                          "Sizing",
                                          "AssessmentIssues",
                                          "TableIndexStats",
                                          "Notes"};
  std::vector<std::string> found = keys(report);
  found.resize(known.size());
  EXPECT_EQ(found, known);
  EXPECT_EQ(keys(report["Sizing"]["SizingRecommendation"]),
            (std::vector<std::string>{"ColocatedTables", "ColocatedReasoning", "ShardedTables", "NumNodes",
                                      "VCPUsPerInstance", "MemoryPerInstance", "OptimalSelectConnectionsPerNode",
                                      "OptimalInsertConnectionsPerNode", "EstimatedTimeInMinForImport",
                                      "EstimatedTimeInMinForImportWithoutRedundantIndexes"}));
  std::vector<std::string> issue = keys(report["AssessmentIssues"][1]);
  issue.resize(11);
  EXPECT_EQ(issue, (std::vector<std::string>{"Category", "CategoryDescription", "Type", "Name", "Description", "Impact",
                                             "ObjectType", "ObjectName", "SqlStatement", "DocsLink",
                                             "MinimumVersionsFixedIn"}));
  EXPECT_EQ(keys(report["TableIndexStats"][0]),
            (std::vector<std::string>{"SchemaName", "ObjectName", "RowCount", "ColumnCount", "ReadsPerSecond",
                                      "WritesPerSecond", "IsIndex", "ObjectType", "ParentTableName", "SizeInBytes"}));
}

TEST(AssessmentJson, ASizingThatPlacesNothingHasNullsForItsLists) {
  model::Assessment assessment;
  assessment.sizing.vcpus = 4;
  json sizing = json::parse(assessment_json(assessment))["Sizing"];
  EXPECT_TRUE(sizing["SizingRecommendation"]["ColocatedTables"].is_null());
  EXPECT_TRUE(sizing["SizingRecommendation"]["ShardedTables"].is_null());
  EXPECT_EQ(sizing["FailureReasoning"], "");
  assessment.sizing = {.failure = "too many tables"};
  sizing = json::parse(assessment_json(assessment))["Sizing"];
  EXPECT_EQ(sizing["FailureReasoning"], "too many tables");
}

TEST(AssessmentJson, DetailsThatAreListsAreLists) {
  model::Assessment assessment;
  assessment.analysis.issues.push_back({.type = "MISSING_PRIMARY_KEY_WHEN_UNIQUE_NOT_NULL",
                                        .details = {{"PrimaryKeyColumnOptions", "s.t.a; s.t.b, s.t.c"},
                                                    {"FunctionNames", "lo_get, lo_put"},
                                                    {"ForeignKeyColumnNames", "s.t.a, s.t.b"}}});
  EXPECT_EQ(json::parse(assessment_json(assessment))["AssessmentIssues"][0]["Details"],
            json::parse(R"({"PrimaryKeyColumnOptions": [["s.t.a"], ["s.t.b", "s.t.c"]],
                            "FunctionNames": ["lo_get", "lo_put"], "ForeignKeyColumnNames": "s.t.a, s.t.b"})"));
}

TEST(AssessmentJson, IsIndentedByTabs) {
  EXPECT_TRUE(assessment_json({}).starts_with("{\n\t\"VoyagerVersion\": \"\",\n\t\"TargetDBVersion\""));
}

TEST(AssessmentJson, NothingIsNullOrLeftOut) {
  model::Assessment assessment;
  assessment.figures.push_back({.schema = "s", .name = "t"});
  const json report = json::parse(assessment_json(assessment));
  EXPECT_FALSE(report.contains("NumReplicasUsed"));
  EXPECT_TRUE(report["AssessmentIssues"].is_null());
  EXPECT_TRUE(report["Sizing"].is_null()) << "no node of such a target was sized";
  for (const char* key :
       {"RowCount", "ColumnCount", "ReadsPerSecond", "WritesPerSecond", "ObjectType", "ParentTableName", "SizeInBytes"})
    EXPECT_TRUE(report["TableIndexStats"][0][key].is_null()) << key;
  EXPECT_EQ(report["TableIndexStats"][0]["IsIndex"], false);
  EXPECT_FALSE(report.contains("SinceLastRun"));
  assessment.figures.clear();
  EXPECT_TRUE(json::parse(assessment_json(assessment))["TableIndexStats"].is_null());
}

TEST(AssessmentJson, WholeNumbersHaveNoFraction) {
  const std::string text = assessment_json(testing::sample_assessment());
  EXPECT_THAT(text, HasSubstr("\"NumNodes\": 3,"));
  EXPECT_THAT(text, HasSubstr("\"EstimatedTimeInMinForImport\": 96,"));
}

TEST(AssessmentJson, IssuesTellTheirFixAndTheirCause) {
  const json report = json::parse(assessment_json(testing::sample_assessment()));
  const json& issues = report["AssessmentIssues"];
  const auto of_type = [&issues](const char* type) {
    return *std::ranges::find_if(issues, [type](const json& issue) { return issue["Type"] == type; });
  };
  const json unlogged = of_type("UNLOGGED_TABLES");
  EXPECT_EQ(unlogged["Description"], "Every table of the target is logged. Leave the word out.");
  EXPECT_EQ(unlogged["Fix"]["kind"], "sql");
  EXPECT_THAT(unlogged["Fix"]["diff"].get<std::string>(),
              HasSubstr("-CREATE UNLOGGED TABLE public.sessions (\n+CREATE TABLE"));
  EXPECT_EQ(unlogged["EffortBand"], "small");
  EXPECT_EQ(unlogged["State"], "open");
  EXPECT_EQ(of_type("FOREIGN_KEY_TO_INHERITED")["CausedBy"], testing::hex_id(0));
  EXPECT_EQ(of_type("FOREIGN_KEY_TO_INHERITED")["EffortBand"], "none");
  EXPECT_FALSE(of_type("INHERITANCE").contains("Fix"));
  EXPECT_FALSE(of_type("INHERITANCE").contains("ObjectUsage"));
  EXPECT_TRUE(of_type("HOTSPOTS_ON_TIMESTAMP_INDEX").contains("ObjectUsage"));
}

TEST(AssessmentJson, NotesHaveTheirLinksInTheText) {
  const json notes = json::parse(assessment_json(testing::sample_assessment()))["Notes"];
  EXPECT_EQ(notes[1]["Type"], "GeneralNotes");
  EXPECT_EQ(notes[1]["Text"],
            "What an assessment cannot see: known limits ( https://docs.yugabyte.com/preview/yugabyte-voyager/ )");
  EXPECT_EQ(notes[2]["Type"], "ColocatedShardedNotes");
  EXPECT_EQ(notes[3]["Type"], "SizingNotes");
}

TEST(AssessmentReport, BytesThatAreNoTextDoNotStopIt) {
  model::Assessment assessment = testing::sample_assessment();
  assessment.analysis.issues[0].object_name = "\xff\xfe";
  assessment.figures[0].name = "\xc3(";
  EXPECT_TRUE(json::accept(assessment_json(assessment)));
  EXPECT_FALSE(assessment_html(assessment).empty());
}

// --- what the numbers are ---

TEST(AssessmentFigures, EffortIsASumWithBands) {
  const std::vector<model::AnalysisIssue> issues = {
      {.effort_hours = 0}, {.effort_hours = 0.5}, {.effort_hours = 2}, {.effort_hours = 6}, {.effort_hours = 8}};
  const Effort effort = effort_of(issues);
  EXPECT_DOUBLE_EQ(effort.hours, 16.5);
  EXPECT_EQ(effort.bands[0].issues, 1U);
  EXPECT_EQ(effort.bands[1].issues, 2U);
  EXPECT_EQ(effort.bands[2].issues, 1U);
  EXPECT_EQ(effort_text(effort), "8.5 to 25 h");
  EXPECT_EQ(effort_text(effort_of({})), "none");
}

TEST(AssessmentFigures, ShortEffortsAreMinutes) {
  EXPECT_EQ(short_effort(0.01), "5 min");
  EXPECT_EQ(short_effort(0.25), "15 min");
  EXPECT_EQ(short_effort(1.24), "1 h");
  EXPECT_EQ(short_effort(2.5), "2.5 h");
  EXPECT_EQ(short_effort(1234.4), "1,234 h");
}

TEST(AssessmentFigures, ShareIsFloored) {
  EXPECT_EQ(percent_without(1000, 1), 99);
  EXPECT_EQ(percent_without(1000, 0), 100);
  EXPECT_EQ(percent_without(0, 0), 100);
  EXPECT_EQ(percent_without(3, 5), 0);
}

TEST(AssessmentFigures, GradeSaysWhatIsToBeRewritten) {
  model::Assessment assessment;
  assessment.complexity.level = "LOW";
  EXPECT_EQ(grade_of(assessment), "A1");
  assessment.analysis.objects = {{"TRIGGER", 2}};
  EXPECT_EQ(grade_of(assessment), "A2");
  assessment.analysis.objects.push_back({"FUNCTION", 2});
  EXPECT_EQ(grade_of(assessment), "A3");
  assessment.complexity.level = "MEDIUM";
  assessment.analysis.issues = {{.category = "performance_optimizations", .object_type = "TABLE"}};
  EXPECT_EQ(grade_of(assessment), "B3") << "findings about speed do not have to be followed";
  assessment.analysis.issues.push_back({.category = "unsupported_features", .object_type = "TABLE"});
  EXPECT_EQ(grade_of(assessment), "B4");
  assessment.complexity.level = "HIGH";
  assessment.analysis.issues.push_back({.category = "unsupported_plpgsql_objects", .object_type = "FUNCTION"});
  EXPECT_EQ(grade_of(assessment), "C5");
  assessment.complexity.level = "NOT AVAILABLE";
  EXPECT_EQ(grade_of(assessment), "");
}

TEST(AssessmentFigures, IndexesCountForTheirTable) {
  model::Assessment assessment;
  assessment.figures = {{.schema = "s", .name = "small", .bytes = 10},
                        {.schema = "s", .name = "big", .bytes = 5},
                        {.schema = "s", .name = "i", .parent = "s.big", .is_index = true, .bytes = 20},
                        {.schema = "s", .name = "lost", .parent = "s.gone", .is_index = true, .bytes = 99}};
  const std::vector<TableSize> sizes = table_sizes(assessment);
  ASSERT_EQ(sizes.size(), 2U);
  EXPECT_EQ(sizes[0].table->name, "big");
  EXPECT_EQ(sizes[0].total(), 25);
  EXPECT_EQ(sizes[0].indexes, 1U);
}

TEST(AssessmentFigures, QueriesAreFoundByTheirText) {
  const model::Assessment assessment = testing::sample_assessment();
  const std::vector<TouchedQuery> touched = touched_queries(assessment);
  ASSERT_EQ(touched.size(), 1U);
  EXPECT_EQ(touched[0].query->calls, 91234);
}

// --- page and terminal ---

TEST(AssessmentPage, TellsWhatWasNotLookedAt) {
  const std::string html = assessment_html(testing::sample_assessment());
  EXPECT_THAT(html, HasSubstr("What was not looked at"));
  EXPECT_THAT(html, HasSubstr("CREATE EXTENSION pg_stat_statements;"));
  model::Assessment complete = testing::sample_assessment();
  complete.not_looked_at.clear();
  EXPECT_THAT(assessment_html(complete), HasSubstr("Everything that an assessment looks at was there"));
}

TEST(AssessmentPage, AdviceIsASentenceAndSqlIsCode) {
  model::Assessment assessment;
  assessment.not_looked_at = {{"load", "idle", "assess again"}, {"columns", "not analyzed", "ANALYZE a;\nANALYZE b;"}};
  const std::string html = assessment_html(assessment);
  EXPECT_THAT(html, HasSubstr("To have it: assess again</li>"));
  EXPECT_THAT(html, HasSubstr("<code>ANALYZE a;</code><br>To have it: <code>ANALYZE b;</code></li>"));
}

TEST(AssessmentPage, TellsTheTopologyOnlyWithReplicas) {
  model::Assessment assessment = testing::sample_assessment();
  EXPECT_THAT(assessment_html(assessment), HasSubstr("id=\"topology\""));
  assessment.nodes.resize(1);
  EXPECT_THAT(assessment_html(assessment), Not(HasSubstr("id=\"topology\"")));
}

TEST(AssessmentPage, ASizingThatFailedSaysWhy) {
  model::Assessment assessment = testing::sample_assessment();
  assessment.sizing.failure = "more than 4,316 tables & indexes";
  const std::string html = assessment_html(assessment);
  EXPECT_THAT(html, HasSubstr("more than 4,316 tables &amp; indexes"));
  EXPECT_THAT(html, HasSubstr("no fit"));
}

TEST(AssessmentPage, ATargetThatIsNotYugabyteGetsNoClusterAndItsConstraintsMerged) {
  model::Assessment assessment;
  assessment.analysis.target = "PostgreSQL";
  const std::string html = assessment_html(assessment);
  EXPECT_THAT(html, HasSubstr("No cluster is recommended for this target."));
  EXPECT_THAT(html, HasSubstr("into their CREATE TABLE statement. For this target that is all."));
  EXPECT_THAT(html, Not(HasSubstr("stands on sizes alone")));
  EXPECT_THAT(html, Not(HasSubstr("<dt>Import time</dt>")));
}

TEST(AssessmentPage, ManyTablesStaySmall) {
  model::Assessment assessment = testing::sample_assessment();
  testing::add_tables(assessment, 50'000);
  for (std::size_t i = 0; i < 50'000; ++i) assessment.live_obstacles.push_back({"s.t", {"has no primary key"}});
  EXPECT_LT(assessment_html(assessment).size(), 1'000'000U);
}

TEST(AssessmentSummary, FitsOnAScreen) {
  const std::string text = assessment_summary(testing::sample_assessment());
  EXPECT_LE(std::ranges::count(text, '\n'), 20);
  EXPECT_TRUE(
      text.starts_with("shop (PostgreSQL 15.4) assessed for YugabyteDB 2025.2.3.0\n"
                       "  complexity     MEDIUM: an issue of level 3\n"
                       "  grade          B5: routines or triggers to rewrite\n"
                       "  issues         23: 2 of level 3, 2 of level 2, 14 of level 1, 5 about performance\n"
                       "  by hand        9.5 to 28 h; 92 % of 213 objects need nothing by hand\n"
                       "  cluster        3 nodes of 4 vCPU and 16 GiB; 34 tables colocated, 6 sharded\n"
                       "  import         ~1 h 36 min, ~1 h 21 min without redundant indexes\n"))
      << text;
  EXPECT_THAT(text, HasSubstr("not looked at: 3 routines: their bodies are written in PL/Python\n"));
}

TEST(AssessmentSummary, OneIsNotPlural) {
  model::Assessment assessment;
  assessment.live_obstacles = {{"s.t", {"has no primary key"}}};
  assessment.sizing = {.nodes = 3, .vcpus = 4, .memory_gib = 16};
  assessment.sizing.colocated = std::vector<std::string>{"s.t"};
  const std::string text = assessment_summary(assessment);
  EXPECT_THAT(text, HasSubstr("1 table needs something first\n"));
  EXPECT_THAT(text, HasSubstr("; 1 table colocated, 0 sharded\n"));
}

TEST(AssessmentSummary, WhatHasNoReasonEndsWithItself) {
  EXPECT_THAT(assessment_summary({.not_looked_at = {{.what = "no table was found"}}}),
              HasSubstr("not looked at: no table was found\n"));
}

TEST(AssessmentSummary, NothingIsASummaryToo) {
  EXPECT_THAT(assessment_summary({}), HasSubstr("  issues         none\n"));
}

}  // namespace
}  // namespace voyager::report

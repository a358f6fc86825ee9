#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "report/numbers.h"
#include "report/run_summary.h"
#include "report/verify_text.h"

namespace voyager::report {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;

TEST(Numbers, ReadShort) {
  EXPECT_EQ(short_bytes(512), "512 B");
  EXPECT_EQ(short_bytes(4.2 * 1024 * 1024), "4.2 MiB");
  EXPECT_EQ(short_bytes(1023.9 * 1024), "1.0 MiB");
  EXPECT_EQ(done_of_total(0, 5ULL << 30, true), "0 / ~5.0 GiB");
  EXPECT_EQ(done_of_total(100, 0, true), "100 B");
  EXPECT_EQ(row_rate(1'850'000), "1.9 M rows/s");
  EXPECT_EQ(row_rate(12'345), "12,345 rows/s");
  EXPECT_EQ(eta_words(44.2), "45 s");
  EXPECT_EQ(eta_words(1150), "20 min");
  EXPECT_EQ(eta_words(3600), "1 h 00 min");
  EXPECT_EQ(eta_compact(7600), "2h07m");
  EXPECT_EQ(counted(1, "table", "tables"), "1 table");
  EXPECT_EQ(counted(2140, "table", "tables"), "2,140 tables");
  EXPECT_EQ(moment_text("2026-01-02T03:04:05Z"), "2026-01-02 03:04:05 UTC");
  EXPECT_EQ(moment_text("yesterday"), "yesterday");
}

RunSummary sample_run() {
  return {.command = "import data",
          .migration = "shop",
          .run = "3",
          .started_at = "2026-11-20T08:00:00Z",
          .ended_at = "2026-11-20T08:12:04Z",
          .wall_s = 724,
          .sum_s = 5460,
          .workers = 8,
          .tables = 602,
          .rows = 1'448'000'000,
          .bytes = 724ULL << 30,
          .indexes_built = 87,
          .rows_set_aside = 14,
          .set_aside = {{"public.orders", 14, "/m/data/errors/orders.log"}},
          .stages = {{"rows", 600, 4800, 602}, {"indexes", 120, 660, 87}},
          .next_command = "yb-voyager finalize-schema-post-data-import --export-dir /m"};
}

TEST(RunSummary, Text) {
  EXPECT_EQ(run_summary_text(sample_run(), {}),
            "Import data: done   migration shop · run 3\n"
            "  time        12m 04s on the clock, 1h 31m of work by up to 8 workers\n"
            "              rows: 10m 00s, 1h 20m of work\n"
            "              indexes: 2m 00s, 11m 00s of work\n"
            "  tables      602\n"
            "  rows        1,448,000,000  2.0 M rows/s\n"
            "  bytes       724.0 GiB  1.0 GiB/s\n"
            "  indexes     87 built\n"
            "  set aside   14 rows\n"
            "              public.orders  14 rows  /m/data/errors/orders.log\n"
            "  next        yb-voyager finalize-schema-post-data-import --export-dir /m\n");
}

TEST(RunSummary, WhatEarlierRunsDidHasALineOfItsOwn) {
  const RunSummary run{.command = "import data",
                       .tables = 1,
                       .rows = 500,
                       .tables_before = 2,
                       .rows_before = 40'000,
                       .bytes_before = 3 << 20,
                       .before_word = "imported",
                       .rows_set_aside = 5,
                       .rows_set_aside_before = 2};
  const std::string text = run_summary_text(run, {});
  EXPECT_NE(text.find("  rows        500\n"), std::string::npos) << text;
  EXPECT_NE(text.find("  before      already imported: 40,000 rows, 3.0 MiB, of 2 tables\n"), std::string::npos)
      << text;
  EXPECT_NE(text.find("5 rows, 2 of them by earlier runs"), std::string::npos) << text;
  EXPECT_EQ(Json::parse(run_summary_json(run))["rows_before"], 40'000);
}

TEST(RunSummary, TextOfNothing) {
  EXPECT_EQ(run_summary_text({.command = "export data"}, {}),
            "Export data: done\n  time        0.0s on the clock\n  rows        0\n  bytes       0 B\n");
}

TEST(RunSummary, Json) {
  const Json run = Json::parse(run_summary_json(sample_run()));
  EXPECT_EQ(run["format_version"], 1);
  EXPECT_EQ(run["rows_per_s"], 2'000'000);
  EXPECT_EQ(run["set_aside"][0]["file"], "/m/data/errors/orders.log");
  EXPECT_EQ(run["stages"][1]["sum_s"], 660);
  EXPECT_EQ(run["next_steps"][0]["command"], "yb-voyager finalize-schema-post-data-import --export-dir /m");
  EXPECT_TRUE(Json::parse(run_summary_json({}))["next_steps"].empty());
}

VerifyResult equal_result() {
  return {.objects_compared = 132,
          .tables = {{.table = "public.a", .source_rows = 5, .target_rows = 5, .chunks = 1}, {.table = "public.b"}},
          .seconds = 12};
}

VerifyResult different_result() {
  VerifyResult result = equal_result();
  result.objects = {{Difference::kMissingOnTarget, "index", "public.a_idx", "CREATE INDEX a_idx\n  ON a (x)", ""},
                    {Difference::kDifferent, "column", "public.a.x", "integer", "bigint"}};
  result.tables.push_back({.table = "public.c",
                           .equal = false,
                           .source_rows = 1000,
                           .target_rows = 999,
                           .chunks = 8,
                           .chunks_differing = {2, 5},
                           .keys = {{Difference::kMissingOnTarget, "id=42"}, {Difference::kDifferent, "id=43"}},
                           .keys_cut = true});
  result.tables.push_back({.table = "public.d", .equal = false, .error = "permission denied"});
  return result;
}

TEST(VerifyText, Equal) {
  EXPECT_EQ(verify_text(equal_result(), {}), "equal: 132 objects, 2 tables, 5 rows compared in 12s\n");
}

TEST(VerifyText, Different) {
  EXPECT_EQ(verify_text(different_result(), {}),
            "different: 2 objects and 2 tables differ; 132 objects, 4 tables, 1,005 rows compared in 12s\n"
            "\n"
            "Objects\n"
            "  missing on target: index public.a_idx\n"
            "    source  CREATE INDEX a_idx\n"
            "              ON a (x)\n"
            "  different: column public.a.x\n"
            "    source  integer\n"
            "    target  bigint\n"
            "\n"
            "TABLE     SOURCE ROWS  TARGET ROWS  CHUNKS DIFFERING\n"
            "public.c        1,000          999            2 of 8\n"
            "public.d            ?            ?      not compared\n"
            "\n"
            "  public.c\n"
            "    chunks 2 of 8: 2, 5\n"
            "    missing on target: id=42\n"
            "    different: id=43\n"
            "    more keys differ\n"
            "  public.d\n"
            "    not compared: permission denied\n");
}

TEST(VerifyJson, StableKeys) {
  const Json json = Json::parse(verify_json(different_result()));
  EXPECT_EQ(json["format_version"], 1);
  EXPECT_EQ(json["verdict"], "different");
  EXPECT_EQ(json["objects"][0], Json::parse(R"j({"difference":"missing_on_target","kind":"index","name":"public.a_idx",
      "source":"CREATE INDEX a_idx\n  ON a (x)","target":"","fix":""})j"));
  EXPECT_EQ(json["tables"][2], Json::parse(R"({"table":"public.c","equal":false,"source_rows":1000,"target_rows":999,
      "chunks":8,"chunks_differing":[2,5],"keys":[{"difference":"missing_on_target","key":"id=42"},
      {"difference":"different","key":"id=43"}],"keys_cut":true,"moving":0,"error":""})"));
  EXPECT_EQ(Json::parse(verify_json(equal_result()))["verdict"], "equal");
}

TEST(VerifyResult, RowsThatNeverStoodStillAreNoDifferenceAndNotEqual) {
  VerifyResult result = equal_result();
  result.equal_up_to = "0/16B3748 of the source's log";
  EXPECT_EQ(verify_text(result, {}).find("equal as of 0/16B3748 of the source's log: "), 0U);
  result.tables[0].equal = false;
  result.tables[0].moving = 2;
  EXPECT_TRUE(is_moving(result));
  EXPECT_FALSE(is_equal(result));
  const std::string text = verify_text(result, {});
  EXPECT_EQ(text.find("still moving: rows of 1 table changed each time"), 0U) << text;
  EXPECT_NE(text.find("2 rows changed each time they were compared"), std::string::npos) << text;
  EXPECT_EQ(Json::parse(verify_json(result))["verdict"], "moving");
  result.tables[1].equal = false;
  result.tables[1].keys = {{Difference::kDifferent, "id=1"}};
  EXPECT_FALSE(is_moving(result));
}

TEST(VerifyResult, WhatIsMissingOnPurposeIsToldAndIsNoDifference) {
  VerifyResult result = equal_result();
  result.intended = {{Difference::kMissingOnTarget, "index", "public.a_idx", "CREATE INDEX a_idx ON a (x)", ""}};
  EXPECT_TRUE(is_equal(result));
  EXPECT_EQ(verify_text(result, {}),
            "equal: 132 objects, 2 tables, 5 rows compared in 12s\n\n"
            "1 index is missing on purpose (schema/tables/redundant_indexes.sql):\n  public.a_idx\n");
  const Json json = Json::parse(verify_json(result));
  EXPECT_EQ(json["verdict"], "equal");
  EXPECT_EQ(json["missing_on_purpose"][0]["name"], "public.a_idx");
}

TEST(VerifyResult, AKindOfWhichTheTargetHasNothingIsOneLine) {
  VerifyResult result = equal_result();
  for (const char* name : {"public.a", "public.b", "public.c"})
    result.objects.push_back({Difference::kMissingOnTarget, "table", name, "", ""});
  result.objects.push_back({Difference::kMissingOnTarget, "view", "public.v", "SELECT 1", ""});
  result.objects.push_back({Difference::kDifferent, "materialized view content", "public.m", "filled", "never filled",
                            "REFRESH MATERIALIZED VIEW public.m;"});
  result.kinds = {{"table", 3}, {"view", 2}, {"materialized view content", 1}};
  result.notes = {"the databases sort otherwise"};
  result.not_compared = {"roles", "subscriptions"};
  const std::string text = verify_text(result, {});
  EXPECT_THAT(text, HasSubstr("  missing on target: table, all 3 of the source\n"));
  EXPECT_THAT(text, Not(HasSubstr("public.b")));
  EXPECT_THAT(text, HasSubstr("missing on target: view public.v")) << "one of two";
  EXPECT_THAT(text, HasSubstr("    fix     REFRESH MATERIALIZED VIEW public.m;\n"));
  EXPECT_THAT(text, HasSubstr("\nnote: the databases sort otherwise\n\nnot compared: roles; subscriptions\n"));
  EXPECT_EQ(Json::parse(verify_json(result))["objects"].size(), 5U);
}

TEST(VerifyResult, AnObjectAloneIsADifference) {
  VerifyResult result = equal_result();
  EXPECT_TRUE(is_equal(result));
  result.objects.push_back({Difference::kOnlyOnTarget, "table", "public.extra", "", "..."});
  EXPECT_FALSE(is_equal(result));
  EXPECT_THAT(verify_text(result, {}), HasSubstr("different: 1 object and 0 tables differ"));
}

}  // namespace
}  // namespace voyager::report

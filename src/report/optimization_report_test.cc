// The Schema Optimization Report: JSON, lines, and what its page says. The page in a browser: tests/browser.
#include "report/optimization_report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace voyager::report {
namespace {

using nlohmann::ordered_json;

model::SchemaOptimization example() {
  return {.program_version = "1.2",
          .made_at = "2026-01-02T03:04:05Z",
          .target = "yugabytedb",
          .database = "shop",
          .database_version = "PostgreSQL 15",
          .schemas = {"public", "App"},
          .optimizations = {
              {.key = "redundant_index_change",
               .title = "Redundant Indexes - Removed",
               .description = "why",
               .applied = true,
               .flag = "--no",
               .reference_file = "../schema/tables/redundant_indexes.sql",
               .indexes = {{"public.t", {"i", "j"}}},
               .changes = {{"INDEX i ON public.t", "CREATE INDEX i", "", "because"}},
               .left = {{"INDEX k ON public.t", "CREATE INDEX k", "", "it is used"}}},
              {.key = "table_colocation_recommendation",
               .title = "Table Colocation Recommendation - Not Applied",
               .reference_file = "../schema/tables/table.sql",
               .sharded = {"public.t"},
               .colocated = {"public.u"}},
              {.key = "pk_hash_sharding_change",
               .title = "Primary Keys - Applied",
               .description = "see here",
               .links = {{"here", "https://example.org"}},
               .applied = true,
               .reference_file = "../schema/tables/table.sql",
               .tables = {"public.t"}},
              {.key = "uk_range_splitting_change",
               .title = "Unique Keys - Applied",
               .applied = true,
               .tables = {"public.t"}},
          }};
}

TEST(OptimizationJson, EachKindHasItsDocumentedMembers) {
  const ordered_json json = ordered_json::parse(optimization_json(example()));
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  EXPECT_EQ(keys, (std::vector<std::string>{"voyager_version", "source_database_name", "source_database_schema",
                                            "source_database_version", "redundant_index_change",
                                            "table_colocation_recommendation", "pk_hash_sharding_change",
                                            "uk_range_splitting_change", "format_version", "target", "made_at"}));
  EXPECT_EQ(json["source_database_schema"], "public, App");
  EXPECT_EQ(json["redundant_index_change"], ordered_json::parse(R"({
      "title": "Redundant Indexes - Removed", "description": "why",
      "reference_file": "../schema/tables/redundant_indexes.sql",
      "table_to_removed_indexes_map": {"public.t": ["i", "j"]}, "is_applied": true, "refused_by": "--no",
      "changes": [{"object": "INDEX i ON public.t", "before": "CREATE INDEX i", "after": "", "reason": "because"}],
      "left_unchanged": [{"object": "INDEX k ON public.t", "before": "CREATE INDEX k", "after": "", "reason": "it is used"}]})"));
  const ordered_json& colocation = json["table_colocation_recommendation"];
  EXPECT_EQ(colocation["sharded_objects"], ordered_json::parse(R"(["public.t"])"));
  EXPECT_EQ(colocation["collocated_objects"], ordered_json::parse(R"(["public.u"])"));
  EXPECT_EQ(colocation["is_applied"], false);
  EXPECT_EQ(json["pk_hash_sharding_change"]["hyper_links_in_description"]["here"], "https://example.org");
  EXPECT_EQ(json["pk_hash_sharding_change"]["modified_tables"][0], "public.t");
  EXPECT_FALSE(json["pk_hash_sharding_change"].contains("reference_file"));
  EXPECT_FALSE(json["uk_range_splitting_change"].contains("modified_tables"));
  EXPECT_EQ(json["uk_range_splitting_change"]["hyper_links_in_description"], ordered_json::object());
}

TEST(OptimizationJson, ReadsAsIfItWereWrittenInOnePiece) {
  model::SchemaOptimization report = example();
  report.optimizations[0].changes.push_back({"TABLE \"a\\n}\"", "line\n}", "", "x"});
  const std::string text = optimization_json(report);
  EXPECT_EQ(text, ordered_json::parse(text).dump(4) + "\n");
}

TEST(OptimizationJson, BytesThatAreNoTextDoNotBreakIt) {
  model::SchemaOptimization value = example();
  value.optimizations[0].changes[0].before = "CREATE INDEX \xff";
  EXPECT_NO_THROW(ordered_json::parse(optimization_json(value)));
}

TEST(OptimizationPage, CountsWhatAKindTouches) {
  const std::string html = optimization_html(example());
  EXPECT_NE(html.find("shop for YugabyteDB"), std::string::npos);
  // Two indexes, one of them told as a statement.
  EXPECT_NE(html.find("Redundant Indexes</a></th><td>yes</td><td class=\"number\">2</td><td class=\"number\">1</td>"),
            std::string::npos)
      << html.substr(html.find("Redundant Indexes</a>"), 300);
  EXPECT_EQ(html.find("Redundant Indexes - Removed"), std::string::npos) << "a badge tells the outcome";
  EXPECT_NE(html.find("<del>- CREATE INDEX i\n</del></code>"), std::string::npos) << "no empty line behind a line";
}

TEST(OptimizationSummary, OneNumberedLineForEachKind) {
  EXPECT_EQ(optimization_summary(example()),
            "  1. Redundant Indexes - Removed (2 indexes); 1 statement left as it was\n"
            "  2. Table Colocation Recommendation - Not Applied (1 object)\n"
            "  3. Primary Keys - Applied (1 table)\n"
            "  4. Unique Keys - Applied (1 table)\n");
  EXPECT_EQ(optimization_summary({}), "");
}

}  // namespace
}  // namespace voyager::report

// Values with everything in them that pages have to survive, for tests of reports.
#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "model/assessment.h"
#include "model/schema_optimization.h"

namespace voyager::report::testing {

/// A name and a statement that would run if a page did not escape them.
inline const std::string kHostileName = "<script>alert(1)</script>";
inline const std::string kHostileSql = "CREATE TABLE t (\n  a xml -- </script></pre><img src=x onerror=alert(2)>\n);";

inline std::string hex_id(std::size_t number) {
  return fmt::format("{:012x}", number + 1);
}

inline model::AnalysisIssue sample_issue(std::size_t number) {
  return {.id = hex_id(number),
          .type = "INHERITANCE",
          .name = "Table inheritance",
          .category = "unsupported_features",
          .category_title = "Unsupported features",
          .level = 3,
          .object_type = "TABLE",
          .object_name = fmt::format("sales.orders_{}", number),
          .reason = "A table cannot inherit from another one on the target.",
          .suggestion = "Make it a partition, or repeat the columns.",
          .sql = "CREATE TABLE sales.orders_old (\n  archived_at timestamptz\n)\nINHERITS (sales.orders);",
          .file = "assessment/metadata/schema/tables/table.sql",
          .file_path = "/m/assessment/metadata/schema/tables/table.sql",
          .line = 14,
          .end_line = 14,
          .column = 1,
          .tracker = "https://github.com/yugabyte/yugabyte-db/issues/5956",
          .docs = "https://docs.yugabyte.com/preview/yugabyte-voyager/known-issues/postgresql/",
          .phase = "schema",
          .effort_hours = 8};
}

inline model::SchemaAnalysis sample_analysis() {
  model::SchemaAnalysis analysis{.program_version = "0.1.0",
                                 .target = "YugabyteDB 2025.2.3.0",
                                 .target_version = "2025.2.3.0",
                                 .made_at = "2026-01-02T03:04:05Z",
                                 .description = "Objects of the source and what is known not to work.",
                                 .database = "shop",
                                 .database_version = "PostgreSQL 15.4",
                                 .schemas = {"sales", "public"},
                                 .files = 9,
                                 .statements = 214};
  analysis.objects = {{"SCHEMA", 2, 0, 0, {"sales", "public"}, {}},
                      {"SEQUENCE", 18, 0, 0, {"sales.orders_id_seq"}, {}},
                      {"TABLE", 64, 5, 5, {"sales.orders", kHostileName, "sales.items"}, {}},
                      {"INDEX", 97, 6, 6, {"orders_at ON sales.orders", "items_gin ON sales.items"}, {"Two are GIN."}},
                      {"VIEW", 12, 0, 0, {"sales.totals"}, {}},
                      {"FUNCTION", 14, 3, 3, {"sales.close_day"}, {}},
                      {"TRIGGER", 6, 1, 1, {"audit ON sales.orders"}, {}}};
  model::AnalysisIssue cause = sample_issue(0);
  cause.object_name = "sales.orders_old";
  model::AnalysisIssue incidental = cause;
  incidental.id = hex_id(1);
  incidental.type = "FOREIGN_KEY_TO_INHERITED";
  incidental.name = "Foreign key to an inherited table";
  incidental.level = 1;
  incidental.caused_by = cause.id;
  incidental.effort_hours = 0;
  model::AnalysisIssue hostile = cause;
  hostile.id = hex_id(2);
  hostile.type = "UNSUPPORTED_DATATYPE_XML";
  hostile.name = "Unsupported datatype - xml";
  hostile.category = "unsupported_datatypes";
  hostile.category_title = "Unsupported data types";
  hostile.object_type = "COLUMN";
  hostile.object_name = kHostileName;
  hostile.reason = "no xml & \"more\"";
  hostile.suggestion = "use text";
  hostile.sql = kHostileSql;
  hostile.line = 21;
  hostile.end_line = 22;
  hostile.tracker = "javascript:alert(1)";
  hostile.details = {{"ColumnName", "a"}};
  hostile.phase = "snapshot";
  hostile.effort_hours = 3;
  model::AnalysisIssue fixable = cause;
  fixable.id = hex_id(3);
  fixable.type = "UNLOGGED_TABLES";
  fixable.name = "Unlogged table";
  fixable.level = 1;
  fixable.object_name = "public.sessions";
  fixable.reason = "Every table of the target is logged.";
  fixable.suggestion = "Leave the word out.";
  fixable.sql = "CREATE UNLOGGED TABLE public.sessions (\n  id uuid PRIMARY KEY,\n  data jsonb\n);";
  fixable.fix_kind = "sql";
  fixable.fix_text = "CREATE TABLE public.sessions (\n  id uuid PRIMARY KEY,\n  data jsonb\n);";
  static const model::FixedVersions kFixed = {.supported = {{"2025.1", "2025.1.0.0"}},
                                              .text = ">=2025.1.0.0 (2025.1 series)"};
  fixable.fixed_in = &kFixed;
  fixable.effort_hours = 0.25;
  model::AnalysisIssue body = cause;
  body.id = hex_id(4);
  body.type = "LARGE_OBJECT_FUNCTIONS";
  body.name = "Large objects";
  body.category = "unsupported_plpgsql_objects";
  body.category_title = "Unsupported PL/pgSQL objects";
  body.level = 2;
  body.object_type = "FUNCTION";
  body.object_name = "sales.close_day";
  body.reason = "Large objects are not there.";
  body.suggestion = "Keep the bytes in a column of type bytea.";
  body.sql = "PERFORM lo_unlink(old.picture)";
  body.effort_hours = 2;
  body.phase = "queries";
  analysis.issues = {hostile, cause, fixable, incidental, body};
  for (std::size_t i = 0; i < 12; ++i) {
    model::AnalysisIssue index = fixable;
    index.id = hex_id(100 + i);
    index.type = "UNSUPPORTED_GIN_INDEX";
    index.name = "GIN index on two columns";
    index.object_type = "INDEX";
    index.object_name = fmt::format("items_gin_{} ON sales.items", i);
    index.reason = "A GIN index has one column on the target.";
    index.suggestion = "Make one index for each column.";
    index.sql = fmt::format("CREATE INDEX items_gin_{} ON sales.items USING gin (tags, words);", i);
    index.fix_kind.clear();
    index.fix_text.clear();
    index.effort_hours = i == 0 ? 0.5 : 0.05;
    index.line = index.end_line = 30 + static_cast<int>(i);
    analysis.issues.push_back(index);
  }
  return analysis;
}

inline void add_issues_of_the_load(model::SchemaAnalysis& analysis) {
  model::AnalysisIssue query = sample_issue(5);
  query.type = "ADVISORY_LOCKS";
  query.name = "Advisory locks";
  query.category = "unsupported_query_constructs";
  query.category_title = "Unsupported query constructs";
  query.level = 2;
  query.object_type.clear();
  query.object_name.clear();
  query.reason = "Advisory locks are not shared between nodes.";
  query.suggestion = "Lock a row of a table instead.";
  query.sql = "SELECT pg_advisory_lock($1) FROM sales.orders WHERE id < $2";
  query.file.clear();
  query.file_path.clear();
  query.line = query.end_line = query.column = 0;
  query.phase = "queries";
  query.effort_hours = 2;
  analysis.issues.push_back(query);
  std::size_t number = 200;
  for (const char* usage : {"UNUSED", "RARE", "FREQUENT", "MODERATE", "FREQUENT"}) {
    model::AnalysisIssue slow = sample_issue(number++);
    slow.type = "HOTSPOTS_ON_TIMESTAMP_INDEX";
    slow.name = "Hotspot on an index over time";
    slow.category = "performance_optimizations";
    slow.category_title = "Performance";
    slow.level = 1;
    slow.object_type = "INDEX";
    slow.object_name = fmt::format("orders_at_{} ON sales.orders", number);
    slow.reason = "All new entries go to the same tablet.";
    slow.suggestion = "Put a bucket in front of the time.";
    slow.sql = "CREATE INDEX orders_at ON sales.orders (created_at);";
    slow.usage = usage;
    slow.phase = "queries";
    slow.effort_hours = 0.5;
    analysis.issues.push_back(slow);
  }
}

inline void add_tables(model::Assessment& assessment, std::size_t count) {
  std::vector<std::string> colocated;
  std::vector<std::string> sharded;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string name = i == 0 ? "orders" : i == 1 ? kHostileName : fmt::format("table_{:03}", i);
    const auto size = static_cast<std::int64_t>(6e10 / static_cast<double>((i + 1) * (i + 1)));
    const auto rows = static_cast<std::int64_t>(3e8 / static_cast<double>(i + 1));
    const std::int64_t writes = i % 5 == 0 ? 4000 / static_cast<std::int64_t>(i + 1) : static_cast<std::int64_t>(i % 7);
    assessment.figures.push_back({"sales", name, "table", "", false, rows, 12, writes * 6, writes, size});
    assessment.figures.push_back(
        {"sales", name + "_pkey", "primary key", "sales." + name, true, {}, {}, writes * 4, writes, size / 5});
    if (i % 2 == 0) {
      assessment.figures.push_back(
          {"sales", name + "_at", "index", "sales." + name, true, {}, {}, writes * 2, writes, size / 7});
    }
    const bool together = i > 5;
    (together ? colocated : sharded).push_back("sales." + name);
    assessment.sizing.placements.push_back(
        {"sales." + name, together, together ? "small, and few reads and writes" : "writes more than one core takes",
         size + size / 5, 2});
  }
  if (!colocated.empty()) assessment.sizing.colocated = colocated;
  if (!sharded.empty()) assessment.sizing.sharded = sharded;
}

inline model::Assessment sample_assessment() {
  model::Assessment assessment{
      .analysis = sample_analysis(),
      .source_product = "postgresql",
      .mode = "live source",
      .command_line = "yb-voyager assess-migration --source-db-type postgresql --source-db-host db1",
      .seconds = 187,
      .iops_interval = 120};
  add_issues_of_the_load(assessment.analysis);
  assessment.nodes = {{"primary", true, true}, {"replica db2-5432", false, false}};
  assessment.not_looked_at = {{"queries of replica db2-5432", "pg_stat_statements is not installed there",
                               "CREATE EXTENSION pg_stat_statements;"},
                              {"3 routines", "their bodies are written in PL/Python", ""}};
  assessment.complexity = {"MEDIUM", "an issue of level 3",
                           "Found 2 issues of level 3, 2 of level 2 and 19 of level 1."};
  assessment.sizing = {
      .figures_version = "2025.2.0.0",
      .reasoning =
          "A cluster of 4 vCPU and 16 GiB a node takes 34 small tables together (1.64 GB, 90 reads/s, 12 "
          "writes/s) and 6 tables on their own (96.4 GB, 3,800 reads/s, 4,900 writes/s). Partitioned tables "
          "themselves were left out.",
      .nodes = 3,
      .vcpus = 4,
      .memory_gib = 16,
      .select_connections = 8,
      .insert_connections = 12,
      .import_minutes = 96,
      .import_minutes_without_redundant = 81};
  assessment.sizing.candidates = {
      {true, 4, 3, 34, 6, 96, "", true},   {true, 8, 3, 34, 6, 71, "", false},
      {true, 16, 3, 34, 6, 52, "", false}, {false, 4, 4, 0, 40, 110, "", false},
      {false, 8, 3, 0, 40, 78, "", false}, {false, 16, 0, 0, 40, {}, "more than 4,316 tables and indexes", false}};
  add_tables(assessment, 40);
  assessment.queries = {{"42", "SELECT pg_advisory_lock($1) FROM sales.orders WHERE id < $2", 91234, 91234, 4512345.6,
                         49.46, 0.02, 801.2, 12.0},
                        {"43", "SELECT 1", 5, 5, 1, 0.2, 0.1, 0.3, 0}};
  assessment.redundant_indexes = {
      {"sales", "orders", "orders_customer", "sales", "orders", "orders_customer_at",
       "CREATE INDEX orders_customer ON sales.orders (customer);",
       "CREATE INDEX orders_customer_at ON sales.orders (customer, created_at);"},
      {"sales", kHostileName, "x", "sales", kHostileName, "y", "CREATE INDEX x;", "CREATE INDEX y;"}};
  assessment.live_obstacles = {{"sales.log", {"has no primary key"}},
                               {"sales." + kHostileName, {"column a has type xml", "has no primary key"}}};
  assessment.notes = {{model::NoteKind::kGeneral, "Some of the features may be there as previews.", "", ""},
                      {model::NoteKind::kGeneral, "What an assessment cannot see:", "known limits",
                       "https://docs.yugabyte.com/preview/yugabyte-voyager/"},
                      {model::NoteKind::kPlacement, "Keep very busy tables out of colocation.", "limits",
                       "https://docs.yugabyte.com/preview/explore/colocation/"},
                      {model::NoteKind::kSizing, "The second time leaves redundant indexes out.", "", ""}};
  return assessment;
}

inline model::SchemaOptimization sample_optimization() {
  model::SchemaOptimization report{.program_version = "0.1.0",
                                   .made_at = "2026-01-02T03:04:05Z",
                                   .target = "YugabyteDB 2025.2.3.0",
                                   .database = "shop",
                                   .database_version = "PostgreSQL 15.4",
                                   .schemas = {"sales", "public"}};
  report.optimizations = {
      {.key = "redundant_index_change",
       .title = "Redundant Indexes - Removed",
       .description = "Indexes that another index of the same table makes needless.",
       .applied = true,
       .flag = "--skip-performance-recommendations true",
       .reference_file = "../schema/tables/redundant_indexes.sql",
       .indexes = {{"sales.orders", {"orders_customer"}}, {kHostileName, {"x"}}},
       .changes = {{"INDEX orders_customer ON sales.orders", "CREATE INDEX orders_customer ON sales.orders (customer);",
                    "", "orders_customer_at begins with the same columns"}}},
      {.key = "table_sharding_recommendation",
       .title = "Tables Sharded and Colocated - Applied",
       .description = "Small tables share one tablet, see colocation.",
       .links = {{"colocation", "https://docs.yugabyte.com/preview/explore/colocation/"}},
       .applied = true,
       .flag = "--skip-colocation-recommendations true",
       .sharded = {"sales.orders"},
       .colocated = {"sales.items", kHostileName},
       .changes =
           {{"TABLE sales.orders", "CREATE TABLE sales.orders (\n  id bigint NOT NULL,\n  customer bigint\n);",
             "CREATE TABLE sales.orders (\n  id bigint NOT NULL,\n  customer bigint\n)\nWITH (colocation='false');",
             "large"},
            {"TABLE " + kHostileName, kHostileSql, kHostileSql + "\n-- WITH (colocation='false')", ""}},
       .left = {{"TABLE public.part", "CREATE TABLE public.part PARTITION OF public.whole DEFAULT;", "",
                 "a partition is placed with its table"}}},
      {.key = "secondary_index_to_range_change",
       .title = "Secondary Indexes in Range Order - Not Applied",
       .description = "The first key of a secondary index is ordered.",
       .applied = false,
       .flag = "--skip-performance-recommendations true",
       .changes = {{"INDEX orders_at ON sales.orders", "CREATE INDEX orders_at ON sales.orders (created_at);",
                    "CREATE INDEX orders_at ON sales.orders (created_at ASC);", ""}}}};
  return report;
}

}  // namespace voyager::report::testing

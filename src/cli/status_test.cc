#include "cli/status.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/testing_test.h"
#include "format/meta_db.h"

namespace voyager::cli {
namespace {

using model::Identifier;

model::TableName name(const char* table) {
  return {Identifier("public"), Identifier(table)};
}

model::PlannedTable planned(const char* table, const char* root, bool handed_out) {
  return {.table = {.name = name(table),
                    .kind = root == std::string(table) ? model::TableKind::kPlain : model::TableKind::kLeafPartition,
                    .root = name(root)},
          .space = {.all = {0, 10}},
          .handed_out = handed_out};
}

class StatusTest : public ::testing::Test {
 protected:
  std::string finish_chunk(const char* table, std::uint64_t rows) {
    model::Chunk chunk{.table = name(table), .range = {0, 10}};
    db_.lease_chunk(chunk, 10, true);
    chunk.state = model::ChunkState::kDone;
    chunk.rows = rows;
    db_.finish_chunk(chunk);
    return chunk.file_name;
  }
  testing::TemporaryDir folder_;
  format::MetaDb db_{folder_.path()};
};

TEST_F(StatusTest, NothingHasStarted) {
  EXPECT_FALSE(export_status(db_).has_value());
  EXPECT_FALSE(import_status(db_).has_value());
}

TEST_F(StatusTest, ExportOfPlainAndPartitionedTables) {
  db_.save_plan({planned("done", "done", false), planned("leaf1", "root", false), planned("leaf2", "root", false),
                 planned("waiting", "waiting", false)});
  finish_chunk("done", 7);
  finish_chunk("leaf1", 5);
  const std::string text = report::export_status_text(*export_status(db_), {});
  const auto json = nlohmann::json::parse(report::export_status_json(*export_status(db_)));
  ASSERT_EQ(json.size(), 3u) << text;
  std::map<std::string, std::string> status;
  for (const auto& row : json) status[row["table_name"]] = row["status"];
  EXPECT_EQ(status["done"], "DONE");
  EXPECT_EQ(status["root"], "EXPORTING");
  EXPECT_EQ(status["waiting"], "NOT-STARTED");
}

TEST_F(StatusTest, ImportCountsRowsOfFinishedChunks) {
  db_.save_plan({planned("a", "a", false), planned("leaf", "root", false), planned("empty", "empty", true)});
  const std::string first = finish_chunk("a", 10);
  const std::string second = finish_chunk("leaf", 4);
  db_.patch_json("migration_status", R"({"ExportDataDone": true, "ImportDataToTargetStarted": true})");
  db_.set_imported("target_db_importer", {{.file_name = first, .table = name("a"), .rows = 8, .rows_set_aside = 2},
                                          {.file_name = second, .table = name("root"), .rows = 1}});
  const auto status = import_status(db_);
  ASSERT_TRUE(status.has_value());
  const auto json = nlohmann::json::parse(report::import_status_json(status->rows, status->kind));
  std::map<std::string, nlohmann::json> rows;
  for (const auto& row : json) rows[row["table_name"]] = row;
  EXPECT_EQ(rows["\"public\".\"a\""]["status"], "DONE_WITH_ERRORS");
  EXPECT_EQ(rows["\"public\".\"a\""]["errored_count"], 2);
  EXPECT_EQ(rows["\"public\".\"root\""]["status"], "MIGRATING");
  EXPECT_EQ(rows["\"public\".\"root\""]["total_count"], 4);
  EXPECT_EQ(rows["\"public\".\"empty\""]["status"], "DONE");
}

TEST_F(StatusTest, ImportOfFilesCountsBytes) {
  const testing::TemporaryDir data;
  const std::string file = data.write("a.csv", "12345\n67890\n").string();
  data.write("b.csv", "1\n");
  db_.patch_json("migration_status", nlohmann::json{{"ImportDataFileFlagFileTableMapping", "a.csv:a,b.csv:b"},
                                                    {"ImportDataFileFlagDataDir", data.path().string()}}
                                         .dump());
  db_.set_imported("import_file", {{.file_name = file, .table = name("a"), .rows = 1, .bytes = 6}});
  const auto status = import_status(db_);
  ASSERT_TRUE(status.has_value());
  EXPECT_EQ(status->kind, report::ImportKind::kFiles);
  ASSERT_EQ(status->rows.size(), 2u);
  EXPECT_EQ(status->rows[0].total, 12u);
  EXPECT_EQ(status->rows[0].imported, 6u);
  EXPECT_EQ(report::import_status(status->rows[0]), report::ImportStatus::kMigrating);
  EXPECT_EQ(report::import_status(status->rows[1]), report::ImportStatus::kNotStarted);
}

}  // namespace
}  // namespace voyager::cli

#include "format/meta_db.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <thread>

#include "base/error.h"
#include "base/files.h"
#include "base/temporary_folder_testing.h"
#include "format/chunk_file.h"
#include "format/planned_table_testing.h"
#include "format/sqlite.h"
#include "format/target_tables.h"

namespace voyager::format {
namespace {

using testing::planned;
using testing::table_named;

class MetaDbTest : public ::testing::Test {
 protected:
  const base::TemporaryFolder folder_ = {};
  const std::filesystem::path dir_ = folder_.path();
};

TEST_F(MetaDbTest, KeepsThePlanAcrossOpenings) {
  { MetaDb(dir_).save_plan({planned("b"), planned("a")}); }
  MetaDb db(dir_);
  const std::vector<model::PlannedTable> plan = db.plan();
  ASSERT_EQ(plan.size(), 2U);
  EXPECT_EQ(plan[0].table.name, table_named("b")) << "the order is kept";
  EXPECT_EQ(plan[0].table.columns[0].type, "numeric(10,2)");
  EXPECT_EQ(plan[0].table.columns[0].identity, model::Identity::kAlways);
  EXPECT_EQ(plan[0].space.all.end, 100U);
  EXPECT_DOUBLE_EQ(plan[0].space.bytes_per_unit, 8192.5);
  EXPECT_EQ(plan[0].rows, model::RowFormat::kBinary);
}

TEST_F(MetaDbTest, AFileWithAWholeTableHasNoNumber) {
  MetaDb db(dir_);
  db.save_plan({planned("t")});
  model::Chunk chunk{.table = table_named("t"), .range = {0, 100}};
  db.lease_chunk(chunk, 100, true);
  EXPECT_EQ(chunk.file_name, "t_data.sql");
  EXPECT_EQ(chunk_trailer(chunk), "\\.\n\n\n");
  chunk.compressed = true;
  EXPECT_EQ(chunk_trailer(chunk), "");
}

TEST_F(MetaDbTest, WhoOnlyReadsNeedsNoLockAndChangesNothing) {
  MetaDb db(dir_);
  db.set_json("k", "1");
  db.in_transaction([&] {
    db.set_json("k", "2");
    MetaDb reader(dir_, MetaDb::Mode::kReadOnly);
    EXPECT_EQ(reader.json("k"), "1") << "as it was before the transaction that is open";
    EXPECT_THROW(reader.set_json("k", "3"), base::Error);
    EXPECT_EQ(reader.peer()->json("k"), "1");
  });
}

TEST_F(MetaDbTest, AnEarlierVersionIsBroughtForwardAlsoToBeRead) {
  { MetaDb db(dir_); }
  sqlite3* raw = nullptr;
  ASSERT_EQ(sqlite3_open((dir_ / "metainfo" / "meta.db").c_str(), &raw), SQLITE_OK);
  ASSERT_EQ(
      sqlite3_exec(raw, "ALTER TABLE set_aside_row DROP COLUMN line; DROP TABLE lane_rule; PRAGMA user_version = 7",
                   nullptr, nullptr, nullptr),
      SQLITE_OK);
  sqlite3_close(raw);
  MetaDb reader(dir_, MetaDb::Mode::kReadOnly);
  EXPECT_TRUE(reader.set_aside("r").empty());
}

TEST_F(MetaDbTest, ManyMayCreateItAtOnce) {
  for (int round = 0; round < 20; ++round) {
    std::filesystem::remove_all(dir_ / "metainfo");
    std::vector<std::thread> threads;
    for (int i = 0; i < 6; ++i) {
      threads.emplace_back([&] { EXPECT_NO_THROW(MetaDb(dir_).set_json("k", "1")); });
    }
    for (std::thread& thread : threads) thread.join();
  }
}

TEST_F(MetaDbTest, AFileOfVersionOneIsBroughtForward) {
  {
    MetaDb db(dir_);
    db.save_sequences({{.name = table_named("old"), .last_value = 5, .increment = -3}});
  }
  sqlite3* raw = nullptr;
  ASSERT_EQ(sqlite3_open((dir_ / "metainfo" / "meta.db").c_str(), &raw), SQLITE_OK);
  sqlite3_exec(
      raw,
      "ALTER TABLE snapshot_sequence DROP COLUMN increment; DROP TABLE queue_segment_meta; DROP TABLE "
      "exported_events_stats; DROP TABLE exported_events_stats_per_table; DROP TABLE schema_object; DROP "
      "TABLE schema_statement; DROP TABLE schema_statement_outcome; ALTER TABLE set_aside_row DROP COLUMN discarded; "
      "ALTER TABLE set_aside_row DROP COLUMN released; ALTER TABLE set_aside_row DROP COLUMN line; "
      "DROP TABLE lane_key; DROP TABLE lane_rule; INSERT INTO json_objects VALUES ('lane_rules_r', "
      "'{\"f\":{\"key\":[2,0],\"one_lane\":false},"
      "\"g\":{\"key\":[],\"one_lane\":true}}'), ('lane_rules_s', '{}'), ('event_lanes_r', '4'), ('event_lanes_s', "
      "'4'), "
      "('event_lanes', '3'), ('lane_order_s', "
      "'{\"partition_key\":\"pk\",\"overrides\":\"s.t:(a)\",\"keep_transactions\":true}'); PRAGMA user_version = 1",
      nullptr, nullptr, nullptr);
  sqlite3_close(raw);
  const std::vector<model::Sequence> found = MetaDb(dir_).sequences();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].last_value, 5);
  EXPECT_EQ(found[0].increment, 1) << "what version 1 did not keep";
  MetaDb db(dir_);
  using Keys = LaneLedger::LaneKeys;
  EXPECT_EQ(db.lanes("r"), (LaneRecord{.lanes = 4}));
  EXPECT_EQ(db.lane_keys("r"), (Keys{{"f", {{2, 0}}}, {"g", std::nullopt}}));
  EXPECT_EQ(db.lanes("s"),
            (LaneRecord{.lanes = 4, .partition_key = "pk", .overrides = "s.t:(a)", .keep_transactions = true}));
  EXPECT_EQ(db.lane_keys("s"), Keys());
  EXPECT_EQ(db.lanes("target_db_importer"), (LaneRecord{.lanes = 3}));
  EXPECT_EQ(db.lane_keys("target_db_importer"), std::nullopt);
  EXPECT_EQ(db.lanes("t"), std::nullopt);
  for (const char* earlier : {"lane_rules_r", "event_lanes", "event_lanes_r", "lane_order_s"})
    EXPECT_EQ(db.json(earlier), "") << earlier;
}

TEST_F(MetaDbTest, ANewerVersionIsRefused) {
  { MetaDb db(dir_); }
  sqlite3* raw = nullptr;
  ASSERT_EQ(sqlite3_open((dir_ / "metainfo" / "meta.db").c_str(), &raw), SQLITE_OK);
  sqlite3_exec(raw, "PRAGMA user_version = 9999", nullptr, nullptr, nullptr);
  sqlite3_close(raw);
  try {
    MetaDb db(dir_);
    FAIL() << "opened a newer state";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.info().exit, base::ExitCode::kState);
  }
}

TEST_F(MetaDbTest, ADamagedFileIsNamed) {
  std::filesystem::create_directories(dir_ / "metainfo");
  base::write_file_atomically(dir_ / "metainfo" / "meta.db", std::string(8192, 'x'));
  try {
    MetaDb db(dir_);
    FAIL() << "opened garbage";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.info().code, "DIR-005");
    EXPECT_FALSE(error.info().fix.empty());
  }
}

TEST(TargetTables, SurviveTheRoundTrip) {
  model::Table table{.name = {model::Identifier("s"), model::Identifier("T\"x")}};
  table.columns = {{.name = model::Identifier("c"), .wire_type = "int4"}};
  const std::vector<model::Table> back = target_tables_from_json(target_tables_to_json({table}));
  ASSERT_EQ(back.size(), 1U);
  EXPECT_EQ(back[0].name, table.name);
  EXPECT_EQ(back[0].columns[0].wire_type, "int4");
  EXPECT_THROW(target_tables_from_json("[{"), base::Error);
}

}  // namespace
}  // namespace voyager::format

#include "format/meta_db.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "base/error.h"
#include "base/files.h"
#include "base/temporary_folder_testing.h"
#include "format/chunk_file.h"
#include "format/lane_ledger.h"
#include "format/queue_ledger.h"
#include "format/sqlite.h"
#include "format/target_tables.h"

namespace voyager::format {
namespace {

class MetaDbTest : public testing::Test {
 protected:
  static model::TableName name(const char* table) { return {model::Identifier("public"), model::Identifier(table)}; }
  static model::PlannedTable planned(const char* table) {
    model::PlannedTable one;
    one.table.name = one.table.root = name(table);
    one.table.columns = {{.name = model::Identifier("Größe"),
                          .type = "numeric(10,2)",
                          .wire_type = "numeric",
                          .not_null = true,
                          .identity = model::Identity::kAlways}};
    one.table.primary_key = {model::Identifier("Größe")};
    one.rows = model::RowFormat::kBinary;
    one.space = {.all = {0, 100}, .bytes_per_unit = 8192.5};
    return one;
  }

  const base::TemporaryFolder folder_ = {};
  const std::filesystem::path dir_ = folder_.path();
};

TEST_F(MetaDbTest, KeepsThePlanAcrossOpenings) {
  { MetaDb(dir_).save_plan({planned("b"), planned("a")}); }
  MetaDb db(dir_);
  const std::vector<model::PlannedTable> plan = db.plan();
  ASSERT_EQ(plan.size(), 2U);
  EXPECT_EQ(plan[0].table.name, name("b")) << "the order is kept";
  EXPECT_EQ(plan[0].table.columns[0].type, "numeric(10,2)");
  EXPECT_EQ(plan[0].table.columns[0].identity, model::Identity::kAlways);
  EXPECT_EQ(plan[0].space.all.end, 100U);
  EXPECT_DOUBLE_EQ(plan[0].space.bytes_per_unit, 8192.5);
  EXPECT_EQ(plan[0].rows, model::RowFormat::kBinary);
}

TEST_F(MetaDbTest, AChunkIsSeenByImportersOnlyWhenDone) {
  MetaDb db(dir_);
  db.save_plan({planned("t")});
  model::Chunk first{.table = name("t"), .range = {0, 40}, .compressed = true};
  model::Chunk second{.table = name("t"), .range = {40, 100}, .compressed = true};
  db.lease_chunk(first, 40, false);
  db.lease_chunk(second, 100, true);
  EXPECT_EQ(first.file_name, "t_data.000001.sql.zst");
  EXPECT_EQ(second.file_name, "t_data.000002.sql.zst");
  EXPECT_EQ(db.plan()[0].next, 100U);
  EXPECT_TRUE(db.plan()[0].handed_out);
  EXPECT_TRUE(db.done_chunks(0).empty());

  second.rows = 7;
  second.frames = {{.number = 0, .offset = 0, .stored_bytes = 9, .raw_bytes = 20, .rows = 7, .crc32c = 0xFFFFFFFF}};
  db.finish_chunk(second);
  const std::vector<model::Chunk> done = db.done_chunks(0);
  ASSERT_EQ(done.size(), 1U);
  EXPECT_EQ(done[0].file_name, second.file_name);
  ASSERT_EQ(done[0].frames.size(), 1U);
  EXPECT_EQ(done[0].frames[0].crc32c, 0xFFFFFFFFU);
  ASSERT_EQ(db.leased_chunks().size(), 1U);
  EXPECT_EQ(db.leased_chunks()[0].range, first.range);
  db.finish_chunk(first);
  const std::vector<model::Chunk> later = db.done_chunks(done[0].done_order);
  ASSERT_EQ(later.size(), 1U) << "the importer reads on from the last it has seen, in the order of finishing";
  EXPECT_EQ(later[0].id, first.id);
}

TEST_F(MetaDbTest, AFileWithAWholeTableHasNoNumber) {
  MetaDb db(dir_);
  db.save_plan({planned("t")});
  model::Chunk chunk{.table = name("t"), .range = {0, 100}};
  db.lease_chunk(chunk, 100, true);
  EXPECT_EQ(chunk.file_name, "t_data.sql");
  EXPECT_EQ(chunk_trailer(chunk), "\\.\n\n\n");
  chunk.compressed = true;
  EXPECT_EQ(chunk_trailer(chunk), "");
}

TEST_F(MetaDbTest, ATableReadAgainGetsNewFilesAndNewOrder) {
  MetaDb db(dir_);
  db.save_plan({planned("t")});
  model::Chunk chunk{.table = name("t"), .range = {0, 100}};
  db.lease_chunk(chunk, 100, true);
  db.finish_chunk(chunk);
  const std::int64_t seen = db.done_chunks(0)[0].done_order;
  db.restart_table(name("t"), {.all = {0, 120}, .bytes_per_unit = 1});
  EXPECT_FALSE(db.claim_chunk("r", chunk, name("t"))) << "the old chunk is gone";
  EXPECT_EQ(db.plan()[0].generation, 1);
  EXPECT_FALSE(db.plan()[0].handed_out);
  model::Chunk again{.table = name("t"), .range = {0, 120}};
  db.lease_chunk(again, 120, true);
  EXPECT_NE(again.file_name, chunk.file_name);
  db.finish_chunk(again);
  EXPECT_EQ(db.done_chunks(seen).size(), 1U) << "the order never goes back";
  EXPECT_TRUE(db.claim_chunk("r", again, name("t")));
}

TEST_F(MetaDbTest, WhoOnlyReadsNeedsNoLockAndChangesNothing) {
  MetaDb db(dir_);
  db.set_json("k", "1");
  const MetaDb::Transaction writing(db);
  db.set_json("k", "2");
  MetaDb reader(dir_, MetaDb::Mode::kReadOnly);
  EXPECT_EQ(reader.json("k"), "1") << "as it was before the transaction that is open";
  EXPECT_THROW(reader.set_json("k", "3"), base::Error);
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

TEST_F(MetaDbTest, JsonIsPatchedNotReplaced) {
  MetaDb db(dir_);
  db.patch_json("migration_status", R"({"MigrationUUID": "u", "ExportDataDone": false})");
  db.patch_json("migration_status", R"({"ExportDataDone": true})");
  EXPECT_EQ(nlohmann::json::parse(db.json("migration_status")),
            nlohmann::json::parse(R"({"MigrationUUID": "u", "ExportDataDone": true})"));
  EXPECT_EQ(db.json("no such key"), "");
}

TEST_F(MetaDbTest, ImportFiguresAddUpAndSetAsideRowsCountOnce) {
  MetaDb db(dir_);
  db.add_imported("r", {.file_name = "f", .table = name("t"), .rows = 5, .bytes = 50});
  db.add_imported("r", {.file_name = "f", .table = name("t"), .rows = 2, .bytes = 20});
  db.add_imported("other", {.file_name = "f", .table = name("t"), .rows = 1});
  ASSERT_EQ(db.imported("r").size(), 1U);
  EXPECT_EQ(db.imported("r")[0].rows, 7U);
  const model::SetAsideRow row{
      .file_name = "f", .table = name("t"), .number = 3, .reason = "bad 'row'", .sqlstate = "22P02"};
  EXPECT_TRUE(db.add_set_aside("r", row));
  EXPECT_FALSE(db.add_set_aside("r", row));
  EXPECT_EQ(db.set_aside("r").size(), 1U);
  db.clear_import("r");
  EXPECT_TRUE(db.imported("r").empty());
  EXPECT_TRUE(db.set_aside("r").empty());
  EXPECT_EQ(db.imported("other").size(), 1U);
}

TEST_F(MetaDbTest, AStatementNotedAgainRunsAgain) {
  MetaDb db(dir_);
  const std::int64_t id =
      db.add_post_data({.kind = model::PostDataStatement::Kind::kKey, .table = name("t"), .sql = "ADD KEY"});
  db.mark_post_data_done(id);
  EXPECT_TRUE(db.post_data()[0].done);
  EXPECT_EQ(db.add_post_data({.kind = model::PostDataStatement::Kind::kKey, .table = name("t"), .sql = "ADD KEY"}), id);
  EXPECT_FALSE(db.post_data()[0].done);
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

TEST_F(MetaDbTest, ARolledBackTransactionLeavesNothing) {
  MetaDb db(dir_);
  {
    MetaDb::Transaction transaction(db);
    db.set_json("k", "1");
  }
  EXPECT_EQ(db.json("k"), "");
}

TEST_F(MetaDbTest, SequencesKeepTheirStep) {
  MetaDb db(dir_);
  db.save_sequences(
      {{.name = name("down"), .last_value = -7, .is_called = true, .increment = -3}, {.name = name("up")}});
  const std::vector<model::Sequence> found = db.sequences();
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].increment, -3);
  EXPECT_EQ(found[0].last_value, -7);
  EXPECT_EQ(found[1].increment, 1);
}

TEST_F(MetaDbTest, AFileOfVersionOneIsBroughtForward) {
  {
    MetaDb db(dir_);
    db.save_sequences({{.name = name("old"), .last_value = 5, .increment = -3}});
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
  using Keys = LaneLedger::Keys;
  EXPECT_EQ(LaneLedger(db, "r").record(), (LaneRecord{.lanes = 4}));
  EXPECT_EQ(LaneLedger(db, "r").keys(), (Keys{{"f", {{2, 0}}}, {"g", std::nullopt}}));
  EXPECT_EQ(LaneLedger(db, "s").record(),
            (LaneRecord{.lanes = 4, .partition_key = "pk", .overrides = "s.t:(a)", .keep_transactions = true}));
  EXPECT_EQ(LaneLedger(db, "s").keys(), Keys());
  EXPECT_EQ(LaneLedger(db, "target_db_importer").record(), (LaneRecord{.lanes = 3}));
  EXPECT_EQ(LaneLedger(db, "target_db_importer").keys(), std::nullopt);
  EXPECT_EQ(LaneLedger(db, "t").record(), std::nullopt);
  for (const char* earlier : {"lane_rules_r", "event_lanes", "event_lanes_r", "lane_order_s"})
    EXPECT_EQ(db.json(earlier), "") << earlier;
}

TEST_F(MetaDbTest, WhatChangesAreGivenToLanesByIsOneRecordOfEachImporter) {
  using Keys = LaneLedger::Keys;
  MetaDb db(dir_);
  LaneLedger ledger(db, "r"), other(db, "s");
  EXPECT_EQ(ledger.record(), std::nullopt);
  EXPECT_EQ(ledger.keys(), std::nullopt);
  const LaneRecord first{.lanes = 2, .overrides = "s.t:table"}, second{.lanes = 2, .partition_key = "table"};
  ledger.save(first);
  other.save(second);
  EXPECT_EQ(ledger.record(), first);
  EXPECT_EQ(ledger.keys(), std::nullopt) << "nothing was noted yet, which is not: all are as usual";
  ledger.save_keys({}, {});
  EXPECT_EQ(ledger.keys(), Keys());
  EXPECT_EQ(other.keys(), std::nullopt);
  ledger.save_keys({{"f", {{0, 3}}}, {"g", std::nullopt}}, {});
  ledger.save(second);
  ledger.save_keys({{"f", std::nullopt}, {"h", {{1}}}}, {"g"});
  EXPECT_EQ(ledger.record(), second);
  EXPECT_EQ(ledger.keys(), (Keys{{"f", std::nullopt}, {"h", {{1}}}})) << "and another record keeps them";
  db.clear_import("r");
  EXPECT_EQ(ledger.record(), std::nullopt);
  EXPECT_EQ(ledger.keys(), std::nullopt);
  EXPECT_EQ(other.record(), second);
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

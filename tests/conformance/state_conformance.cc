// The ledgers of a migration's state: in a file and in memory they keep the same promises.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/temporary_folder_testing.h"
#include "format/memory_state_testing.h"
#include "format/meta_db.h"
#include "format/planned_table_testing.h"

namespace voyager::format {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::planned;
using testing::table_named;
using ::testing::UnorderedElementsAre;

enum class Kept : std::uint8_t { kInFile, kInMemory };

std::ostream& operator<<(std::ostream& out, Kept kept) {
  return out << (kept == Kept::kInFile ? "file" : "memory");
}

/// Every ledger is asked through a connection of its own: what one has noted all others see.
class StateConformance : public ::testing::TestWithParam<Kept> {
 protected:
  StateConformance() {
    if (GetParam() == Kept::kInFile) {
      state_ = std::make_unique<MetaDb>(folder_.path());
    } else {
      state_ = std::make_unique<MemoryState>();
    }
    other_ = state_->peer();
  }

  const base::TemporaryFolder folder_ = {};
  std::unique_ptr<MigrationState> state_ = {};
  std::unique_ptr<MigrationState> other_ = {};
};

INSTANTIATE_TEST_SUITE_P(Everywhere, StateConformance, ::testing::Values(Kept::kInFile, Kept::kInMemory),
                         [](const auto& place) { return place.param == Kept::kInFile ? "File" : "Memory"; });

// --- documents

TEST_P(StateConformance, ADocumentIsPatchedNotReplaced) {
  DocumentLedger& documents = *state_;
  EXPECT_EQ(documents.json("no such key"), "");
  documents.patch_json("migration_status", R"({"MigrationUUID": "u", "ExportDataDone": false, "gone": 1})");
  documents.patch_json("migration_status", R"({"ExportDataDone": true, "gone": null})");
  EXPECT_EQ(nlohmann::json::parse(other_->json("migration_status")),
            nlohmann::json::parse(R"({"MigrationUUID": "u", "ExportDataDone": true})"));
  documents.set_json("migration_status", "{}");
  EXPECT_EQ(other_->json("migration_status"), "{}");
}

TEST_P(StateConformance, ATransactionThatFailsLeavesNothingInAnyLedger) {
  state_->save_plan({planned("t")});
  const auto fail = [&] {
    state_->in_transaction([&] {
      state_->set_json("k", "1");
      state_->in_transaction([&] { state_->add_post_data({.sql = "ADD KEY"}); });
      model::Chunk chunk{.table = table_named("t"), .range = {0, 100}};
      state_->lease_chunk(chunk, 100, true);
      state_->add_segment(1, 1, "source_db_exporter", {});
      throw std::runtime_error("broken off");
    });
  };
  EXPECT_THROW(fail(), std::runtime_error);
  EXPECT_EQ(state_->json("k"), "");
  EXPECT_THAT(state_->post_data(), IsEmpty());
  EXPECT_THAT(state_->leased_chunks(), IsEmpty());
  EXPECT_THAT(state_->segments(), IsEmpty());
  EXPECT_FALSE(state_->plan().at(0).handed_out);
  state_->in_transaction([&] { state_->set_json("k", "2"); });
  EXPECT_EQ(other_->json("k"), "2");
}

TEST_P(StateConformance, TransactionsOfTwoConnectionsDoNotMix) {
  constexpr int kEach = 50;
  const auto count = [](MigrationState& state) {
    for (int i = 0; i < kEach; ++i) {
      state.in_transaction([&] {
        const std::string before = state.json("count");
        state.set_json("count", std::to_string(before.empty() ? 1 : std::stoi(before) + 1));
      });
    }
  };
  std::thread first([&] { count(*state_); }), second([&] { count(*other_); });
  first.join();
  second.join();
  EXPECT_EQ(state_->json("count"), std::to_string(2 * kEach));
}

// --- the snapshot

TEST_P(StateConformance, ThePlanIsKeptInItsOrder) {
  PlanLedger& ledger = *state_;
  ledger.save_plan({planned("b"), planned("a")});
  const std::vector<model::PlannedTable> plan = other_->plan();
  ASSERT_EQ(plan.size(), 2U);
  EXPECT_EQ(plan[0].table.name, table_named("b"));
  EXPECT_EQ(plan[0].table.columns[0].type, "numeric(10,2)");
  EXPECT_EQ(plan[0].table.columns[0].identity, model::Identity::kAlways);
  EXPECT_EQ(plan[0].space.all.end, 100U);
  EXPECT_DOUBLE_EQ(plan[0].space.bytes_per_unit, 8192.5);
  EXPECT_EQ(plan[0].rows, model::RowFormat::kBinary);
}

TEST_P(StateConformance, SequencesAreReplacedAndKeepTheirStep) {
  PlanLedger& ledger = *state_;
  ledger.save_sequences({{.name = table_named("gone")}});
  ledger.save_sequences(
      {{.name = table_named("up"), .owner_table = table_named("t"), .owner_column = model::Identifier("id")},
       {.name = table_named("down"), .last_value = -7, .is_called = true, .increment = -3}});
  const std::vector<model::Sequence> found = other_->sequences();
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].name, table_named("down"));
  EXPECT_EQ(found[0].increment, -3);
  EXPECT_EQ(found[0].last_value, -7);
  EXPECT_TRUE(found[0].is_called);
  EXPECT_EQ(found[1].increment, 1);
  EXPECT_EQ(found[1].owner_table, table_named("t"));
  EXPECT_EQ(found[1].owner_column, model::Identifier("id"));
}

TEST_P(StateConformance, AChunkIsSeenByImportersOnlyWhenDone) {
  state_->save_plan({planned("t")});
  ChunkLedger& ledger = *state_;
  model::Chunk first{.table = table_named("t"), .range = {0, 40}, .compressed = true};
  model::Chunk second{.table = table_named("t"), .range = {40, 100}, .compressed = true};
  ledger.lease_chunk(first, 40, false);
  ledger.lease_chunk(second, 100, true);
  EXPECT_EQ(first.file_name, "t_data.000001.sql.zst");
  EXPECT_EQ(second.file_name, "t_data.000002.sql.zst");
  EXPECT_EQ(other_->plan()[0].next, 100U);
  EXPECT_TRUE(other_->plan()[0].handed_out);
  EXPECT_THAT(other_->done_chunks(0), IsEmpty());

  second.rows = 7;
  second.frames = {{.number = 0, .offset = 0, .stored_bytes = 9, .raw_bytes = 20, .rows = 7, .crc32c = 0xFFFFFFFF}};
  ledger.finish_chunk(second);
  const std::vector<model::Chunk> done = other_->done_chunks(0);
  ASSERT_EQ(done.size(), 1U);
  EXPECT_EQ(done[0].file_name, second.file_name);
  EXPECT_EQ(done[0].state, model::ChunkState::kDone);
  ASSERT_EQ(done[0].frames.size(), 1U);
  EXPECT_EQ(done[0].frames[0].crc32c, 0xFFFFFFFFU);
  EXPECT_THAT(other_->done_chunks(0, ChunkLedger::Frames::kLeaveOut).at(0).frames, IsEmpty());
  ASSERT_EQ(other_->leased_chunks().size(), 1U);
  EXPECT_EQ(other_->leased_chunks()[0].range, first.range);
  ledger.finish_chunk(first);
  const std::vector<model::Chunk> later = other_->done_chunks(done[0].done_order);
  ASSERT_EQ(later.size(), 1U) << "the importer reads on from the last it has seen, in the order of finishing";
  EXPECT_EQ(later[0].id, first.id);
}

TEST_P(StateConformance, AChunkThatIsReadOnceMoreKeepsItsName) {
  state_->save_plan({planned("t")});
  model::Chunk chunk{.table = table_named("t"), .range = {0, 100}};
  state_->lease_chunk(chunk, 100, true);
  EXPECT_EQ(chunk.file_name, "t_data.sql") << "a whole table has no number";
  chunk.rows = 3;
  chunk.frames = {{.rows = 3}};
  state_->finish_chunk(chunk);
  const std::int64_t seen = other_->done_chunks(0).at(0).done_order;
  state_->reopen_chunk(chunk);
  EXPECT_THAT(other_->done_chunks(0), IsEmpty());
  EXPECT_EQ(other_->leased_chunks().at(0).file_name, chunk.file_name);
  EXPECT_EQ(other_->leased_chunks().at(0).id, chunk.id);
  chunk.frames = {{.rows = 2}, {.number = 1, .rows = 1}};
  state_->finish_chunk(chunk);
  EXPECT_EQ(other_->done_chunks(seen).at(0).frames.size(), 2U) << "and its frames are those of the last reading";
}

TEST_P(StateConformance, ATableReadAgainGetsNewFilesAndNewOrder) {
  state_->save_plan({planned("t")});
  model::Chunk chunk{.table = table_named("t"), .range = {0, 100}};
  state_->lease_chunk(chunk, 100, true);
  state_->finish_chunk(chunk);
  const std::int64_t seen = state_->done_chunks(0)[0].done_order;
  state_->restart_table(table_named("t"), {.all = {0, 120}, .bytes_per_unit = 1});
  EXPECT_FALSE(state_->claim_chunk("r", chunk, table_named("t"))) << "the old chunk is gone";
  EXPECT_EQ(state_->plan()[0].generation, 1);
  EXPECT_EQ(state_->plan()[0].space.all.end, 120U);
  EXPECT_EQ(state_->plan()[0].next, 0U);
  EXPECT_FALSE(state_->plan()[0].handed_out);
  model::Chunk again{.table = table_named("t"), .range = {0, 120}};
  state_->lease_chunk(again, 120, true);
  EXPECT_NE(again.file_name, chunk.file_name);
  state_->finish_chunk(again);
  EXPECT_EQ(state_->done_chunks(seen).size(), 1U) << "the order never goes back";
  EXPECT_TRUE(state_->claim_chunk("r", again, table_named("t")));
  EXPECT_EQ(other_->imported("r").at(0).file_name, again.file_name);
}

TEST_P(StateConformance, TotalsSayWhatIsOpen) {
  SnapshotTotals& totals = *other_;
  state_->save_plan({planned("z"), planned("half"), planned("done"), planned("untouched")});
  const auto lease = [&](const char* table, std::uint64_t begin, std::uint64_t end) {
    model::Chunk chunk{.table = table_named(table), .range = {begin, end}};
    state_->lease_chunk(chunk, end, end == 100);
    return chunk;
  };
  const auto finish = [&](model::Chunk chunk, std::uint64_t rows) {
    chunk.rows = rows;
    chunk.raw_bytes = 10 * rows;
    state_->finish_chunk(chunk);
    return chunk.file_name;
  };
  lease("z", 0, 100);
  finish(lease("half", 0, 50), 0);
  const std::string second = finish(lease("half", 50, 80), 5);
  const std::string whole = finish(lease("done", 0, 100), 4);
  const std::vector<model::TableTotals> found = totals.table_totals();
  ASSERT_EQ(found.size(), 4U);
  EXPECT_EQ(found[0].table, table_named("z")) << "in the plan's order";
  EXPECT_TRUE(found[0].begun && found[0].open);
  EXPECT_TRUE(found[1].begun && found[1].open);
  EXPECT_EQ(found[1].rows, 5U);
  EXPECT_EQ(found[1].raw_bytes, 50U);
  EXPECT_EQ(found[1].first_file, second) << "the first one had no rows";
  EXPECT_TRUE(found[2].begun && !found[2].open);
  EXPECT_EQ(found[2].first_file, whole);
  EXPECT_TRUE(!found[3].begun && found[3].open);
  EXPECT_THAT(totals.open_tables(),
              UnorderedElementsAre(table_named("z"), table_named("half"), table_named("untouched")));
  state_->clear_snapshot();
  EXPECT_THAT(totals.table_totals(), IsEmpty());
  EXPECT_THAT(other_->done_chunks(0), IsEmpty());
}

// --- the import

TEST_P(StateConformance, WhatIsImportedAddsUpOrIsReplaced) {
  ImportedFiles& files = *state_;
  files.add_imported("r", {.file_name = "f", .table = table_named("t"), .rows = 5, .bytes = 50, .rows_set_aside = 1});
  files.add_imported("r", {.file_name = "f", .table = table_named("t"), .rows = 2, .bytes = 20});
  files.add_imported("other", {.file_name = "f", .table = table_named("t"), .rows = 1});
  ASSERT_EQ(other_->imported("r").size(), 1U);
  EXPECT_EQ(other_->imported("r")[0].rows, 7U);
  files.set_imported_rows("r", {.file_name = "f", .table = table_named("t"), .rows = 3, .bytes = 30});
  EXPECT_EQ(other_->imported("r")[0].bytes, 30U);
  EXPECT_EQ(other_->imported("r")[0].rows_set_aside, 1U) << "what was set aside stays";
  files.set_imported_files("r", {{.file_name = "f", .rows = 4}, {.file_name = "a", .rows = 9}});
  ASSERT_EQ(other_->imported("r").size(), 2U);
  EXPECT_EQ(other_->imported("r")[0].file_name, "a") << "by name";
  EXPECT_EQ(other_->imported("r")[1].rows_set_aside, 0U);
  files.set_imported("r", {{.file_name = "b", .rows = 1}});
  ASSERT_EQ(other_->imported("r").size(), 1U);
  EXPECT_EQ(other_->imported("other").at(0).rows, 1U);
}

TEST_P(StateConformance, ARowIsSetAsideOnceUntilItIsReleased) {
  SetAsideLedger& ledger = *state_;
  const model::SetAsideRow row{
      .file_name = "f", .table = table_named("t"), .number = 3, .reason = "bad 'row'", .sqlstate = "22P02", .line = 8};
  EXPECT_TRUE(ledger.add_set_aside("r", row));
  EXPECT_FALSE(ledger.add_set_aside("r", row));
  EXPECT_TRUE(ledger.add_set_aside("r", {.file_name = "f", .table = table_named("u"), .number = 1}));
  EXPECT_TRUE(ledger.add_set_aside("other", row));
  ASSERT_EQ(other_->set_aside("r").size(), 2U);
  EXPECT_EQ(other_->set_aside("r")[0].number, 1) << "by number";
  EXPECT_EQ(other_->set_aside("r")[1].line, 8U);

  ledger.release_set_aside("r", {"f"});
  EXPECT_THAT(other_->set_aside("r"), IsEmpty());
  EXPECT_THAT(other_->released_tables("r"), UnorderedElementsAre(table_named("t"), table_named("u")));
  model::SetAsideRow again = row;
  again.reason = "still bad";
  EXPECT_FALSE(ledger.add_set_aside("r", again)) << "it is counted already";
  EXPECT_EQ(other_->set_aside("r").at(0).reason, "still bad");
  EXPECT_THAT(other_->released_tables("r"), ElementsAre(table_named("u")));
  ledger.forget_set_aside("r", {{.file_name = "f", .number = 1, .rows = 1}});
  EXPECT_THAT(other_->released_tables("r"), IsEmpty());
  EXPECT_EQ(other_->set_aside("other").size(), 1U);
}

TEST_P(StateConformance, AnImportIsForgottenAsAWholeOrByTable) {
  for (const char* role : {"target_db_importer", "source_db_importer"}) {
    state_->add_imported(role, {.file_name = "f", .table = table_named("t")});
    state_->add_imported(role, {.file_name = "g", .table = table_named("u")});
    state_->add_set_aside(role, {.file_name = "f", .table = table_named("t"), .number = 1});
    state_->save_lanes(role, {.lanes = 2});
    state_->set_json("carried_columns_" + std::string(role), "1");
    state_->set_json("table_pairs_" + std::string(role) + "_1", "1");
  }
  state_->add_segment(1, 1, "source_db_exporter", {});
  state_->note_synced({.number = 1, .exporter_role = "source_db_exporter", .next_vsn = 5}, "run", {});
  for (const char* role : {"target_db_importer", "source_db_importer"}) state_->note_imported(1, role);

  ImportClaims& claims = *state_;
  claims.clear_import_of("source_db_importer", table_named("t"));
  EXPECT_EQ(other_->imported("source_db_importer").at(0).file_name, "g");
  EXPECT_THAT(other_->set_aside("source_db_importer"), IsEmpty());

  claims.clear_import("target_db_importer");
  EXPECT_THAT(other_->imported("target_db_importer"), IsEmpty());
  EXPECT_THAT(other_->set_aside("target_db_importer"), IsEmpty());
  EXPECT_EQ(other_->lanes("target_db_importer"), std::nullopt);
  EXPECT_EQ(other_->json("carried_columns_target_db_importer"), "");
  EXPECT_EQ(other_->json("table_pairs_target_db_importer_1"), "");
  EXPECT_THAT(other_->segments().at(0).imported_by, ElementsAre("source_db_importer"));
  EXPECT_EQ(other_->imported("source_db_importer").size(), 1U);
  EXPECT_EQ(other_->lanes("source_db_importer"), (LaneRecord{.lanes = 2}));
  EXPECT_EQ(other_->json("table_pairs_source_db_importer_1"), "1");
}

// --- statements and objects

TEST_P(StateConformance, AStatementNotedAgainRunsAgain) {
  using Kind = model::PostDataStatement::Kind;
  StatementLedger& ledger = *state_;
  const std::int64_t id = ledger.add_post_data({.kind = Kind::kKey, .table = table_named("t"), .sql = "ADD KEY"});
  ledger.add_post_data({.kind = Kind::kIndex, .table = table_named("t"), .object = "i", .sql = "CREATE", .line = 7});
  ledger.mark_post_data_done(id);
  ASSERT_EQ(other_->post_data().size(), 2U);
  EXPECT_TRUE(other_->post_data()[0].done);
  EXPECT_EQ(other_->post_data()[1].line, 7);
  EXPECT_EQ(other_->post_data()[1].kind, Kind::kIndex);
  ledger.save_post_data({{.kind = Kind::kForeignKey, .table = table_named("u"), .sql = "REFERENCES"}});
  ASSERT_EQ(other_->post_data().size(), 2U) << "those that are done stay";
  EXPECT_EQ(other_->post_data()[1].sql, "REFERENCES");
  EXPECT_EQ(ledger.add_post_data({.kind = Kind::kKey, .table = table_named("t"), .sql = "ADD KEY"}), id);
  EXPECT_FALSE(other_->post_data()[0].done);
  ledger.clear_post_data();
  EXPECT_THAT(other_->post_data(), IsEmpty());
}

TEST_P(StateConformance, AnObjectIsAsItsStatementsAre) {
  ObjectLedger& ledger = *state_;
  ledger.save_schema_objects({{.kind = "TABLE", .schema = "s", .name = "t", .fingerprints = {1}},
                              {.kind = "VIEW", .schema = "s", .name = "v", .note = "cut", .fingerprints = {2, 3}},
                              {.kind = "INDEX", .schema = "s", .name = "i"}});
  const model::StatementOutcome table{
      .file = "a.sql", .line = 4, .statement = "CREATE", .reason = "no", .fingerprint = 1};
  ledger.note_statement_outcomes(
      "import schema", {"a.sql"},
      {table,
       {.file = "a.sql", .line = 5, .statement = "COMMENT", .reason = "why", .failed = true, .fingerprint = 3},
       {.file = "a.sql", .statement = "GRANT", .reason = "no role", .object = {.kind = "ACL", .name = "t"}}});
  std::vector<model::SchemaObject> objects = other_->schema_objects();
  ASSERT_EQ(objects.size(), 4U);
  EXPECT_EQ(objects[0].outcome, model::ObjectOutcome::kLeftOut);
  EXPECT_EQ(objects[0].statement, "CREATE");
  EXPECT_EQ(objects[1].outcome, model::ObjectOutcome::kMovedWithChange) << "one of its two statements is in effect";
  EXPECT_EQ(objects[1].note, "cut; the target refused it: why");
  EXPECT_EQ(objects[2].outcome, model::ObjectOutcome::kMoved);
  EXPECT_TRUE(objects[3].property) << "the export did not know it";
  EXPECT_EQ(other_->statement_outcomes().size(), 3U);
  EXPECT_EQ(other_->statement_outcomes()[0].line, 4);

  ledger.note_statement_outcomes("import schema", {"a.sql"}, {});
  objects = other_->schema_objects();
  ASSERT_EQ(objects.size(), 3U);
  EXPECT_EQ(objects[0].outcome, model::ObjectOutcome::kMoved);
  ledger.note_statement_outcomes("import schema", {"a.sql"}, {table});
  ledger.forget_statement_outcomes();
  EXPECT_THAT(other_->statement_outcomes(), IsEmpty());
  EXPECT_EQ(other_->schema_objects()[0].outcome, model::ObjectOutcome::kMoved);
}

// --- changes

TEST_P(StateConformance, ASegmentIsKnownAsFarAsItIsSafe) {
  SegmentLedger& ledger = *state_;
  EXPECT_FALSE(ledger.last_segment().has_value());
  ledger.add_segment(1, 1, "source_db_exporter", {std::string("\0\xff", 2)});
  ledger.add_segment(1, 9, "other", {});
  ASSERT_TRUE(other_->last_segment().has_value());
  EXPECT_EQ(other_->last_segment()->first_vsn, 1) << "one that is there stays as it is";
  EXPECT_EQ(other_->last_segment()->next_vsn, 1);
  EXPECT_EQ(other_->last_segment()->position.bytes, std::string("\0\xff", 2));
  ledger.note_synced({.number = 1,
                      .exporter_role = "source_db_exporter",
                      .bytes_safe = 100,
                      .next_vsn = 4,
                      .position = {"p"},
                      .changes = 3,
                      .closed = true},
                     "run", {});
  ledger.add_segment(2, 4, "source_db_exporter", {"p"});
  ASSERT_EQ(other_->segments().size(), 2U);
  EXPECT_EQ(other_->segments()[0].bytes_safe, 100U);
  EXPECT_EQ(other_->segments()[0].next_vsn, 4);
  EXPECT_EQ(other_->segments()[0].changes, 3U);
  EXPECT_TRUE(other_->segments()[0].closed);
  EXPECT_EQ(other_->last_segment()->number, 2U);
  ledger.note_put_away(1, "/archive/segment.1");
  ledger.note_put_away(2, "");
  EXPECT_TRUE(other_->segments()[0].archived && other_->segments()[0].deleted);
  EXPECT_EQ(other_->segments()[0].archive_location, "/archive/segment.1");
  EXPECT_TRUE(!other_->segments()[1].archived && other_->segments()[1].deleted);
  ledger.clear_queue();
  EXPECT_THAT(other_->segments(), IsEmpty());
}

TEST_P(StateConformance, AnImporterThatLostChangesHasNotImportedTheirSegments) {
  SegmentImports& imports = *state_;
  for (const std::uint64_t number : {1U, 2U}) {
    const std::int64_t first = static_cast<std::int64_t>(number) * 10;
    state_->add_segment(number, first, "source_db_exporter", {});
    state_->note_synced({.number = number, .exporter_role = "source_db_exporter", .next_vsn = first + 10}, "run", {});
    imports.note_imported(number, "target_db_importer");
    imports.note_imported(number, "source_replica_db_importer");
  }
  imports.forget_imported("target_db_importer", 19);
  EXPECT_THAT(other_->segments()[0].imported_by,
              UnorderedElementsAre("target_db_importer", "source_replica_db_importer"));
  EXPECT_THAT(other_->segments()[1].imported_by, ElementsAre("source_replica_db_importer"));
  imports.forget_imported("import_file", 0);
  EXPECT_EQ(other_->segments()[0].imported_by.size(), 2U) << "who knows of no segments forgets none";
}

TEST_P(StateConformance, CapturedChangesAddUpByExporterAndTable) {
  const ChangeCounts counts{.inserts = 3, .updates = 2, .deletes = 1, .total = 7};
  state_->add_segment(1, 1, "source_db_exporter", {});
  for (const char* run : {"one", "two"}) {
    state_->note_synced({.number = 1, .exporter_role = "source_db_exporter"}, run,
                        {{table_named("t"), counts}, {table_named("u"), {.inserts = 1, .total = 1}}});
  }
  state_->note_synced({.number = 1, .exporter_role = "target_db_exporter_fb"}, "one", {{table_named("t"), counts}});
  ExportedChanges& exported = *other_;
  ChangeCounts twice = counts;
  twice += counts;
  EXPECT_EQ(exported.exported("source_db_exporter").at(table_named("t")), twice);
  EXPECT_EQ(exported.exported("source_db_exporter").at(table_named("u")).total, 2U);
  EXPECT_EQ(exported.exported("target_db_exporter_fb").size(), 1U);
  EXPECT_TRUE(exported.exported("nobody").empty());
  EXPECT_EQ(exported.exported_since("source_db_exporter", 0).total, 16U);
  EXPECT_EQ(exported.exported_since("source_db_exporter", 1LL << 40).total, 0U);
  state_->clear_queue();
  EXPECT_TRUE(exported.exported("source_db_exporter").empty());
  EXPECT_EQ(exported.exported_since("source_db_exporter", 0), ChangeCounts());
}

TEST_P(StateConformance, WhatChangesAreGivenToLanesByIsOneRecordOfEachImporter) {
  using Keys = LaneLedger::LaneKeys;
  LaneLedger& ledger = *state_;
  EXPECT_EQ(ledger.lanes("r"), std::nullopt);
  EXPECT_EQ(ledger.lane_keys("r"), std::nullopt);
  const LaneRecord first{.lanes = 2, .overrides = "s.t:table"}, second{.lanes = 2, .partition_key = "table"};
  ledger.save_lanes("r", first);
  ledger.save_lanes("s", second);
  EXPECT_EQ(other_->lanes("r"), first);
  EXPECT_EQ(other_->lane_keys("r"), std::nullopt) << "nothing was noted yet, which is not: all are as usual";
  ledger.save_lane_keys("r", {}, {});
  EXPECT_EQ(other_->lane_keys("r"), Keys());
  EXPECT_EQ(other_->lane_keys("s"), std::nullopt);
  ledger.save_lane_keys("r", {{"f", {{0, 3}}}, {"g", std::nullopt}}, {});
  ledger.save_lanes("r", second);
  ledger.save_lane_keys("r", {{"f", std::nullopt}, {"h", {{1}}}}, {"g"});
  EXPECT_EQ(other_->lanes("r"), second);
  EXPECT_EQ(other_->lane_keys("r"), (Keys{{"f", std::nullopt}, {"h", {{1}}}})) << "and another record keeps them";
  ledger.clear_lanes("r");
  EXPECT_EQ(other_->lanes("r"), std::nullopt);
  EXPECT_EQ(other_->lane_keys("r"), std::nullopt);
  EXPECT_EQ(other_->lanes("s"), second);
}

}  // namespace
}  // namespace voyager::format

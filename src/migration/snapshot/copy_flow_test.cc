// Whole copies over servers in memory: without files, whatever is lost or stopped on the way, each row arrives once.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "base/error.h"
#include "base/temporary_folder_testing.h"
#include "connectors/fake/entry.h"
#include "connectors/fake/world.h"
#include "format/meta_db.h"
#include "format/rejected_rows.h"
#include "migration/snapshot/copy_data.h"
#include "migration/snapshot/import_ledger.h"
#include "migration/state/status.h"
#include "model/answers_testing.h"

namespace voyager::migration {
namespace {

using fake::FakeFault;

model::TableName name(const std::string& table) {
  return {model::Identifier("public"), model::Identifier(table)};
}

class CopyFlow : public testing::Test {
 protected:
  CopyFlow() : world_(std::make_shared<fake::FakeWorld>()), product_(connectors::fake_entry(world_)) {
    source_.schemas = {model::Identifier("public")};
    target_.side = model::Side::kTarget;
  }
  void add_table(const std::string& table, int rows, const std::string& pad = "x", bool can_be_cut = true) {
    fake::FakeTable one;
    one.table.name = one.table.root = name(table);
    one.table.columns = {{.name = model::Identifier("id"), .type = "int4"},
                         {.name = model::Identifier("v"), .type = "text"}};
    one.table.primary_key = {model::Identifier("id")};
    one.table.bytes = static_cast<std::uint64_t>(rows) * (pad.size() + 8);
    one.can_be_cut = can_be_cut;
    world_->add_target_table(one);
    for (int i = 0; i < rows; ++i) one.rows.push_back(table + std::to_string(i) + "\t" + pad + "\n");
    world_->add_source_table(one);
  }

  ImportDataReport copy(ImportDataOptions to = {}) {
    format::MetaDb db(dir_);
    model::ProgressBoard board("copy-data");
    base::Stop stop;
    to.export_dir = dir_;
    to.parallel_jobs = jobs_;
    to.command = "copy data";
    const CopyDataOptions options{.from = {.command = "copy data",
                                           .to_files = false,
                                           .export_dir = dir_,
                                           .parallel_jobs = jobs_,
                                           .compress = false},
                                  .to = to};
    const ImportDataReport report = copy_data(product_, source_, product_, target_, std::nullopt, options, db,
                                              {board, answers_, base::system_clock(), stop});
    shown_ = board.snapshot();
    return report;
  }
  std::string code_of_copy(const ImportDataOptions& to = {}) {
    try {
      copy(to);
    } catch (const base::Error& error) {
      return error.info().code.empty() ? error.info().title : error.info().code;
    }
    return "";
  }

  std::vector<std::string> expected(const std::string& table, const std::set<std::string>& but = {}) {
    std::vector<std::string> rows = world_->source[name(table)].rows;
    std::erase_if(rows, [&](const std::string& row) { return but.contains(row); });
    std::ranges::sort(rows);
    return rows;
  }
  std::vector<std::string> arrived(const std::string& table) {
    std::vector<std::string> rows = world_->target_rows(name(table));
    std::ranges::sort(rows);
    return rows;
  }
  // Stops a copy after some batches of it are in.
  void stop_half_way(int batches = 3, std::int64_t batch_rows = 500) {
    world_->order({.at = FakeFault::At::kBeforeCommit, .after = batches, .retry = base::Retry::kNever});
    ASSERT_EQ(code_of_copy({.batch_rows = batch_rows}), "a fault was ordered");
  }

  std::shared_ptr<fake::FakeWorld> world_;
  connector::ConnectorEntry product_;
  model::ConnectionOptions source_;
  model::ConnectionOptions target_;
  model::Answers answers_;
  model::ProgressSnapshot shown_ = {};
  int jobs_ = 3;
  const base::TemporaryFolder folder_ = {};
  const std::filesystem::path dir_ = folder_.path();
  format::FolderChunkStore chunks_{dir_ / "data"};
};

TEST_F(CopyFlow, EveryRowArrivesOnceAndNoFileIsWritten) {
  add_table("a", 60'000, std::string(300, 'p'));
  add_table("whole", 30'000, std::string(300, 'w'), false);
  add_table("b", 1);
  add_table("empty", 0);
  const ImportDataReport report = copy();
  for (const char* table : {"a", "whole", "b", "empty"}) EXPECT_EQ(arrived(table), expected(table)) << table;
  std::uint64_t rows = 0;
  for (const ImportedTable& table : report.tables) rows += table.rows;
  EXPECT_EQ(rows, 90'001U);
  EXPECT_TRUE(std::filesystem::is_empty(dir_ / "data"));
  EXPECT_EQ(shown_.rows_done, 90'001U);
  EXPECT_EQ(shown_.bytes_done, shown_.bytes_total);
  format::MetaDb db(dir_);
  EXPECT_TRUE(export_data_done(db));
  EXPECT_TRUE(import_data_done(db));
}

TEST_F(CopyFlow, FaultsAnywhereLoseAndDoubleNothing) {
  const char* given = std::getenv("VOY_SEED");
  const unsigned seed = given == nullptr ? std::random_device{}() : static_cast<unsigned>(std::atoi(given));
  SCOPED_TRACE("VOY_SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  add_table("a", 40'000, std::string(400, 'p'));
  add_table("whole", 20'000, std::string(400, 'w'), false);
  add_table("b", 200);
  const std::vector<FakeFault::At> places = {FakeFault::At::kConnect, FakeFault::At::kRead,
                                             FakeFault::At::kBeforeCommit, FakeFault::At::kAfterCommit};
  for (int i = 0; i < 16; ++i) {
    const FakeFault::At at = places[random() % places.size()];
    const base::Retry retry = at == FakeFault::At::kAfterCommit ? base::Retry::kInDoubt
                              : random() % 2 == 0               ? base::Retry::kNow
                                                                : base::Retry::kNever;
    world_->order({.at = at, .after = static_cast<int>(random() % 20), .retry = retry});
  }
  int runs = 0;
  // Batches of another size each time: what is in is known by rows.
  while (code_of_copy({.batch_rows = static_cast<std::int64_t>(100 + random() % 3'000)}) != "") ASSERT_LT(++runs, 40);
  for (const char* table : {"a", "whole", "b"}) EXPECT_EQ(arrived(table), expected(table)) << table;
}

TEST_F(CopyFlow, AStoppedCopyOfAnUnchangedSourceGoesOnWithoutAQuestion) {
  add_table("a", 20'000, std::string(400, 'p'));
  stop_half_way();
  const std::size_t before = arrived("a").size();
  EXPECT_GT(before, 0U);
  copy({.batch_rows = 333});
  EXPECT_EQ(arrived("a"), expected("a"));
  EXPECT_TRUE(answers_.questions.empty());
  EXPECT_EQ(shown_.rows_before, before);
  EXPECT_EQ(shown_.rows_done, 20'000U);
}

// A lost snapshot of a source that was written to: rows of one table never come from two snapshots.
TEST_F(CopyFlow, AChangedSourceIsReadAgainOnlyWithConsentAndFromTheStart) {
  add_table("a", 20'000, std::string(400, 'p'));
  add_table("b", 10);
  stop_half_way(6);
  // Rows move: whoever goes on by places has some twice and others never.
  std::ranges::reverse(world_->source[name("a")].rows);
  world_->write_source(name("a"), "new\tx\n");
  const std::vector<std::string> half = arrived("a");
  ASSERT_FALSE(half.empty());
  answers_.answer = false;
  EXPECT_EQ(code_of_copy(), "the copy was not resumed; nothing was changed");
  EXPECT_EQ(arrived("a"), half);
  EXPECT_EQ(answers_.questions.size(), 1U);
  answers_.answer = true;
  copy();
  EXPECT_EQ(arrived("a"), expected("a"));
  EXPECT_EQ(arrived("b"), expected("b"));
  EXPECT_FALSE(world_->batches_forgotten.empty());
}

TEST_F(CopyFlow, WhatKeepsTablesFromBeingEmptiedIsToldBeforeTheQuestion) {
  add_table("a", 20'000, std::string(400, 'p'));
  world_->emptying_findings = {{.fatal = true, .title = "the right TRUNCATE is missing"}};
  stop_half_way();
  const std::vector<std::string> half = arrived("a");
  world_->write_source(name("a"), "new\tx\n");
  EXPECT_EQ(code_of_copy(), "PRE-001");
  EXPECT_TRUE(answers_.questions.empty());
  EXPECT_EQ(arrived("a"), half);
  world_->emptying_findings.clear();
  copy();
  EXPECT_EQ(arrived("a"), expected("a"));
}

TEST_F(CopyFlow, TablesThatAreCompleteAreKept) {
  add_table("a", 20'000, std::string(400, 'p'));
  add_table("b", 10);
  jobs_ = 1;
  world_->order({.at = FakeFault::At::kRead, .after = 9, .retry = base::Retry::kNever});
  EXPECT_NE(code_of_copy(), "");
  ASSERT_LT(arrived("a").size(), 20'000U);
  // Whatever was complete then stays as it was.
  const bool complete = arrived("b").size() == 10;
  world_->write_source(name("b"), "later\tx\n");
  copy();
  EXPECT_EQ(arrived("a"), expected("a"));
  EXPECT_EQ(arrived("b"), complete ? expected("b", {"later\tx\n"}) : expected("b"));
}

TEST_F(CopyFlow, RowsOfOthersAreNeverEmptiedAway) {
  add_table("a", 20'000, std::string(400, 'p'));
  world_->target[name("a")].rows = {"theirs\tx\n"};
  stop_half_way();
  EXPECT_EQ(answers_.questions.size(), 1U) << "about the rows that are there";
  world_->write_source(name("a"), "new\tx\n");
  EXPECT_EQ(code_of_copy(), "COP-005");
  const std::vector<std::string> rows = arrived("a");
  EXPECT_TRUE(std::ranges::binary_search(rows, "theirs\tx\n"));
}

TEST_F(CopyFlow, BeginsAnewWhenTold) {
  add_table("a", 20'000, std::string(400, 'p'));
  stop_half_way();
  world_->write_source(name("a"), "new\tx\n");
  copy({.start_clean = true, .truncate_tables = true});
  EXPECT_EQ(arrived("a"), expected("a"));
  EXPECT_EQ(code_of_copy(), "COP-004");
  copy({.start_clean = true, .truncate_tables = true});
  EXPECT_EQ(arrived("a"), expected("a"));
}

// Killed between forgetting the plan and emptying the tables: the rows there are of no chunk any more.
TEST_F(CopyFlow, ABeginningThatWasCutOffIsNotGoneOnWith) {
  add_table("a", 5'000, std::string(400, 'p'));
  copy();
  const auto table = world_->target.extract(name("a"));
  EXPECT_EQ(code_of_copy({.start_clean = true, .truncate_tables = true}), "IMP-002");
  world_->target[name("a")] = table.mapped();
  EXPECT_EQ(code_of_copy(), "IMP-006");
  copy({.start_clean = true, .truncate_tables = true});
  EXPECT_EQ(arrived("a"), expected("a"));
}

TEST_F(CopyFlow, FilesAndCopiesAreNotMixed) {
  add_table("a", 3'000, std::string(400, 'p'));
  const auto by_files = [&](bool import, bool clean) -> std::string {
    format::MetaDb db(dir_);
    model::ProgressBoard board("x");
    base::Stop stop;
    try {
      if (import) {
        import_data(product_, target_, {.export_dir = dir_, .start_clean = clean, .truncate_tables = clean}, chunks_,
                    db, {board, answers_, base::system_clock(), stop});
      } else {
        export_data(product_, source_, std::nullopt, {.export_dir = dir_, .start_clean = clean}, chunks_, db,
                    {board, answers_, base::system_clock(), stop});
      }
    } catch (const base::Error& error) {
      return error.info().code;
    }
    return "";
  };
  EXPECT_EQ(by_files(false, false), "");
  EXPECT_EQ(code_of_copy(), "COP-002");
  copy({.start_clean = true});
  EXPECT_TRUE(std::filesystem::is_empty(dir_ / "data"));
  EXPECT_EQ(arrived("a"), expected("a"));
  EXPECT_EQ(by_files(false, false), "COP-001");
  EXPECT_EQ(by_files(true, false), "COP-001");
  EXPECT_EQ(by_files(false, true), "");
  EXPECT_EQ(by_files(true, false), "IMP-006") << "the rows that are in are of the copy";
  EXPECT_EQ(by_files(true, true), "");
  EXPECT_EQ(arrived("a"), expected("a"));
}

TEST_F(CopyFlow, ALiveMigrationIsNotCopied) {
  add_table("a", 10);
  {
    format::MetaDb db(dir_);
    change_record(db, [](MigrationRecord& record) { record.export_type = ExportType::kSnapshotAndChanges; });
  }
  EXPECT_EQ(code_of_copy(), "COP-003");
  EXPECT_EQ(code_of_copy({.start_clean = true}), "COP-003");
}

// Rows that wait for others leave the memory and are read again.
TEST_F(CopyFlow, RowsThatWaitForOthersAreTriedAgain) {
  for (const ErrorPolicy policy : {ErrorPolicy::kAbort, ErrorPolicy::kStashAndContinue}) {
    SCOPED_TRACE(policy == ErrorPolicy::kAbort ? "abort" : "stash");
    world_->bookkeeping.clear();
    for (const char* table : {"a", "b", "c"}) add_table(table, 3'000, std::string(400, 'p'), table[0] != 'c');
    const std::string tail = "\t" + std::string(400, 'p') + "\n";
    world_->needed_rows = {{"a7" + tail, "b9" + tail},
                           {"b9" + tail, "c2500" + tail},
                           {"c3" + tail, "a299" + tail},
                           {"c2500" + tail, "c249" + tail}};
    world_->row_dependences = {
        {.table = name("a")}, {.table = name("b"), .wants_others_first = true}, {.table = name("c")}};
    std::set<std::string> never;
    if (policy == ErrorPolicy::kStashAndContinue) {
      never = {"b4" + tail, "a100" + tail};
      world_->refused_rows = {"b4" + tail};
      world_->needed_rows["a100" + tail] = "b4" + tail;
    }
    copy({.batch_rows = 1'000, .error_policy = policy, .start_clean = true, .truncate_tables = true});
    for (const char* table : {"a", "b", "c"}) EXPECT_EQ(arrived(table), expected(table, never)) << table;
  }
}

TEST_F(CopyFlow, RowsThatTheTargetLostAreReadAgain) {
  add_table("a", 20'000, std::string(400, 'p'));
  bool lost = false;
  world_->on_batch = [&](const connector::BatchRequest&, const std::string&) {
    const fake::WorldLock lock(world_->mutex);
    auto& noted = world_->bookkeeping.begin()->second;
    if (std::exchange(lost, lost || noted.size() > 4) || noted.size() <= 4) return;
    // As a server that crashes with synchronous_commit off: the last batches are gone, rows and bookkeeping.
    auto& rows = world_->target[name("a")].rows;
    const std::set<std::string> gone(rows.begin(), rows.end());
    rows.clear();
    noted.clear();
  };
  copy({.batch_rows = 1'000});
  EXPECT_TRUE(lost);
  EXPECT_EQ(arrived("a"), expected("a"));
}

TEST_F(CopyFlow, SetAsideRowsAreLoadedAgainFromAnUnchangedSource) {
  add_table("a", 4'000, std::string(40, 'p'));
  const std::string tail = "\t" + std::string(40, 'p') + "\n";
  const std::set<std::string> bad = {"a0" + tail, "a777" + tail, "a3999" + tail};
  world_->refused_rows = bad;
  const ImportDataOptions stash{.error_policy = ErrorPolicy::kStashAndContinue};
  copy(stash);
  EXPECT_EQ(arrived("a"), expected("a", bad));
  ImportDataOptions retry = stash;
  for (const format::RejectedRow& one : format::RejectedRows(dir_).all())
    retry.retried[one.row.file_name] = one.row.table;
  ASSERT_EQ(format::RejectedRows(dir_).all().size(), 3U);
  world_->refused_rows = {"a777" + tail};
  copy(retry);
  EXPECT_EQ(arrived("a"), expected("a", {"a777" + tail}));
  EXPECT_EQ(format::RejectedRows(dir_).all().size(), 1U);
  world_->refused_rows.clear();
  world_->write_source(name("a"), "new\tx\n");
  EXPECT_EQ(code_of_copy(retry), "REJ-001");
}

}  // namespace
}  // namespace voyager::migration

// Whole snapshots over servers in memory: whatever is lost, cut or stopped on the way, the target ends with exactly the
// rows of the source.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <random>
#include <thread>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "base/temporary_folder_testing.h"
#include "connectors/fake/entry.h"
#include "connectors/fake/world.h"
#include "format/memory_chunks_testing.h"
#include "format/meta_db.h"
#include "format/rejected_rows.h"
#include "format/sqlite.h"
#include "migration/snapshot/export_data.h"
#include "migration/snapshot/import_data.h"
#include "migration/snapshot/import_ledger.h"
#include "model/answers_testing.h"

namespace voyager::migration {
namespace {

using fake::FakeFault;

model::TableName name(const std::string& table) {
  return {model::Identifier("public"), model::Identifier(table)};
}

class Flow : public testing::Test {
 protected:
  Flow() : world_(std::make_shared<fake::FakeWorld>()), product_(connectors::fake_entry(world_)) {
    source_.schemas = {model::Identifier("public")};
    target_.side = model::Side::kTarget;
  }
  void add_table(const std::string& table, int rows, const std::string& pad = "x") {
    fake::FakeTable one;
    one.table.name = one.table.root = name(table);
    one.table.columns = {{.name = model::Identifier("id"), .type = "int4"},
                         {.name = model::Identifier("v"), .type = "text"}};
    one.table.primary_key = {model::Identifier("id")};
    one.table.bytes = static_cast<std::uint64_t>(rows) * (pad.size() + 8);
    world_->add_target_table(one);
    for (int i = 0; i < rows; ++i) one.rows.push_back(table + std::to_string(i) + "\t" + pad + "\n");
    world_->add_source_table(one);
  }

  void export_rows(bool start_clean = false) {
    format::MetaDb db(dir_);
    model::ProgressBoard board("export-data");
    base::Stop stop;
    export_data(product_, source_, std::nullopt,
                {.export_dir = dir_, .parallel_jobs = jobs_, .start_clean = start_clean}, chunks_, db,
                {board, answers_, base::system_clock(), stop});
  }

  ImportDataReport import_rows(ImportDataOptions options = {}) {
    format::MetaDb db(dir_);
    model::ProgressBoard board("import-data");
    base::Stop stop;
    options.export_dir = dir_;
    options.parallel_jobs = jobs_;
    return import_data(product_, target_, options, chunks_, db, {board, answers_, base::system_clock(), stop});
  }

  // The rows of the source, less `but`.
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

  std::shared_ptr<fake::FakeWorld> world_;
  connector::ConnectorEntry product_;
  model::ConnectionOptions source_;
  model::ConnectionOptions target_;
  model::Answers answers_;
  int jobs_ = 3;
  format::MemoryChunks chunks_ = {};
  const base::TemporaryFolder folder_ = {};
  const std::filesystem::path dir_ = folder_.path();
};

TEST_F(Flow, EveryRowArrivesOnce) {
  add_table("a", 30'000, std::string(300, 'p'));
  add_table("b", 1);
  add_table("empty", 0);
  export_rows();
  const ImportDataReport report = import_rows();
  for (const char* table : {"a", "b", "empty"}) EXPECT_EQ(arrived(table), expected(table)) << table;
  std::uint64_t rows = 0;
  for (const ImportedTable& table : report.tables) rows += table.rows;
  EXPECT_EQ(rows, 30'001U);
  EXPECT_TRUE(std::filesystem::exists(dir_ / "metainfo" / "dataFileDescriptor.json"));
  import_rows();  // Again: nothing is doubled.
  EXPECT_EQ(arrived("a"), expected("a"));
  EXPECT_GT(world_->flushes, 0);
}

TEST_F(Flow, ASecondImportDoesNothingAndSaysSo) {
  add_table("a", 1'000);
  add_table("empty", 0);
  export_rows();
  import_rows();
  format::MetaDb db(dir_);
  model::ProgressBoard board("import-data");
  base::Stop stop;
  import_data(product_, target_, {.export_dir = dir_, .parallel_jobs = 3}, chunks_, db,
              {board, answers_, base::system_clock(), stop});
  for (const model::ItemProgress& item : board.snapshot().items) {
    EXPECT_EQ(item.rows_moved(), 0U) << item.name;
    EXPECT_EQ(item.state, item.rows_done > 0 ? model::WorkState::kSkipped : model::WorkState::kDone) << item.name;
  }
}

TEST_F(Flow, AStoppedImportTellsNoTableDoneThatIsNot) {
  for (int i = 0; i < 20; ++i) add_table("t" + std::to_string(i), 500, std::string(1'000, 'p'));
  export_rows();
  world_->order({.at = FakeFault::At::kBeforeCommit, .after = 3, .retry = base::Retry::kNever});
  format::MetaDb db(dir_);
  model::ProgressBoard board("import-data");
  base::Stop stop;
  EXPECT_THROW(import_data(product_, target_, {.export_dir = dir_, .batch_rows = 100, .parallel_jobs = 1}, chunks_, db,
                           {board, answers_, base::system_clock(), stop}),
               base::Error);
  for (const model::ItemProgress& item : board.snapshot().items) {
    EXPECT_TRUE(item.state != model::WorkState::kDone || item.rows_done == 500) << item.name;
  }
}

TEST_F(Flow, AnImportWithoutAnExporterLoadsWhatIsThereAndEnds) {
  add_table("a", 60'000, std::string(1'000, 'p'));
  add_table("b", 10);
  const auto end_of_import = [&] {
    try {
      import_rows({.exporter = {.runs = [] { return false; }, .command = "export it"}});
    } catch (const base::Error& error) {
      return error.info();
    }
    return base::ErrorInfo{};
  };
  const base::ErrorInfo never = end_of_import();
  EXPECT_EQ(never.code, "DIR-008");
  EXPECT_EQ(never.exit, base::ExitCode::kState);
  EXPECT_EQ(never.fix, std::vector<std::string>{"export it"});
  world_->order({.at = FakeFault::At::kRead, .after = 5, .retry = base::Retry::kNever});
  EXPECT_THROW(export_rows(), base::Error);
  EXPECT_EQ(end_of_import().code, "DIR-008");
  std::uint64_t done = 0;
  {
    format::MetaDb db(dir_);
    for (const model::Chunk& chunk : db.done_chunks(0)) done += chunk.rows;
  }
  EXPECT_EQ(arrived("a").size() + arrived("b").size(), done) << "what was exported is in";
  export_rows();
  EXPECT_EQ(end_of_import().code, "");
  EXPECT_EQ(arrived("a"), expected("a"));
}

TEST_F(Flow, ImportFollowsARunningExport) {
  add_table("a", 20'000, std::string(500, 'p'));
  add_table("b", 500);
  std::thread importer([&] { import_rows(); });
  export_rows();
  importer.join();
  EXPECT_EQ(arrived("a"), expected("a"));
  EXPECT_EQ(arrived("b"), expected("b"));
}

// As a process that was stopped, or a machine that was cut off, comes back when another run has loaded all.
TEST_F(Flow, AStalledImportThatWakesLateLoadsNothing) {
  add_table("a", 20'000, std::string(300, 'p'));
  add_table("b", 500);
  export_rows();
  std::atomic<bool> stalled = false;
  world_->on_batch = [&](const connector::BatchRequest&, const std::string&) {
    if (!stalled.exchange(true)) import_rows({.batch_rows = 700});
  };
  try {
    import_rows({.batch_rows = 1'000});
    ADD_FAILURE() << "the stalled batch went in";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.info().code, "IMP-009");
  }
  for (const char* table : {"a", "b"}) EXPECT_EQ(arrived(table), expected(table)) << table;
  import_rows();
  EXPECT_EQ(arrived("a"), expected("a"));
}

// Faults and refusals in random places; every failed command is simply run again, as a person would.
class FaultyFlow : public Flow {
 protected:
  void start_over() {
    std::filesystem::remove_all(dir_);
    std::filesystem::create_directory(dir_);
    chunks_.clear();
    world_ = std::make_shared<fake::FakeWorld>();
    product_ = connectors::fake_entry(world_);
  }

  template <typename Run>
  static bool until_done(Run&& run) {
    for (int tries = 0; tries < 40; ++tries) {
      try {
        run();
        return true;
      } catch (const base::Error&) {
      }
    }
    return false;
  }

  // `places`: where faults may be.
  void run(unsigned seed, const std::vector<FakeFault::At>& places) {
    std::mt19937 random(seed);
    add_table("a", 5'000, std::string(100, 'p'));
    add_table("b", 200);
    for (int i = 0; i < 12; ++i) {
      const FakeFault::At at = places[random() % places.size()];
      const base::Retry retry = at == FakeFault::At::kAfterCommit ? base::Retry::kInDoubt
                                : random() % 2 == 0               ? base::Retry::kNow
                                                                  : base::Retry::kNever;
      world_->order({.at = at, .after = static_cast<int>(random() % 8), .retry = retry});
    }
    const auto batch_rows = static_cast<std::int64_t>(1 + random() % 3'000);
    ASSERT_TRUE(until_done([&] { export_rows(); }));
    ASSERT_TRUE(until_done([&] { import_rows({.batch_rows = batch_rows}); }));
    EXPECT_EQ(arrived("a"), expected("a"));
    EXPECT_EQ(arrived("b"), expected("b"));
  }
};

unsigned seed_of_run() {
  const char* given = std::getenv("VOY_SEED");
  return given == nullptr ? std::random_device{}() : static_cast<unsigned>(std::atoi(given));
}

TEST_F(FaultyFlow, FaultsAnywhereLoseAndDoubleNothing) {
  const unsigned seed = seed_of_run();
  SCOPED_TRACE("VOY_SEED=" + std::to_string(seed) +
               " (several threads: a seed gives the faults, not their interleaving)");
  run(seed, {FakeFault::At::kConnect, FakeFault::At::kRead, FakeFault::At::kBeforeCommit, FakeFault::At::kAfterCommit});
}

// One connection a side reads and commits, and nothing is left to chance there: a failing seed fails again. (Watchers
// open connections of their own when they come to it.)
TEST_F(FaultyFlow, ASeedRepeatsItsRun) {
  const unsigned seed = seed_of_run();
  SCOPED_TRACE("VOY_SEED=" + std::to_string(seed));
  jobs_ = 1;
  const std::vector<FakeFault::At> places = {FakeFault::At::kRead, FakeFault::At::kBeforeCommit,
                                             FakeFault::At::kAfterCommit};
  const auto passed = [this] {
    std::string all = world_->passed();
    std::erase(all, static_cast<char>('0' + static_cast<int>(FakeFault::At::kConnect)));
    return all;
  };
  run(seed, places);
  const std::string first = passed();
  start_over();
  run(seed, places);
  EXPECT_EQ(passed(), first);
}

TEST_F(Flow, ExactlyTheRefusedRowsAreSetAside) {
  add_table("a", 4'000);
  const std::set<std::string> bad = {"a0\tx\n", "a1\tx\n", "a777\tx\n", "a2500\tx\n", "a3999\tx\n"};
  world_->refused_rows = bad;
  export_rows();
  const ImportDataReport report = import_rows({.error_policy = ErrorPolicy::kStashAndContinue});
  EXPECT_EQ(arrived("a"), expected("a", bad));
  EXPECT_EQ(report.tables.at(0).rows_set_aside, bad.size());
  EXPECT_EQ(report.tables.at(0).rows, 4'000 - bad.size());
  format::MetaDb db(dir_);
  EXPECT_EQ(db.set_aside(kTargetImporter).size(), bad.size());
  const std::string list = base::read_file(dir_ / "data" / "errors" / "table::public.a" / "set-aside-rows.log");
  for (const std::string& row : bad) EXPECT_NE(list.find("ROW: " + row), std::string::npos) << row;
}

// Each try sends what may go in, not all that is left, and a stop is heard between two tries.
TEST_F(Flow, ManyRefusedRowsCostNoMoreEach) {
  add_table("a", 500);
  for (int i = 0; i < 500; i += 2) world_->refused_rows.insert("a" + std::to_string(i) + "\tx\n");
  const std::set<std::string> bad = world_->refused_rows;
  export_rows();
  jobs_ = 1;
  std::size_t rows_sent = 0;
  base::Stop stop;
  world_->on_batch = [&](const connector::BatchRequest&, const std::string& rows) {
    rows_sent += static_cast<std::size_t>(std::ranges::count(rows, '\n'));
    if (rows_sent > 750) stop.request_drain(SIGTERM);
  };
  {
    format::MetaDb db(dir_);
    model::ProgressBoard board("import-data");
    try {
      import_data(product_, target_,
                  {.export_dir = dir_, .parallel_jobs = 1, .error_policy = ErrorPolicy::kStashAndContinue}, chunks_, db,
                  {board, answers_, base::system_clock(), stop});
      ADD_FAILURE() << "it was asked to end";
    } catch (const base::Error& error) {
      EXPECT_EQ(error.info().exit, base::ExitCode::kTerminated);
    }
    EXPECT_LT(db.set_aside(kTargetImporter).size(), bad.size());
  }
  import_rows({.error_policy = ErrorPolicy::kStashAndContinue});
  EXPECT_EQ(arrived("a"), expected("a", bad));
  EXPECT_EQ(format::MetaDb(dir_).set_aside(kTargetImporter).size(), bad.size());
  EXPECT_LT(rows_sent, 4'000U);
}

TEST_F(Flow, ARefusedRowStopsTheRunUnlessToldOtherwise) {
  add_table("a", 100);
  world_->refused_rows = {"a50\tx\n"};
  export_rows();
  EXPECT_THROW(import_rows(), base::Error);
  world_->refused_rows.clear();
  import_rows();
  EXPECT_EQ(arrived("a"), expected("a"));
}

// Rows that need each other, in a chain and across tables, come in whatever the order; only what never can is given up.
TEST_F(Flow, RowsThatWaitForOthersAreTriedAgain) {
  for (const ErrorPolicy policy : {ErrorPolicy::kAbort, ErrorPolicy::kStashAndContinue}) {
    SCOPED_TRACE(policy == ErrorPolicy::kAbort ? "abort" : "stash");
    world_->bookkeeping.clear();
    for (const char* table : {"a", "b", "c"}) add_table(table, 300);
    world_->needed_rows = {
        {"a7\tx\n", "b9\tx\n"}, {"b9\tx\n", "c250\tx\n"}, {"c3\tx\n", "a299\tx\n"}, {"c250\tx\n", "c249\tx\n"}};
    world_->row_dependences = {
        {.table = name("a")}, {.table = name("b"), .wants_others_first = true}, {.table = name("c")}};
    std::set<std::string> never;
    if (policy == ErrorPolicy::kStashAndContinue) {
      never = {"b4\tx\n", "a100\tx\n"};
      world_->refused_rows = {"b4\tx\n"};
      world_->needed_rows["a100\tx\n"] = "b4\tx\n";
    }
    export_rows(true);
    const ImportDataReport report = import_rows({.batch_rows = 50, .error_policy = policy, .start_clean = true});
    for (const char* table : {"a", "b", "c"}) EXPECT_EQ(arrived(table), expected(table, never)) << table;
  }
}

TEST_F(Flow, WhatTheTargetDidOtherwiseIsToldWhateverWayTheRunEnds) {
  add_table("a", 100);
  world_->on_batch = [](const connector::BatchRequest& request, const std::string& rows) {
    if (rows.find("a5\tx\n") != std::string::npos) request.note("a5 belongs to another");
  };
  export_rows();
  world_->order({.at = FakeFault::At::kBeforeCommit, .after = 3, .retry = base::Retry::kNever});
  const auto told = [&] { return std::ranges::count(answers_.warnings, "a5 belongs to another"); };
  EXPECT_THROW(import_rows({.batch_rows = 10}), base::Error);
  EXPECT_EQ(told(), 1);
  answers_.warnings.clear();
  world_->on_batch = {};
  import_rows({.batch_rows = 10});
  EXPECT_EQ(told(), 1) << "the run before may have been killed";
  answers_.warnings.clear();
  import_rows({.batch_rows = 10, .start_clean = true, .truncate_tables = true});
  EXPECT_EQ(told(), 0);
}

// The state breaks under the run.
TEST_F(Flow, WhatEndsALoadIsToldAlsoWhenNothingCanBeNotedOfIt) {
  add_table("a", 100);
  export_rows();
  jobs_ = 1;
  bool broken = false;
  world_->on_batch = [&](const connector::BatchRequest&, const std::string&) {
    if (std::exchange(broken, true)) return;
    format::SqliteConnection state(dir_ / "metainfo" / "meta.db", format::SqliteConnection::Mode::kCreate,
                                   format::state_words());
    state.exec("PRAGMA busy_timeout = 10000; DROP TABLE imported_file");
  };
  world_->refused_rows = {"a99\tx\n"};
  try {
    import_rows({.batch_rows = 10});
    FAIL() << "a row was refused";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.info().code, "IMP-001") << error.what();
  }
}

TEST_F(Flow, ALoadOfWhichNothingCanBeNotedSaysSo) {
  add_table("a", 100);
  export_rows();
  world_->on_batch = [&](const connector::BatchRequest&, const std::string&) {
    format::SqliteConnection state(dir_ / "metainfo" / "meta.db", format::SqliteConnection::Mode::kCreate,
                                   format::state_words());
    state.exec("PRAGMA busy_timeout = 10000; DROP TABLE IF EXISTS imported_file");
  };
  try {
    import_rows();
    FAIL() << "the state is broken";
  } catch (const base::Error& error) {
    EXPECT_TRUE(error.info().where.starts_with("noting what is imported")) << error.what();
  }
}

TEST_F(Flow, ARowThatNeverCanComeInStopsTheRun) {
  add_table("a", 100);
  world_->row_dependences = {{.table = name("a")}};
  world_->needed_rows = {{"a50\tx\n", "nowhere\tx\n"}};
  export_rows();
  try {
    import_rows();
    FAIL() << "a row is missing";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.info().code, "IMP-001");
  }
}

TEST_F(Flow, TriggersAreSwitchedOffAndOnAgainWithoutAQuestion) {
  add_table("a", 100);
  world_->load_hooks = {{.table = name("a"), .name = "t", .off_sql = "OFF t", .on_sql = "ON t", .may_switch = true}};
  export_rows();
  import_rows();
  EXPECT_EQ(world_->statements, (std::vector<std::string>{"OFF t", "ON t"}));
  EXPECT_TRUE(answers_.questions.empty());
}

TEST_F(Flow, WhatActsOnRowsAndCannotBeSwitchedOffIsAskedAboutFirst) {
  add_table("a", 100);
  world_->load_hooks = {{.table = name("a"), .name = "t on a", .off_sql = "OFF t"}};
  answers_.answer = false;
  export_rows();
  EXPECT_THROW(import_rows(), base::Error);
  EXPECT_TRUE(arrived("a").empty());
  answers_.answer = true;
  import_rows();
  EXPECT_EQ(arrived("a"), expected("a"));
  answers_.answer = false;
  import_rows();  // Nothing is left to load, so nobody is asked.
}

TEST_F(Flow, BinaryRowsAreNotLoadedIntoAColumnOfAnotherType) {
  fake::FakeTable one;
  one.table.name = one.table.root = name("a");
  one.table.columns = {
      {.name = model::Identifier("id"), .type = "integer", .wire_type = "int4", .value_type = "integer"}};
  {
    format::MetaDb db(dir_);
    db.save_plan({{.table = one.table, .rows = model::RowFormat::kBinary, .handed_out = true}});
    db.patch_json("migration_status", R"({"ExportDataDone": true})");
  }
  one.table.columns[0] = {.name = model::Identifier("id"), .type = "real", .wire_type = "float4", .value_type = "real"};
  world_->add_target_table(one);
  try {
    import_rows();
    FAIL() << "bytes of one type were sent to another";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.info().code, "IMP-004");
    EXPECT_NE(error.info().cause.find("public.a.id: integer, now real"), std::string::npos) << error.info().cause;
  }
}

TEST_F(Flow, AnotherErrorPolicyCannotResume) {
  add_table("a", 10);
  export_rows();
  import_rows();
  try {
    import_rows({.error_policy = ErrorPolicy::kStashAndContinue});
    FAIL() << "resumed under another policy";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.info().exit, base::ExitCode::kState);
  }
}

// Stops the export in the middle; how far it is depends on nothing but the order.
void fail_export_midway(fake::FakeWorld& world) {
  world.order({.at = FakeFault::At::kRead, .after = 5, .retry = base::Retry::kNever});
}

TEST_F(Flow, AnExportOfAnUnchangedSourceResumesWithoutAQuestion) {
  add_table("a", 60'000, std::string(1'000, 'p'));
  fail_export_midway(*world_);
  EXPECT_THROW(export_rows(), base::Error);
  export_rows();
  EXPECT_TRUE(answers_.questions.empty());
  import_rows();
  EXPECT_EQ(arrived("a"), expected("a"));
}

TEST_F(Flow, AChangedSourceIsReadAgainOnlyWithConsent) {
  add_table("a", 60'000, std::string(1'000, 'p'));
  fail_export_midway(*world_);
  EXPECT_THROW(export_rows(), base::Error);
  world_->write_source(name("a"), "late\tx\n");
  answers_.answer = false;
  try {
    export_rows();
    FAIL() << "went on without consent";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.info().exit, base::ExitCode::kNoAnswer);
  }
  EXPECT_EQ(answers_.questions.size(), 1U);
  answers_.answer = true;
  export_rows();
  import_rows();
  EXPECT_EQ(arrived("a"), expected("a"));
}

TEST_F(Flow, ATableThatIsPartlyImportedCannotBeReadAgain) {
  add_table("a", 60'000, std::string(1'000, 'p'));
  // Whether a chunk is done by then is up to the threads.
  std::vector<model::Chunk> done;
  for (int tries = 0; tries < 10 && done.empty(); ++tries) {
    fail_export_midway(*world_);
    EXPECT_THROW(export_rows(), base::Error);
    done = format::MetaDb(dir_).done_chunks(0);
  }
  ASSERT_FALSE(done.empty());
  ASSERT_TRUE(format::MetaDb(dir_).claim_chunk(kTargetImporter, done[0], name("a")));
  world_->write_source(name("a"), "late\tx\n");
  try {
    export_rows();
    FAIL() << "chunks of two snapshots would have been mixed";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.info().exit, base::ExitCode::kState);
  }
}

TEST_F(Flow, ADamagedChunkIsNamedAndNothingOfItStays) {
  add_table("a", 2'000);
  export_rows();
  std::string file;
  {
    format::MetaDb db(dir_);
    file = db.done_chunks(0).at(0).file_name;
  }
  std::string bytes = chunks_.kept().at(file);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 0x10);
  chunks_.put(file, bytes);
  try {
    import_rows();
    FAIL() << "imported a damaged file";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.info().code, "DIR-006");
    EXPECT_NE(error.info().title.find(file), std::string::npos);
  }
  EXPECT_TRUE(arrived("a").empty());
}

TEST_F(Flow, IndexesAreBuiltAfterTheRowsAndForeignKeysLast) {
  add_table("a", 100);
  add_table("b", 100);
  {
    format::MetaDb db(dir_);
    using Kind = model::PostDataStatement::Kind;
    db.save_post_data(
        {{.kind = Kind::kForeignKey,
          .table = name("a"),
          .object = "fk",
          .sql = "ALTER TABLE a ADD CONSTRAINT fk FOREIGN KEY (v) REFERENCES b"},
         {.kind = Kind::kIndex, .table = name("b"), .object = "i", .sql = "CREATE INDEX i ON public.b (v)"}});
  }
  export_rows();
  const ImportDataReport report = import_rows();
  EXPECT_EQ(report.indexes_built, 2U);
  ASSERT_EQ(world_->statements.size(), 2U);
  EXPECT_NE(world_->statements[0].find("CREATE INDEX"), std::string::npos);
  EXPECT_NE(world_->statements[1].find("FOREIGN KEY"), std::string::npos);
  import_rows();
  EXPECT_EQ(world_->statements.size(), 2U) << "what is built is not built again";
}

// Nothing comes after the rows of a snapshot, so nothing is said of what might.
TEST_F(Flow, AKeyWhoseRowsWereSetAsideIsRefusedWithTheReason) {
  add_table("a", 100);
  add_table("b", 100);
  world_->refused_rows = {"b7\tx\n"};
  format::MetaDb(dir_).save_post_data({{.kind = model::PostDataStatement::Kind::kForeignKey,
                                        .table = name("a"),
                                        .object = "fk",
                                        .sql = "ALTER TABLE a ADD CONSTRAINT fk FOREIGN KEY (v) REFERENCES public.b"}});
  world_->on_statement = [](std::string_view sql) -> std::optional<connector::StatementFault> {
    if (sql.find("FOREIGN KEY") == std::string_view::npos) return std::nullopt;
    return connector::StatementFault{.sqlstate = "23503", .message = "a row is missing", .missing_row = true};
  };
  export_rows();
  try {
    import_rows({.error_policy = ErrorPolicy::kStashAndContinue});
    ADD_FAILURE() << "the key was built";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.info().code, "IMP-003");
    EXPECT_NE(error.info().cause.find("Rows of public.b were set aside (1)\n"), std::string::npos)
        << error.info().cause;
  }
}

TEST_F(Flow, MissingTablesAreListedBeforeAnythingIsLoaded) {
  add_table("a", 10);
  add_table("gone", 10);
  world_->target.erase(name("gone"));
  export_rows();
  try {
    import_rows();
    FAIL() << "imported into nothing";
  } catch (const base::Error& error) {
    EXPECT_NE(error.info().cause.find("public.gone"), std::string::npos);
  }
  EXPECT_TRUE(arrived("a").empty());
}

TEST_F(Flow, ACompleteTableThatIsGoneIsNamedAndKeptInTheState) {
  add_table("a", 10);
  add_table("b", 10);
  export_rows();
  import_rows();
  world_->target.erase(name("a"));
  import_rows();
  ASSERT_FALSE(answers_.warnings.empty());
  EXPECT_NE(answers_.warnings.back().find("public.a"), std::string::npos);
  EXPECT_EQ(format::MetaDb(dir_).imported(kTargetImporter).size(), 2U);
}

// A server that crashes with synchronous_commit off may lose rows of a table that was complete when the run began.
class LostRowsFlow : public Flow {
 protected:
  LostRowsFlow() {
    add_table("a", 100);
    add_table("b", 10);
    export_rows();
    import_rows({.tables = {.include = {"a"}}});
    world_->on_batch = [this](const connector::BatchRequest& request, const std::string&) {
      const fake::WorldLock lock(world_->mutex);
      if (request.table == name("a")) columns_ = request.columns;
      if (request.table != name("b") || std::exchange(lost_, true)) return;
      world_->target.at(name("a")).rows.clear();
      for (auto& [migration, keys] : world_->bookkeeping)
        std::erase_if(keys, [](const model::BatchKey& key) { return key.file_name.starts_with("a_data."); });
    };
  }

  bool lost_ = false;
  std::vector<model::Column> columns_ = {};  // That rows of a were sent to.
};

TEST_F(LostRowsFlow, AreLoadedByTheirColumns) {
  std::vector<model::Column>& now = world_->target.at(name("a")).table.columns;
  std::ranges::reverse(now);
  import_rows();
  EXPECT_TRUE(lost_);
  EXPECT_EQ(arrived("a"), expected("a"));
  ASSERT_EQ(columns_.size(), 2U);
  EXPECT_EQ(columns_[0].name, model::Identifier("id"));
}

TEST_F(LostRowsFlow, AreNotLoadedIntoOtherColumns) {
  world_->target.at(name("a")).table.columns.pop_back();
  try {
    import_rows();
    FAIL() << "loaded into other columns";
  } catch (const base::Error& error) {
    EXPECT_NE(error.info().title.find("columns have changed"), std::string::npos) << error.info().title;
  }
  EXPECT_TRUE(lost_);
  EXPECT_TRUE(arrived("a").empty());
}

TEST_F(Flow, ARetriedRowIsForgottenOnlyWhenTheTargetHasIt) {
  add_table("a", 4'000);
  add_table("b", 10);
  world_->refused_rows = {"a0\tx\n", "a1\tx\n", "a777\tx\n", "a3999\tx\n", "b3\tx\n"};
  world_->source_sequences[name("s")] = {.name = name("s"), .last_value = 9, .owner_table = name("a")};
  export_rows();
  const ImportDataOptions stash{.error_policy = ErrorPolicy::kStashAndContinue};
  import_rows(stash);
  const auto noted = [&] { return format::RejectedRows(dir_).all(); };
  ImportDataOptions retry = stash;
  for (const format::RejectedRow& one : noted()) {
    if (one.row.table == name("a")) retry.retried[one.row.file_name] = one.row.table;
  }
  ASSERT_EQ(noted().size(), 5U);

  // Refused before its first row: as it was.
  retry.error_policy = ErrorPolicy::kAbort;
  EXPECT_THROW(import_rows(retry), base::Error);
  EXPECT_TRUE(format::MetaDb(dir_).released_tables(kTargetImporter).empty());
  retry.error_policy = ErrorPolicy::kStashAndContinue;

  // Stopped on its way: all is still there, and the next one goes on.
  world_->refused_rows = {"a777\tx\n", "b3\tx\n"};
  world_->order({.at = FakeFault::At::kBeforeCommit, .retry = base::Retry::kNever});
  EXPECT_THROW(import_rows(retry), base::Error);
  EXPECT_EQ(noted().size(), 5U);
  world_->target_sequences[name("s")].last_value = 500;
  import_rows(retry);
  EXPECT_EQ(arrived("a"), expected("a", {"a777\tx\n"}));
  EXPECT_EQ(arrived("b"), expected("b", {"b3\tx\n"}));
  ASSERT_EQ(noted().size(), 2U);
  EXPECT_EQ(world_->sequences_advanced, std::vector{name("a")});
  EXPECT_EQ(world_->target_sequences[name("s")].last_value, 500) << "in use by now";
  std::uint64_t aside = 0;
  for (const model::ImportedFile& file : format::MetaDb(dir_).imported(kTargetImporter)) aside += file.rows_set_aside;
  EXPECT_EQ(aside, 2U);
}

TEST_F(Flow, UserFilesAreLoadedOnceWithBadRowsAside) {
  add_table("t", 0);
  std::string text;
  for (int i = 0; i < 50'000; ++i) text += std::to_string(i) + "\tvalue " + std::to_string(i) + "\n";
  base::write_file_atomically(dir_ / "t.txt", text);
  world_->refused_rows = {"123\tvalue 123\n", "49999\tvalue 49999\n"};
  FileImportOptions options{.files = {{.path = dir_ / "t.txt", .table = name("t")}}};
  options.common.export_dir = dir_;
  options.common.parallel_jobs = 3;
  options.common.error_policy = ErrorPolicy::kStashAndContinue;
  for (int run = 0; run < 2; ++run) {
    format::MetaDb db(dir_);
    model::ProgressBoard board("import-data-file");
    base::Stop stop;
    const ImportDataReport report =
        import_data_file(product_, target_, options, db, {board, answers_, base::system_clock(), stop});
    EXPECT_EQ(report.tables.at(0).rows, 49'998U);
    EXPECT_EQ(report.tables.at(0).rows_set_aside, 2U);
    EXPECT_EQ(arrived("t").size(), 49'998U) << "run " << run;
  }
  base::write_file_atomically(dir_ / "t.txt", "0\tother\n");
  format::MetaDb db(dir_);
  model::ProgressBoard board("import-data-file");
  base::Stop stop;
  EXPECT_THROW(import_data_file(product_, target_, options, db, {board, answers_, base::system_clock(), stop}),
               base::Error)
      << "the file changed";
}

}  // namespace
}  // namespace voyager::migration

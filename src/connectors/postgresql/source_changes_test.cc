#include "connectors/postgresql/source_changes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/error.h"
#include "base/files.h"
#include "base/temporary_folder_testing.h"
#include "connectors/postgresql/connection.h"
#include "connectors/postgresql/pgoutput.h"
#include "connectors/postgresql/server_testing.h"

namespace voyager::postgresql {
namespace {

using model::Change;
using model::ChangeKind;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;

class ChangesOnServer : public testing::Test {
 protected:
  void SetUp() override {
    const std::optional<model::ConnectionOptions> server = server_of("VOY_TEST_PG");
    if (!server) GTEST_SKIP() << "VOY_TEST_PG is not set: no server to ask";
    options_ = *server;
    Connection(options_).run("CREATE DATABASE " + database_, "make a database");
    options_.database = database_;
    options_.stop = &stop_;
    model::ConnectionOptions unstopped = options_;
    unstopped.stop = nullptr;
    admin_ = std::make_unique<Connection>(unstopped);
    sql("CREATE TABLE t (id int PRIMARY KEY, v text); CREATE TABLE other (id int);"
        "CREATE TABLE p (id int, k text, PRIMARY KEY (id, k)) PARTITION BY LIST (k);"
        "CREATE TABLE p_a PARTITION OF p FOR VALUES IN ('a'); ALTER TABLE p_a REPLICA IDENTITY FULL;"
        "CREATE PUBLICATION " +
        names_.publication + " FOR TABLE t, p_a");
    sql("SELECT pg_create_logical_replication_slot('" + names_.slot + "', 'pgoutput')");
    source_ = make_change_source(options_, names_, folder_);
  }
  void TearDown() override {
    if (!admin_) return;
    source_.reset();
    EXPECT_TRUE(admin_->query("SELECT count(*) FROM pg_stat_replication", "look").rows() == 1);
    for (int i = 0; i < 100; ++i) {
      if (!admin_->try_run("SELECT pg_drop_replication_slot('" + names_.slot + "')", "drop the slot")) break;
      (void)admin_->pause(milliseconds(20));  // The walsender has not noticed yet that we are gone.
    }
    admin_.reset();
    EXPECT_EQ(kept(), 0);
    model::ConnectionOptions server = *server_of("VOY_TEST_PG");
    Connection(server).run("DROP DATABASE " + database_ + " WITH (FORCE)", "drop it");
  }
  void sql(const std::string& text) { admin_->run(text, "prepare the test"); }

  // The changes of all batches until `count` have come, one line each.
  std::vector<std::string> take(std::uint64_t count) {
    std::vector<std::string> out;
    connector::ChangeBatch batch;
    for (int i = 0; i < 200 && out.size() < count; ++i) {
      source_->poll(batch, milliseconds(100), 1'000'000);
      model::ChangeReader reader(batch.records, tables_);
      Change change;
      while (reader.next(change)) {
        if (!change.numbered()) continue;
        std::string line = change.table == nullptr
                               ? "truncate"
                               : change.table->name.name.catalog_text() + "/" + change.table->leaf.name.catalog_text();
        for (const auto& tuple : {change.before, change.after}) {
          for (const model::ChangeValue& value : tuple)
            line += value.kind == model::ValueKind::kNull        ? " ~"
                    : value.kind == model::ValueKind::kUnchanged ? " ="
                                                                 : " " + std::string(value.text);
        }
        out.push_back(line);
      }
      EXPECT_FALSE(reader.fault());
      end_ = batch.end;
    }
    return out;
  }

  const std::string database_ = "voy_changes_" + std::to_string(::getpid());
  const CaptureNames names_ = capture_names("changes-" + std::to_string(::getpid()));
  // Of transactions that are not committed.
  std::ptrdiff_t kept() const {
    if (!std::filesystem::exists(folder_)) return 0;
    const auto all = std::filesystem::directory_iterator(folder_);
    return std::count_if(begin(all), end(all), [](const auto& file) { return file.path().extension() != ".followed"; });
  }

  const base::TemporaryFolder own_ = {};
  const std::filesystem::path folder_ = own_.path() / "capture";
  base::Stop stop_;
  model::ConnectionOptions options_ = {};
  std::unique_ptr<Connection> admin_ = {};
  std::unique_ptr<connector::ChangeSource> source_ = {};
  model::ChangeTables tables_ = {};
  model::Position end_ = {};
};

TEST_F(ChangesOnServer, CommittedChangesInOrderOfCommitAndNothingElse) {
  source_->open({}, {});
  sql("INSERT INTO t VALUES (1, 'one'), (2, NULL); INSERT INTO other VALUES (1)");
  sql("BEGIN; INSERT INTO t VALUES (3, 'three'); ROLLBACK");
  sql("BEGIN; SAVEPOINT s; DELETE FROM t; ROLLBACK TO s; UPDATE t SET id = 7 WHERE id = 2; COMMIT");
  sql("INSERT INTO p VALUES (1, 'a'); UPDATE p SET id = 2; DELETE FROM p; TRUNCATE t");
  EXPECT_THAT(take(7), ElementsAre("t/t 1 one", "t/t 2 ~", "t/t 2 ~ 7 ~", "p/p_a 1 a", "p/p_a 1 a 2 a", "p/p_a 2 a",
                                   "truncate"));
  EXPECT_EQ(tables_.begin()->second->columns.at(1).type, "text");
}

TEST_F(ChangesOnServer, WhatWasJustCommittedIsHandedOverAtOnce) {
  source_->open({}, {});
  sql("INSERT INTO t VALUES (1, 'one')");
  connector::ChangeBatch batch;
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < 100 && batch.changes == 0; ++i) source_->poll(batch, std::chrono::seconds(60), 1'000'000);
  EXPECT_EQ(batch.changes, 1U);
  EXPECT_TRUE(batch.caught_up);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(30)) << "it waited for more";
}

TEST_F(ChangesOnServer, NothingIsWaitedForAsLongAsIsSaid) {
  source_->open({}, {});
  connector::ChangeBatch batch;
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < 100 && std::chrono::steady_clock::now() - begun < milliseconds(300); ++i) {
    source_->poll(batch, milliseconds(300), 1'000'000);
    EXPECT_EQ(batch.changes, 0U);
    EXPECT_TRUE(batch.caught_up);
  }
  EXPECT_GE(std::chrono::steady_clock::now() - begun, milliseconds(300)) << "it is asked without a pause";
}

TEST_F(ChangesOnServer, ABacklogIsCaughtUpWithAtItsEndAndNotBefore) {
  source_->open({}, {});
  sql("INSERT INTO t SELECT g, 'x' FROM generate_series(1, 5000) g");
  connector::ChangeBatch batch;
  std::uint64_t seen = 0;
  for (int i = 0; i < 1'000 && !batch.caught_up; ++i) {
    source_->poll(batch, std::chrono::seconds(10), 20'000);
    seen += batch.changes;
  }
  EXPECT_EQ(seen, 5'000U) << "a batch of those before was said to be the last for now";
  EXPECT_TRUE(batch.caught_up);
}

TEST_F(ChangesOnServer, AValueThatIsKeptOutOfLineIsUnchanged) {
  sql("ALTER TABLE t ALTER v SET STORAGE EXTERNAL; INSERT INTO t VALUES (1, repeat('x', 1000000))");
  source_->open({}, {});
  sql("UPDATE t SET id = 2");
  const std::vector<std::string> changes = take(2);
  EXPECT_EQ(changes.at(0).size(), 1'000'006U);
  EXPECT_EQ(changes.at(1), "t/t 1 ~ 2 =");
}

TEST_F(ChangesOnServer, TakenUpWhereItBrokeNothingComesTwiceOrNever) {
  source_->open({}, {});
  sql("INSERT INTO t SELECT g, 'x' FROM generate_series(1, 5000) g");
  connector::ChangeBatch batch;
  std::uint64_t seen = 0;
  model::Position place;
  // Broken again and again inside of one transaction, and never confirmed.
  for (int i = 0; i < 400 && seen < 5000; ++i) {
    source_->open(place, {});
    source_->poll(batch, milliseconds(500), 20'000);
    seen += batch.changes;
    place = batch.end;
  }
  EXPECT_EQ(seen, 5000U);
  source_->open(place, {});
  sql("INSERT INTO t VALUES (6000, 'last')");
  EXPECT_THAT(take(1), ElementsAre("t/t 6000 last"));
}

TEST_F(ChangesOnServer, LargeTransactionsComeBeforeTheirCommitAndAreGivenAfterIt) {
  if (admin_->major() < 14) GTEST_SKIP() << "servers before 14 send nothing before it is committed";
  sql("ALTER DATABASE " + database_ + " SET logical_decoding_work_mem = '64kB'");
  source_->open({}, {});
  Connection first(options_), second(options_);
  const auto insert = [](Connection& to, int from, int rows) {
    to.run("INSERT INTO t SELECT g, repeat('x', 200) FROM generate_series(" + std::to_string(from) + ", " +
               std::to_string(from + rows - 1) + ") g",
           "work");
  };
  first.run("BEGIN", "work");
  second.run("BEGIN", "work");
  insert(first, 1, 2000);
  insert(second, 10'000, 2000);
  first.run("SAVEPOINT a", "work");
  insert(first, 3000, 1000);
  first.run("SAVEPOINT b", "work");
  insert(first, 4000, 1000);
  first.run("RELEASE b; ROLLBACK TO a; SAVEPOINT c", "work");
  insert(first, 5000, 1000);
  first.run("RELEASE c", "work");
  insert(first, 6000, 500);
  // They are with us, and nothing of them is given.
  connector::ChangeBatch batch;
  for (int i = 0; i < 200 && kept() < 2; ++i) {
    source_->poll(batch, milliseconds(50), 1'000'000);
    EXPECT_EQ(batch.changes, 0U);
  }
  EXPECT_EQ(kept(), 2);
  second.run("ROLLBACK", "work");
  first.run("COMMIT", "work");
  // Broken again and again in the middle: it comes from its beginning each time.
  std::vector<std::string> seen;
  model::Position place;
  int given = 0;  // polls that gave something since it was opened
  for (int i = 0; i < 1000 && seen.size() < 3500; ++i) {
    if (given == 5) {
      source_->open(place, {});
      given = 0;
    }
    source_->poll(batch, milliseconds(500), 50'000);
    if (batch.changes > 0) ++given;
    model::ChangeReader reader(batch.records, tables_);
    for (Change change; reader.next(change);) {
      if (change.numbered()) seen.emplace_back(change.after[0].text);
    }
    place = batch.end;
  }
  std::vector<std::string> wanted;
  for (const auto& [from, rows] : {std::pair{1, 2000}, {5000, 1000}, {6000, 500}})
    for (int id = from; id < from + rows; ++id) wanted.push_back(std::to_string(id));
  EXPECT_EQ(seen, wanted);
  for (int i = 0; i < 200 && kept() > 0; ++i) source_->poll(batch, milliseconds(50), 1'000'000);
}

TEST_F(ChangesOnServer, WhatIsNotCommittedCanBeLeftToTheServer) {
  if (admin_->major() < 14) GTEST_SKIP() << "servers before 14 send nothing before it is committed";
  sql("ALTER DATABASE " + database_ + " SET logical_decoding_work_mem = '64kB'");
  source_->open({}, {});
  EXPECT_FALSE(source_->keep_nothing_uncommitted());
  source_ = make_change_source(options_, names_, folder_);
  source_->open({}, {});
  Connection other(options_);
  other.run("BEGIN; INSERT INTO t SELECT g, repeat('x', 200) FROM generate_series(1, 2000) g", "work");
  connector::ChangeBatch batch;
  for (int i = 0; i < 200 && kept() == 0; ++i) {
    source_->poll(batch, milliseconds(50), 1'000'000);
  }
  EXPECT_TRUE(source_->keep_nothing_uncommitted());
  EXPECT_EQ(kept(), 0);
  source_->open({}, {});
  sql("INSERT INTO t VALUES (5000, 'beside')");
  EXPECT_THAT(take(1), ElementsAre("t/t 5000 beside"));
  EXPECT_EQ(kept(), 0);
  other.run("COMMIT", "work");
  EXPECT_EQ(take(2000).size(), 2000U);
}

TEST_F(ChangesOnServer, WhatIsConfirmedIsForgottenAndAnIdleSlotMovesOn) {
  source_->open({}, {});
  sql("INSERT INTO t VALUES (1, 'x')");
  take(1);
  const auto confirmed = [&] {
    return admin_
        ->query("SELECT confirmed_flush_lsn - '0/0' FROM pg_replication_slots WHERE slot_name = $1", {names_.slot},
                "look")
        .real(0, 0);
  };
  const double before = confirmed();
  connector::ChangeBatch batch;
  source_->poll(batch, milliseconds(50), 1'000);
  source_->confirm(batch.end);
  sql("INSERT INTO other SELECT generate_series(1, 10000)");
  const double now = admin_->query("SELECT pg_current_wal_lsn() - '0/0'", "look").real(0, 0);
  for (int i = 0; i < 100 && confirmed() < now; ++i) {
    source_->poll(batch, milliseconds(50), 1'000);
    source_->confirm(batch.end);
  }
  EXPECT_GT(confirmed(), before);
  EXPECT_GE(confirmed(), now) << "the log of tables that nobody follows is held";
}

TEST_F(ChangesOnServer, AnotherServersLogIsRefusedByWhatWasNotedOfThisOne) {
  source_->open({}, {});
  sql("INSERT INTO t VALUES (1, 'x')");
  take(1);
  source_.reset();
  std::filesystem::path noted;
  for (const auto& file : std::filesystem::directory_iterator(folder_)) noted = file.path();
  ASSERT_EQ(noted.extension(), ".followed");
  // By the name that an earlier version gave it.
  base::write_file_atomically(std::filesystem::path(noted).replace_extension(".told"), "0/1\nsystem 1\ntimeline 1\n");
  std::filesystem::remove(noted);
  source_ = make_change_source(options_, names_, folder_);
  try {
    source_->open(end_, {});
    ADD_FAILURE() << "changes of another server";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.info().code, "CDC-006");
    EXPECT_THAT(error.info().cause, HasSubstr("it is another server"));
  }
}

TEST_F(ChangesOnServer, ASlotThatIsGoneIsNamed) {
  sql("SELECT pg_drop_replication_slot('" + names_.slot + "')");
  try {
    source_->open({}, {});
    ADD_FAILURE() << "no error";
  } catch (const base::Error& error) {
    EXPECT_THAT(error.info().cause, HasSubstr(names_.slot));
  }
}

TEST_F(ChangesOnServer, SettingsOfDatabaseAndRoleDoNotChangeHowValuesAreWritten) {
  sql("ALTER DATABASE " + database_ + " SET datestyle = 'German'; ALTER DATABASE " + database_ +
      " SET bytea_output = 'escape'; ALTER DATABASE " + database_ + " SET extra_float_digits = 0; ALTER DATABASE " +
      database_ +
      " SET intervalstyle = 'sql_standard'; CREATE TABLE odd (d date, b bytea, f float8, i interval);"
      "ALTER PUBLICATION " +
      names_.publication + " ADD TABLE odd");
  source_ = make_change_source(options_, names_, folder_);
  source_->open({}, {});
  sql("INSERT INTO odd VALUES ('2024-02-03', '\\x00ff', 0.1::float8 + 0.2, '-1 day +2:03')");
  EXPECT_THAT(take(1), ElementsAre("odd/odd 2024-02-03 \\x00ff 0.30000000000000004 -1 days +02:03:00"));
}

}  // namespace
}  // namespace voyager::postgresql

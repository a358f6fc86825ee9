// Changes from one real database to another: captured, queued, applied, broken off at any moment, and equal in the end.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <random>
#include <thread>

#include "base/clock.h"
#include "base/error.h"
#include "connectors/postgresql/connection.h"
#include "connectors/postgresql/server_testing.h"
#include "connectors/postgresql/source_changes.h"
#include "connectors/postgresql/target_changes.h"
#include "format/lane_ledger.h"
#include "format/meta_db.h"
#include "migration/changes/apply.h"
#include "migration/changes/capture.h"

namespace voyager::migration {
namespace {

namespace fs = std::filesystem;
using postgresql::Connection;
using std::chrono::milliseconds;

constexpr const char* kTables = R"(
CREATE TABLE plain (id int PRIMARY KEY, a text, b numeric(12,3), c timestamptz, d jsonb);
CREATE TABLE composite (x int, y text, v int[], PRIMARY KEY (x, y));
CREATE TABLE bare (a int, b text, c boolean DEFAULT true, d char(5) DEFAULT 'ab', e inet DEFAULT '10.0.0.1', f "char" DEFAULT 'x',
  g xml DEFAULT '<a/>', h money DEFAULT 12, i cidr DEFAULT '10.0.0.0/8', j bit(3) DEFAULT '101', k name DEFAULT 'n');
CREATE TABLE taken (id int PRIMARY KEY, u int UNIQUE, w text);
CREATE TABLE narrow (id int PRIMARY KEY, u int UNIQUE);
CREATE TABLE parts (id int, k int, v text, PRIMARY KEY (id, k)) PARTITION BY LIST (k);
CREATE TABLE parts_0 PARTITION OF parts FOR VALUES IN (0);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1);
CREATE TABLE wide (id int PRIMARY KEY, v text);
CREATE TABLE made (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a int, twice int GENERATED ALWAYS AS (a * 2) STORED);
)";
constexpr const char* kUuid = "11111111-2222-3333-4444-555555555555";

class ChangesFlow : public testing::Test {
 protected:
  void SetUp() override {
    const std::optional<model::ConnectionOptions> server = postgresql::server_of("VOY_TEST_PG");
    if (!server) GTEST_SKIP() << "VOY_TEST_PG is not set: no server to ask";
    for (const auto& [side, name] : {std::pair{&source_, "s"}, {&target_, "t"}}) {
      side->options = *server;
      side->options.database = fmt::format("voy_flow_{}_{}", name, ::getpid());
      Connection(*server).run("CREATE DATABASE " + side->options.database, "make a database");
      side->admin = std::make_unique<Connection>(side->options);
      side->admin->run(kTables, "make tables");
    }
    source_.admin->run(
        "ALTER TABLE bare REPLICA IDENTITY FULL; ALTER TABLE taken REPLICA IDENTITY FULL; CREATE PUBLICATION " +
            names_.publication + " FOR TABLE plain, composite, bare, taken, narrow, parts_0, parts_1, made, wide",
        "publish");
    // As little as the server allows: larger transactions are sent before they are committed.
    source_.admin->run("ALTER DATABASE " + source_.options.database + " SET logical_decoding_work_mem = '64kB'", "set");
    long_ = std::make_unique<Connection>(source_.options);
    source_.admin->run("SELECT pg_create_logical_replication_slot('" + names_.slot + "', 'pgoutput')", "make a slot");
    target_.admin->run(
        "CREATE SCHEMA ybvoyager_metadata;"
        "CREATE TABLE ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo ("
        "migration_uuid uuid, channel_no INT, last_applied_vsn BIGINT, num_inserts BIGINT, num_deletes BIGINT, "
        "num_updates BIGINT,"
        "PRIMARY KEY (migration_uuid, channel_no));"
        "CREATE TABLE ybvoyager_metadata.ybvoyager_imported_event_count_by_table ("
        "migration_uuid uuid, table_name TEXT, channel_no INT, total_events BIGINT, num_inserts BIGINT, num_deletes "
        "BIGINT, num_updates BIGINT,"
        "PRIMARY KEY (migration_uuid, table_name, channel_no))",
        "make the bookkeeping");
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "metainfo");
  }
  void TearDown() override {
    if (!source_.admin) return;
    long_.reset();
    for (int i = 0; i < 200; ++i) {
      if (!source_.admin->try_run("SELECT pg_drop_replication_slot('" + names_.slot + "')", "drop the slot")) break;
      (void)source_.admin->pause(milliseconds(20));
    }
    const model::ConnectionOptions server = *postgresql::server_of("VOY_TEST_PG");
    for (Side* side : {&source_, &target_}) {
      side->admin.reset();
      Connection(server).run("DROP DATABASE " + side->options.database + " WITH (FORCE)", "drop it");
    }
    fs::remove_all(folder_);
  }

  // Captures until everything that is committed now is in the queue; in several runs, some of which are given up in
  // between.
  void capture(const std::string& cutover = {}, int runs = 1) {
    for (int run = 0; run < runs; ++run) {
      base::Stop stop;
      model::ConnectionOptions options = source_.options;
      options.stop = &stop;
      const auto stream = postgresql::make_change_source(options, names_, folder_ / "uncommitted");
      QueueWriter queue({.export_dir = folder_,
                         .migration = kUuid,
                         .exporter_role = "source_db_exporter",
                         .run = "run",
                         .segment_bytes_max = 200'000});
      const bool last = run + 1 == runs;
      std::optional<std::thread> breaker;
      if (!last) {
        breaker.emplace([&stop, this] {
          std::this_thread::sleep_for(milliseconds(random_() % 60));
          stop.request_drain();
        });
      }
      Capture capture(*stream, queue, {},
                      {.bytes_per_poll = 1U << (10 + random_() % 10), .orders_every = milliseconds(1)},
                      base::system_clock(), stop);
      const auto end =
          capture.run([&] { return CaptureOrders{.cutover = last ? (cutover.empty() ? "probe" : cutover) : ""}; },
                      [](const CaptureProgress&) {});
      if (breaker) breaker->join();
      EXPECT_EQ(end == CaptureEnd::kCutover, last);
    }
  }

  ApplyReport apply(int breaks, bool to_the_end) {
    ApplyReport report;
    format::MetaDb db(folder_);
    db.save_lanes("target_db_importer", {.lanes = 4});
    for (int run = 0; run < breaks + (to_the_end ? 1 : 0); ++run) {
      base::Stop stop;
      model::ConnectionOptions options = target_.options;
      options.stop = &stop;
      std::optional<std::thread> breaker;
      if (run < breaks) {
        breaker.emplace([&stop, this] {
          std::this_thread::sleep_for(milliseconds(random_() % 80));
          random_() % 2 == 0 ? stop.request_drain() : stop.request_cancel();
        });
      }
      try {
        report = apply_changes(
            {.export_dir = folder_,
             .importer_role = "target_db_importer",
             .exporter_roles = {"source_db_exporter"},
             .until = "cutover.target",
             .tables = names({"plain", "composite", "bare", "taken", "narrow", "parts", "made", "wide"}),
             .lanes = 4,
             .limits = {.rows_per_task = 1 + random_() % 300, .rows_together = random_() % 2 * (random_() % 300)}},
            db, [&] { return postgresql::make_change_target(options, {}, kUuid); }, [](const ApplyReport&) {},
            base::system_clock(), stop);
      } catch (const base::Error& error) {
        if (!stop.cancelled()) throw;
      }
      if (breaker) breaker->join();
    }
    return report;
  }

  static std::vector<model::TableName> names(const std::vector<std::string>& tables) {
    std::vector<model::TableName> out;
    for (const std::string& table : tables) out.push_back({model::Identifier("public"), model::Identifier(table)});
    return out;
  }

  std::string content(Connection& side, const std::string& table) {
    return side
        .query(
            "SELECT count(*)::text || ' ' || coalesce(md5(string_agg(t::text, chr(10) ORDER BY t::text COLLATE "
            "\"C\")), '') FROM " +
                table + " t",
            "look")
        .string(0, 0);
  }
  std::string difference(const std::string& table) {
    std::map<std::string, int> lines;
    for (const auto& [side, sign] : {std::pair{&source_, 1}, {&target_, -1}}) {
      const postgresql::Result rows = side->admin->query("SELECT t::text FROM " + table + " t", "look");
      for (int row = 0; row < rows.rows(); ++row) lines[rows.string(row, 0)] += sign;
    }
    std::string out;
    for (const auto& [line, count] : lines) {
      if (count != 0) out += fmt::format("\n{:+} {}", count, line);
    }
    return out;
  }
  void expect_equal() {
    for (const char* table : {"plain", "composite", "bare", "taken", "narrow", "parts", "made", "wide"})
      EXPECT_EQ(content(*source_.admin, table), content(*target_.admin, table)) << table << difference(table);
  }

  // A part of a long transaction beside the others.
  void work_long() {
    if (long_rows_ == 0) long_->run("BEGIN", "work");
    long_->run("SAVEPOINT s", "work");
    const unsigned rows = static_cast<unsigned>(random_() % 300);
    long_->run(fmt::format("INSERT INTO wide SELECT g, repeat('w', 500) FROM generate_series({}, {}) g;"
                           "UPDATE wide SET v = v || 'u' WHERE id > {} AND id % 3 = 0",
                           wide_ + 1, wide_ + rows, wide_),
               "work");
    wide_ += rows;
    long_rows_ += rows + 1;
    const auto next = random_() % 4;
    if (next == 0) long_->run("ROLLBACK TO s", "work");
    if (next == 1) long_->run("RELEASE s", "work");
    if (long_rows_ > 1000) end_long();
  }
  void end_long() {
    if (long_rows_ > 0) long_->run(random_() % 4 == 0 ? "ROLLBACK" : "COMMIT", "work");
    long_rows_ = 0;
  }

  // One transaction of a random application.
  void work() {
    const auto id = [this] { return random_() % 60; };
    std::string sql = "BEGIN;";
    for (unsigned n = random_() % 8 + 1; n > 0; --n) {
      sql += "SAVEPOINT s;";
      switch (random_() % 16) {
        case 0:
          sql += fmt::format(
              "INSERT INTO plain VALUES ({}, E'a\\t\\\\N{}', {}.5, now(), '{{\"null\": null}}') ON CONFLICT DO "
              "NOTHING;",
              id(), id(), id());
          break;
        case 1:
          sql += fmt::format("UPDATE plain SET a = NULL, b = {} WHERE id % 7 = {};", id(), random_() % 7);
          break;
        case 2:
          sql += fmt::format("DELETE FROM plain WHERE id = {};", id());
          break;
        case 3:
          sql += fmt::format(
              "UPDATE plain SET id = id + 1000 WHERE id = {}; UPDATE plain SET id = id - 1000 WHERE id >= 1000 AND id "
              "% 2 = 0 AND NOT EXISTS (SELECT FROM plain p WHERE p.id = plain.id - 1000);",
              id());
          break;
        case 4:
          sql += fmt::format(
              "INSERT INTO composite VALUES ({}, '', '{{1,NULL,{}}}') ON CONFLICT (x, y) DO UPDATE SET v = excluded.v;",
              id(), id());
          break;
        case 5:
          sql += fmt::format("UPDATE composite SET y = y || 'x' WHERE x = {} AND length(y) < 5;", id());
          break;
        case 6:
          sql +=
              fmt::format("INSERT INTO bare SELECT {}, 'same' FROM generate_series(1, {});", id() % 5, random_() % 4);
          break;
        case 7:
          sql += fmt::format("DELETE FROM bare WHERE ctid = (SELECT ctid FROM bare WHERE a = {} LIMIT 1);", id() % 5);
          break;
        case 8:
          sql += fmt::format("UPDATE bare SET b = NULL WHERE ctid = (SELECT ctid FROM bare WHERE a = {} LIMIT 1);",
                             id() % 5);
          break;
        case 9:
          sql += fmt::format(
              "INSERT INTO taken VALUES ({0}, {0}, 'new') ON CONFLICT DO NOTHING; INSERT INTO narrow VALUES ({0}, {0}) "
              "ON CONFLICT DO NOTHING;",
              id());
          break;
        case 10: {
          // A unique value goes from one row to another.
          const auto a = id(), b = id();
          for (const char* table : {"taken", "narrow"})
            sql += fmt::format(
                "DELETE FROM {0} WHERE id = {1}; INSERT INTO {0} VALUES ({1}, NULL); UPDATE {0} SET u = NULL WHERE id "
                "= {2}; UPDATE {0} SET u = {2} WHERE id = {1} AND NOT EXISTS (SELECT FROM {0} WHERE u = {2});",
                table, a, b);
          break;
        }
        case 11:
          sql += fmt::format(
              "DELETE FROM taken WHERE u = {}; UPDATE taken SET u = {} WHERE id = (SELECT min(id) FROM taken) AND NOT "
              "EXISTS (SELECT FROM taken WHERE u = {});",
              id(), 7, 7);
          break;
        case 12:
          sql += fmt::format("INSERT INTO parts VALUES ({}, {}, 'p') ON CONFLICT DO NOTHING;", id(), random_() % 2);
          break;
        case 13:
          sql += fmt::format(
              "UPDATE parts SET k = 1 - k WHERE id = {} AND NOT EXISTS (SELECT FROM parts p WHERE p.id = parts.id AND "
              "p.k = 1 - parts.k);",
              id());
          break;
        case 14:
          sql += fmt::format("INSERT INTO made (a) VALUES ({}); UPDATE made SET a = a + 1 WHERE id % 5 = {};", id(),
                             random_() % 5);
          break;
        default:
          sql +=
              fmt::format("DELETE FROM plain WHERE id = {0}; INSERT INTO plain (id, a) VALUES ({0}, 'again');", id());
          break;
      }
      if (random_() % 6 == 0) sql += "ROLLBACK TO s;";
    }
    if (random_() % 150 == 0)
      sql += random_() % 2 == 0 ? "TRUNCATE bare, plain; INSERT INTO plain (id) VALUES (1);" : "TRUNCATE taken;";
    sql += random_() % 10 == 0 ? "ROLLBACK" : "COMMIT";
    // Some of what is tried breaks a key: nothing of that transaction is there then.
    if (source_.admin->try_run(sql, "work")) source_.admin->rollback();
  }

  struct Side {
    model::ConnectionOptions options = {};
    std::unique_ptr<Connection> admin = {};
  };
  Side source_ = {};
  Side target_ = {};
  std::unique_ptr<Connection> long_ = {};
  unsigned long_rows_ = 0;  // of its transaction; 0: none is open
  unsigned wide_ = 0;       // the last key
  const postgresql::CaptureNames names_ = postgresql::capture_names(fmt::format("flow-{}", ::getpid()));
  const fs::path folder_ = fs::temp_directory_path() / fmt::format("voy-flow-{}", ::getpid());
  std::mt19937 random_{static_cast<unsigned>(::getpid())};
};

TEST_F(ChangesFlow, ARandomApplicationArrivesWhateverIsBrokenOff) {
  const unsigned seed = std::getenv("VOY_SEED") != nullptr ? static_cast<unsigned>(std::atoi(std::getenv("VOY_SEED")))
                                                           : std::random_device()();
  random_.seed(seed);
  std::printf("seed %u (VOY_SEED=%u repeats it)\n", seed, seed);
  for (int round = 0; round < 4; ++round) {
    for (int i = 0; i < 250; ++i) {
      work();
      if (i % 10 == 0) work_long();
    }
    if (round == 3) end_long();
    capture(round == 3 ? "cutover.target" : "", 3);
    if (round == 1) apply(2, false);
  }
  const ApplyReport report = apply(4, true);
  EXPECT_TRUE(report.cut_over);
  EXPECT_EQ(report.missed, 0U);
  EXPECT_EQ(report.remaining, 0U);
  expect_equal();
  // Every change is counted once.
  format::MetaDb ledger(folder_);
  std::uint64_t exported = 0;
  for (const auto& [table, counts] : ledger.exported("source_db_exporter")) exported += counts.total;
  EXPECT_EQ(target_.admin
                ->query("SELECT sum(num_inserts + num_updates + num_deletes) FROM "
                        "ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo",
                        "look")
                .number(0, 0),
            static_cast<std::int64_t>(exported));
  for (const format::SegmentRow& segment : ledger.segments()) {
    if (segment.next_vsn == segment.first_vsn) continue;
    EXPECT_THAT(segment.imported_by, testing::ElementsAre("target_db_importer")) << segment.number;
  }
}

TEST_F(ChangesFlow, ASecondApplierIsFencedOff) {
  source_.admin->run("INSERT INTO plain (id) VALUES (1)", "work");
  const auto first = postgresql::make_change_target(target_.options, {}, kUuid);
  const auto second = postgresql::make_change_target(target_.options, {}, kUuid);
  EXPECT_THAT(first->begin(3), testing::ElementsAre(0, 0, 0));
  second->begin(3);
  EXPECT_EQ(first->apply({.lanes = {{.lane = 0, .before_vsn = 0, .last_vsn = 5}}}).refused, "");
  EXPECT_THROW(second->apply({.lanes = {{.lane = 0, .before_vsn = 0, .last_vsn = 4}}}), base::Error);
  // Of several lanes all are where they were left, or nothing is done.
  EXPECT_EQ(
      first
          ->apply({.lanes = {{.lane = 0, .before_vsn = 5, .last_vsn = 9}, {.lane = 2, .before_vsn = 0, .last_vsn = 8}}})
          .refused,
      "");
  const auto apply = [&] {
    second->apply(
        {.lanes = {{.lane = 1, .before_vsn = 0, .last_vsn = 7}, {.lane = 2, .before_vsn = 0, .last_vsn = 8}}});
  };
  EXPECT_THAT(apply,
              testing::ThrowsMessage<base::Error>(testing::HasSubstr("lane 2 is being applied by somebody else")));
  EXPECT_THAT(second->begin(0), testing::ElementsAre(9, 0, 8));
}

}  // namespace
}  // namespace voyager::migration

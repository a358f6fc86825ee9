// What foreign keys do is what the server does when it follows them itself.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <memory>
#include <random>

#include "connectors/postgresql/connection.h"
#include "connectors/postgresql/server_testing.h"
#include "connectors/postgresql/target_changes.h"

namespace voyager::postgresql {
namespace {

using connector::ApplyStep;
using model::Identifier;
using Act = model::ActingKey::Act;

constexpr const char* kUuid = "11111111-2222-3333-4444-555555555555";
constexpr const char* kTables = R"(
CREATE TABLE {0}.p (id int PRIMARY KEY, code text NOT NULL UNIQUE);
CREATE TABLE {0}.c (id int PRIMARY KEY, p int, k int, UNIQUE (p, k));
CREATE TABLE {0}.g (id int PRIMARY KEY, c int, p int, k int);
CREATE TABLE {0}.n (code text, v int);
CREATE TABLE {0}.tree (id int PRIMARY KEY, up int, p int);
INSERT INTO {0}.p SELECT i, 'c' || i FROM generate_series(1, 60) i;
INSERT INTO {0}.c SELECT i, 1 + i % 60, i FROM generate_series(1, 300) i;
INSERT INTO {0}.g SELECT i, i, 1 + i % 60, i FROM generate_series(1, 300) i;
INSERT INTO {0}.n SELECT CASE WHEN i % 70 BETWEEN 1 AND 60 THEN 'c' || i % 70 END, i FROM generate_series(1, 200) i;
INSERT INTO {0}.tree SELECT i, nullif(i / 3, 0), nullif(i % 61, 0) FROM generate_series(1, 200) i;)";
constexpr const char* kKeys = R"(
ALTER TABLE own.c ADD FOREIGN KEY (p) REFERENCES own.p ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE own.g ADD FOREIGN KEY (c) REFERENCES own.c ON DELETE SET NULL;
ALTER TABLE own.g ADD FOREIGN KEY (p, k) REFERENCES own.c (p, k) ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE own.n ADD FOREIGN KEY (code) REFERENCES own.p (code) ON DELETE SET NULL ON UPDATE SET NULL;
ALTER TABLE own.tree ADD FOREIGN KEY (up) REFERENCES own.tree ON DELETE CASCADE;
ALTER TABLE own.tree ADD FOREIGN KEY (p) REFERENCES own.p ON DELETE CASCADE ON UPDATE CASCADE;)";

class Cascade : public testing::Test {
 protected:
  void SetUp() override {
    const auto server = server_of("VOY_TEST_PG");
    if (!server) GTEST_SKIP() << "VOY_TEST_PG is not set: no server to ask";
    options_ = *server;
    options_.database = fmt::format("voy_cascade_{}", ::getpid());
    Connection(*server).run("CREATE DATABASE " + options_.database, "make a database");
    admin_ = std::make_unique<Connection>(options_);
    for (const char* schema : {"own", "ours"}) {
      admin_->run(fmt::format("CREATE SCHEMA {}", schema), "make a schema");
      admin_->run(fmt::format(fmt::runtime(kTables), schema), "make tables");
    }
    admin_->run(kKeys, "make keys");
    admin_->run(
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
    target_ = make_change_target(options_, {}, kUuid);
    std::vector<model::TableName> names;
    for (const char* table : {"p", "c", "g", "n", "tree"}) names.push_back({Identifier("ours"), Identifier(table)});
    tables_ = target_->describe(names);
    target_->begin(1);
  }
  void TearDown() override {
    if (!admin_) return;
    target_.reset();
    admin_.reset();
    model::ConnectionOptions server = *server_of("VOY_TEST_PG");
    Connection(server).run("DROP DATABASE " + options_.database, "drop the database");
  }

  std::string rows(const std::string& schema) {
    std::string out;
    for (const char* table : {"p", "c", "g", "n", "tree"}) {
      out += admin_
                 ->query(fmt::format("SELECT coalesce(string_agg(t::text, ' ' ORDER BY t::text), '') FROM {}.{} t",
                                     schema, table),
                         "look at the rows")
                 .string(0, 0) +
             "\n";
    }
    return out;
  }

  // `table`: 0 p, 1 c, 4 tree. The first table of a step is the one whose row was changed.
  void follow(std::uint32_t first, std::vector<std::uint32_t> key, const std::vector<std::vector<std::string>>& before,
              const std::vector<std::vector<std::string>>& after) {
    std::vector<std::uint32_t> order = {first};
    for (std::uint32_t i = 0; i < tables_.size(); ++i) {
      if (i != first) order.push_back(i);
    }
    ApplyStep step{.kind = ApplyStep::Kind::kCascade, .key = std::move(key), .rows = before.size()};
    const auto place = [&](std::uint32_t table) {
      return static_cast<std::uint32_t>(std::ranges::find(order, table) - order.begin());
    };
    for (const std::uint32_t table : order) step.tables.push_back(&tables_[table]);
    const auto add = [&](std::uint32_t table, std::vector<std::uint32_t> columns, std::uint32_t parent,
                         std::vector<std::uint32_t> parent_columns, Act on_delete, Act on_update) {
      step.acting_keys.push_back({.table = place(table),
                                  .parent = place(parent),
                                  .columns = std::move(columns),
                                  .parent_columns = std::move(parent_columns),
                                  .on_delete = on_delete,
                                  .on_update = on_update});
    };
    add(1, {1}, 0, {0}, Act::kDelete, Act::kFollow);
    add(2, {1}, 1, {0}, Act::kSetNull, Act::kNothing);
    add(2, {2, 3}, 1, {1, 2}, Act::kDelete, Act::kFollow);
    add(3, {0}, 0, {1}, Act::kSetNull, Act::kSetNull);
    add(4, {1}, 4, {0}, Act::kDelete, Act::kNothing);
    add(4, {2}, 0, {0}, Act::kDelete, Act::kFollow);
    if (!after.empty()) step.columns = step.key;
    for (std::size_t row = 0; row < before.size(); ++row) {
      for (const std::string& value : before[row])
        step.values.push_back({.kind = model::ValueKind::kText, .text = value});
      if (after.empty()) continue;
      for (const std::string& value : after[row])
        step.values.push_back({.kind = model::ValueKind::kText, .text = value});
    }
    connector::LaneBatch batch{.lanes = {{.lane = 0, .before_vsn = vsn_, .last_vsn = vsn_ + 1}}};
    batch.steps.push_back(std::move(step));
    const connector::ApplyOutcome outcome = target_->apply(batch);
    EXPECT_EQ(outcome.refused, "");
    EXPECT_TRUE(outcome.missed.empty());
    ++vsn_;
  }

  model::ConnectionOptions options_ = {};
  std::unique_ptr<Connection> admin_ = {};
  std::unique_ptr<connector::ChangeTarget> target_ = {};
  std::vector<connector::ApplyTable> tables_ = {};
  std::int64_t vsn_ = 0;
};

TEST_F(Cascade, IsWhatTheServerDoesByItself) {
  ASSERT_EQ(rows("own"), rows("ours"));
  std::mt19937 random(20'261'127);
  int done = 0;
  for (int i = 0; i < 60; ++i) {
    const std::string where = fmt::format("WHERE id IN ({}, {})", random() % 200 + 1, random() % 200 + 1);
    const unsigned kind = random() % 4;
    const char* table = kind == 0 ? "c" : kind == 1 ? "tree" : "p";
    const std::string columns = kind == 0 ? "id, p, k" : kind == 1 ? "id" : "id, code";
    const std::uint32_t number = kind == 0 ? 1 : kind == 1 ? 4 : 0;
    const std::vector<std::uint32_t> key = kind == 0   ? std::vector<std::uint32_t>{0, 1, 2}
                                           : kind == 1 ? std::vector<std::uint32_t>{0}
                                                       : std::vector<std::uint32_t>{0, 1};
    const Result found = admin_->query(fmt::format("SELECT {} FROM own.{} {}", columns, table, where), "look for rows");
    if (found.rows() == 0) continue;
    std::vector<std::vector<std::string>> before;
    for (int row = 0; row < found.rows(); ++row) {
      before.emplace_back();
      for (std::size_t column = 0; column < key.size(); ++column)
        before.back().push_back(found.string(row, static_cast<int>(column)));
    }
    ++done;
    if (kind < 3) {
      const std::string statement = fmt::format("DELETE FROM {}.{} {}", "{}", table, where);
      for (const char* schema : {"own", "ours"}) admin_->run(fmt::format(fmt::runtime(statement), schema), "delete");
      follow(number, key, before, {});
    } else {
      std::vector<std::vector<std::string>> after;
      for (const std::vector<std::string>& row : before) {
        after.push_back({fmt::format("{}{}", i, 1'000 + after.size()), fmt::format("x{}{}", i, after.size())});
        for (const char* schema : {"own", "ours"})
          admin_->run(fmt::format("UPDATE {}.p SET id = {}, code = '{}' WHERE id = {}", schema, after.back()[0],
                                  after.back()[1], row[0]),
                      "update");
      }
      follow(0, key, before, after);
    }
    ASSERT_EQ(rows("own"), rows("ours")) << i;
  }
  EXPECT_GT(done, 20);
  const Result counted = admin_->query(
      "SELECT sum(num_deletes) FROM ybvoyager_metadata.ybvoyager_imported_event_count_by_table WHERE channel_no = -1",
      "look at the counts");
  EXPECT_GT(counted.number(0, 0), 20);
}

}  // namespace
}  // namespace voyager::postgresql

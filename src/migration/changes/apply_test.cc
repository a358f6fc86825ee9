#include "migration/changes/apply.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <tuple>

#include "base/error.h"
#include "base/temporary_folder_testing.h"
#include "format/lane_ledger.h"
#include "format/meta_db.h"
#include "migration/changes/queue_writer.h"
#include "migration/changes/roles.h"

namespace voyager::migration {
namespace {

using connector::ApplyStep;
using model::ChangeKind;
using model::Identifier;

const model::TableName kTable{Identifier("s"), Identifier("t")};
const model::TableName kOther{Identifier("s"), Identifier("u")};

/// A database with tables t (of `columns`, the first is its key) and u, and what was done to it.
struct Database {
  std::mutex mutex;
  std::vector<std::string> columns = {"id", "other", "v"};
  std::vector<std::string> values = {};  // of all steps, in order
  std::vector<std::string> added = {};
  std::int64_t applied = 0;  // by all lanes, before the run
  std::function<void(const connector::LaneBatch&)> before_batch = [](const connector::LaneBatch&) {};
};

class Target final : public connector::ChangeTarget {
 public:
  explicit Target(Database& database) : database_(database) {}

  std::vector<connector::ApplyTable> describe(const std::vector<model::TableName>& tables) override {
    std::vector<connector::ApplyTable> out;
    for (const model::TableName& name : tables) {
      connector::ApplyTable table{.name = name};
      if (name == kOther) table.columns.push_back({.name = Identifier("x"), .type = "int", .full_type = "int"});
      if (name == kTable) {
        for (const std::string& column : database_.columns)
          table.columns.push_back({.name = Identifier(column), .type = "int", .full_type = "int"});
        table.primary_key = {Identifier("id")};
      }
      out.push_back(std::move(table));
    }
    return out;
  }
  std::vector<model::TableName> names_of(const std::vector<std::uint64_t>&) override { return {}; }
  std::vector<connector::ApplyHook> hooks(const std::vector<model::TableName>&) override { return {}; }
  connector::ColumnChanged change_column(const connector::ColumnChange& change) override {
    database_.columns.push_back(change.column.name.catalog_text());
    database_.added.push_back(change.column.name.catalog_text());
    return {.statement = "ALTER"};
  }
  std::vector<std::int64_t> begin(int lanes) override {
    return std::vector<std::int64_t>(static_cast<std::size_t>(lanes), database_.applied);
  }
  std::uint64_t applied_changes() override { return 0; }
  connector::ApplyOutcome apply(const connector::LaneBatch& batch) override {
    database_.before_batch(batch);
    const std::lock_guard lock(database_.mutex);
    for (const ApplyStep& step : batch.steps) {
      if (step.kind == ApplyStep::Kind::kTruncate) database_.values.emplace_back("truncated");
      for (const model::ChangeValue& value : step.values) database_.values.emplace_back(value.text);
    }
    return {};
  }
  std::int64_t applied(int) override { return 0; }

 private:
  Database& database_;
};

model::ChangeTable form(const std::vector<std::string>& columns, const std::string& key) {
  model::ChangeTable out{.name = kTable, .leaf = kTable};
  for (const std::string& column : columns)
    out.columns.push_back({.name = Identifier(column), .type = "int", .key = column == key, .addable = true});
  return out;
}

void row(model::ChangeWriter& out, ChangeKind kind, std::uint32_t table, const std::vector<std::string>& values) {
  out.begin_row(kind, table, model::BeforeKind::kNone);
  out.begin_tuple(static_cast<std::uint32_t>(values.size()));
  for (const std::string& value : values) out.text(value);
  out.end_row();
}

class ApplyTest : public testing::Test {
 protected:
  void queue(const std::string& exporter, const std::string& records, const std::string& last_word) {
    QueueWriter writer({.export_dir = folder_.path(), .exporter_role = exporter, .run = "run"});
    writer.append(records, {"1"});
    writer.control(last_word, {"2"});
    writer.close();
  }
  ApplyReport apply(
      ApplyOptions options, const std::function<void(const ApplyReport&)>& tell = [](const auto&) {}) {
    options.export_dir = folder_.path();
    options.importer_role = "target_db_importer";
    if (options.exporter_roles.empty()) options.exporter_roles = {kSourceExporter};
    if (options.until.empty()) options.until = kCutoverToTarget;
    options.tables = {kTable, kOther};
    db_.save_lanes(options.importer_role, {.lanes = options.lanes});
    base::Stop stop;
    return apply_changes(
        options, db_, [this] { return std::make_unique<Target>(database_); }, tell, base::system_clock(), stop);
  }

  const base::TemporaryFolder folder_ = {};
  format::MetaDb db_{folder_.path()};
  Database database_ = {};
};

// What names a row was changed under load: its later changes may go through another lane.
TEST_F(ApplyTest, ChangesByANewKeyComeAfterThoseByTheEarlierOne) {
  constexpr int kRows = 40;
  std::string records;
  model::ChangeWriter out(records);
  for (const auto& [key, value] : {std::pair{"id", "early"}, std::pair{"other", "late"}}) {
    out.table(1, form({"id", "other", "v"}, key));
    out.begin("1", 0);
    for (int i = 0; i < kRows; ++i) row(out, ChangeKind::kUpdate, 1, {std::to_string(i), std::to_string(i * 7), value});
    out.commit();
  }
  queue(kSourceExporter, records, kCutoverToTarget);
  const auto has = [](const connector::LaneBatch& batch, std::string_view value) {
    for (const ApplyStep& step : batch.steps) {
      if (std::ranges::find(step.values, value, &model::ChangeValue::text) != step.values.end()) return true;
    }
    return false;
  };
  std::ptrdiff_t fewest = kRows;
  database_.before_batch = [&](const connector::LaneBatch& batch) {
    if (!has(batch, "late")) std::this_thread::sleep_for(std::chrono::milliseconds(10 * batch.lanes.front().lane));
    const std::lock_guard lock(database_.mutex);
    if (has(batch, "late")) fewest = std::min(fewest, std::ranges::count(database_.values, "early"));
  };
  EXPECT_TRUE(apply({.limits = {.rows_together = 1}}).cut_over);
  EXPECT_EQ(fewest, kRows);
  EXPECT_EQ(std::ranges::count(database_.values, "late"), kRows);
}

// Each batch ends where its lanes' next one begins, in whichever lane that goes along.
TEST_F(ApplyTest, LittleOfSeveralLanesIsOneBatch) {
  constexpr std::size_t kRows = 40;
  std::string records;
  model::ChangeWriter out(records);
  out.table(1, form({"id", "other", "v"}, "id"));
  for (std::size_t i = 0; i < kRows; ++i) row(out, ChangeKind::kInsert, 1, {std::to_string(i), "1", "x"});
  queue(kSourceExporter, records, kCutoverToTarget);
  for (const std::size_t together : {kRows, kRows - 1}) {
    std::vector<std::size_t> lanes;  // of batches with rows
    std::map<int, std::int64_t> ends;
    database_.before_batch = [&](const connector::LaneBatch& batch) {
      const std::lock_guard lock(database_.mutex);
      if (!batch.steps.empty()) lanes.push_back(batch.lanes.size());
      for (const connector::LaneBatch::Row& one : batch.lanes) {
        EXPECT_EQ(one.before_vsn, ends[one.lane]);
        EXPECT_GT(one.last_vsn, one.before_vsn);
        ends[one.lane] = one.last_vsn;
      }
    };
    EXPECT_TRUE(apply({.limits = {.rows_together = together}}).cut_over);
    EXPECT_EQ(lanes, together == kRows ? std::vector<std::size_t>{4} : std::vector<std::size_t>(4, 1));
    EXPECT_EQ(ends.size(), 4U);
    for (const auto& [lane, end] : ends)
      EXPECT_EQ(end, static_cast<std::int64_t>(kRows) + 1) << lane;  // The order to cut over.
  }
}

TEST_F(ApplyTest, WhateverFailsEndsTheLanesToo) {
  queue(kSourceExporter, "", kCutoverToTarget);
  EXPECT_THROW(apply({}, [](const ApplyReport&) { throw std::runtime_error("no error of ours"); }), std::runtime_error);
}

// A replica that is behind reads what both databases did to one row at once.
TEST_F(ApplyTest, ChangesOfTwoExportersAreInNoBatchTogether) {
  std::string first, second;
  for (const auto& [records, kind, value] :
       {std::tuple{&first, ChangeKind::kInsert, "early"}, {&second, ChangeKind::kUpdate, "late"}}) {
    model::ChangeWriter out(*records);
    out.table(1, form({"id", "other", "v"}, "id"));
    out.begin("1", 0);
    row(out, kind, 1, {"1", "2", value});
    out.commit();
  }
  queue(kSourceExporter, first, kCutoverToTarget);
  queue(kTargetExporterForward, second, "cutover.source_replica");
  std::vector<std::size_t> inserts_with_other_steps;
  database_.before_batch = [&](const connector::LaneBatch& batch) {
    const std::lock_guard lock(database_.mutex);
    const bool inserts =
        std::ranges::any_of(batch.steps, [](const ApplyStep& step) { return step.kind == ApplyStep::Kind::kInsert; });
    if (inserts) inserts_with_other_steps.push_back(batch.steps.size() - 1);
  };
  EXPECT_TRUE(
      apply({.exporter_roles = {kSourceExporter, kTargetExporterForward}, .until = "cutover.source_replica"}).cut_over);
  EXPECT_EQ(inserts_with_other_steps, std::vector<std::size_t>{0});
}

// A column that a database had when its capture began may hold values that no change has.
TEST_F(ApplyTest, EachExportersColumnsAreThoseOfItsOwnBeginning) {
  database_.columns = {"id"};
  const auto changes = [](const std::vector<std::string>& columns) {
    std::string records;
    model::ChangeWriter out(records);
    out.table(1, form(columns, "id"));
    row(out, ChangeKind::kInsert, 1, columns);
    return records;
  };
  queue(kSourceExporter, changes({"id", "v"}), kCutoverToTarget);
  queue(kTargetExporterForward, changes({"id", "v", "w"}), "cutover.source_replica");
  const ColumnTypes id = {{Identifier("id"), "int"}};
  const ColumnTypes all = {{Identifier("id"), "int"}, {Identifier("v"), "int"}, {Identifier("w"), "int"}};
  const ApplyOptions options{.exporter_roles = {kSourceExporter, kTargetExporterForward},
                             .until = "cutover.source_replica",
                             .types = {{kSourceExporter, {{kTable, id}}}, {kTargetExporterForward, {{kTable, all}}}},
                             .limits = {.rows_per_task = 1}};
  try {
    apply(options);
    FAIL() << "w was added";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.info().code, "CDC-004");
    EXPECT_NE(error.info().title.find("no column w"), std::string::npos);
  }
  EXPECT_EQ(database_.added, std::vector<std::string>{"v"});
  EXPECT_EQ(database_.values, (std::vector<std::string>{"id", "v"}));
}

// It touches any rows: what came before in other lanes is in, and what comes later waits.
TEST_F(ApplyTest, ACascadeIsBehindEverythingBeforeItAndBeforeEverythingBehindIt) {
  constexpr int kRows = 40, kCascades = 30;
  std::string records;
  model::ChangeWriter out(records);
  out.table(1, form({"id", "other", "v"}, "id"));
  out.begin("1", 0);
  const auto rows = [&](const char* value) {
    for (int i = 0; i < kRows; ++i) row(out, ChangeKind::kUpdate, 1, {std::to_string(i), "0", value});
  };
  rows("early");
  const std::vector<model::ActingKey> keys = {
      {.table = 0, .parent = 0, .columns = {1}, .parent_columns = {0}, .on_delete = model::ActingKey::Act::kDelete}};
  const model::ChangeValue unset{.kind = model::ValueKind::kUnchanged};
  const std::vector<model::ChangeValue> before = {{.kind = model::ValueKind::kText, .text = "gone"}, unset, unset};
  for (int i = 0; i < kCascades; ++i) out.cascade(std::vector<std::uint32_t>{1}, keys, before, {});
  rows("late");
  out.commit();
  queue(kSourceExporter, records, kCutoverToTarget);
  int cascades = 0;
  database_.before_batch = [&](const connector::LaneBatch& batch) {
    for (const ApplyStep& step : batch.steps) cascades += step.kind == ApplyStep::Kind::kCascade ? 1 : 0;
    std::this_thread::sleep_for(std::chrono::milliseconds(3 * batch.lanes.front().lane));
  };
  EXPECT_TRUE(apply({.limits = {.rows_together = 1}}).cut_over);
  EXPECT_EQ(cascades, 1);
  std::vector<std::string> order;
  for (const std::string& value : database_.values) {
    if (value != "early" && value != "gone" && value != "late") continue;
    if (order.empty() || order.back() != value) order.push_back(value);
  }
  EXPECT_EQ(order, (std::vector<std::string>{"early", "gone", "late"}));
  EXPECT_EQ(std::ranges::count(database_.values, "gone"), kCascades);
}

// Rows of the table that others refer to, one in each transaction, lead to one statement for all of them.
TEST_F(ApplyTest, CascadesAreCollectedWhileWhatComesBetweenHasNothingToDoWithThem) {
  constexpr int kRows = 40;
  std::string records;
  model::ChangeWriter out(records);
  out.table(1, form({"id", "other", "v"}, "id"));
  out.table(2, {.name = kOther, .leaf = kOther, .columns = {{.name = Identifier("x"), .type = "int", .key = true}}});
  const std::vector<model::ActingKey> keys = {
      {.table = 1, .parent = 0, .columns = {0}, .parent_columns = {0}, .on_delete = model::ActingKey::Act::kDelete}};
  const model::ChangeValue unset{.kind = model::ValueKind::kUnchanged};
  const std::vector<model::ChangeValue> before = {{.kind = model::ValueKind::kText, .text = "gone"}, unset, unset};
  for (int i = 0; i < kRows; ++i) {
    out.begin("1", 0);
    if (i < kRows / 2) row(out, ChangeKind::kInsert, 2, {fmt::format("early{}", i)});
    row(out, ChangeKind::kUpdate, 1, {std::to_string(i), "0", "between"});
    if (i >= kRows / 2) out.cascade(std::vector<std::uint32_t>{1, 2}, keys, before, {});
    out.commit();
  }
  for (int i = 0; i < kRows; ++i) row(out, ChangeKind::kInsert, 2, {fmt::format("late{}", i)});
  queue(kSourceExporter, records, kCutoverToTarget);
  int cascades = 0;
  database_.before_batch = [&](const connector::LaneBatch& batch) {
    {
      const std::lock_guard lock(database_.mutex);
      for (const ApplyStep& step : batch.steps) cascades += step.kind == ApplyStep::Kind::kCascade ? 1 : 0;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(3 * batch.lanes.front().lane));
  };
  EXPECT_TRUE(apply({.limits = {.rows_together = 1}}).cut_over);
  EXPECT_EQ(cascades, 1);
  std::vector<std::string> order;
  for (const std::string& value : database_.values) {
    const std::string word = value.starts_with("early") ? "early" : value.starts_with("late") ? "late" : value;
    if (word != "early" && word != "gone" && word != "late") continue;
    if (order.empty() || order.back() != word) order.push_back(word);
  }
  EXPECT_EQ(order, (std::vector<std::string>{"early", "gone", "late"}));
  EXPECT_EQ(std::ranges::count(database_.values, "gone"), kRows / 2);
  EXPECT_EQ(std::ranges::count(database_.values, "between"), kRows);
}

// A run begins to read at the block of the first change that is not applied, which may begin inside of its transaction.
TEST_F(ApplyTest, ATransactionIsKeptWholeThoughItsBeginIsNotRead) {
  constexpr int kRows = 9;
  QueueWriter writer({.export_dir = folder_.path(), .exporter_role = kSourceExporter, .run = "run"});
  std::string records;
  model::ChangeWriter earlier(records);
  earlier.table(1, form({"id", "other", "v"}, "id"));
  earlier.begin("1", 0);
  for (int i = 0; i < kRows; ++i)
    row(earlier, ChangeKind::kInsert, 1, {std::to_string(i), "0", std::string(1'000'000, 'x')});
  earlier.commit();
  earlier.begin("2", 0);
  writer.append(records, {"1"});
  writer.sync();
  records.clear();
  model::ChangeWriter later(records);
  for (int i = 0; i < kRows; ++i) row(later, ChangeKind::kUpdate, 1, {std::to_string(i), "1", "late"});
  later.commit();
  writer.append(records, {"2"});
  writer.control(kCutoverToTarget, {"3"});
  writer.close();
  database_.applied = kRows;
  std::vector<std::size_t> rows;
  database_.before_batch = [&](const connector::LaneBatch& batch) {
    for (const ApplyStep& step : batch.steps) rows.push_back(step.rows);
  };
  EXPECT_TRUE(apply({.lanes = 1, .whole_transactions = true, .limits = {.rows_per_task = 1}}).cut_over);
  EXPECT_EQ(rows, std::vector<std::size_t>{kRows});
}

// Changes name tables by the source's numbers, and so does a truncation on its way to a lane by its own.
TEST_F(ApplyTest, ATruncationIsNoOtherTable) {
  for (const std::uint32_t number : {0U, 0x8000'0000U, 0xFFFF'FFFFU}) {
    const base::TemporaryFolder folder;
    std::string records;
    model::ChangeWriter out(records);
    out.table(number, form({"id", "other", "v"}, "id"));
    out.table(5, {.name = kOther, .leaf = kOther, .columns = {{.name = Identifier("x"), .type = "int", .key = true}}});
    out.begin("1", 0);
    row(out, ChangeKind::kInsert, number, {"1", "2", "3"});
    out.truncate(std::vector<std::uint32_t>{5}, false, false);
    row(out, ChangeKind::kInsert, number, {"4", "5", "6"});
    out.commit();
    QueueWriter writer({.export_dir = folder.path(), .exporter_role = kSourceExporter, .run = "run"});
    writer.append(records, {"1"});
    writer.control(kCutoverToTarget, {"2"});
    writer.close();
    format::MetaDb db(folder.path());
    db.save_lanes("target_db_importer", {.lanes = 1, .keep_transactions = true});
    Database database;
    base::Stop stop;
    apply_changes(
        {.export_dir = folder.path(),
         .importer_role = "target_db_importer",
         .exporter_roles = {kSourceExporter},
         .until = kCutoverToTarget,
         .tables = {kTable, kOther},
         .lanes = 1,
         .whole_transactions = true},
        db, [&] { return std::make_unique<Target>(database); }, [](const ApplyReport&) {}, base::system_clock(), stop);
    EXPECT_EQ(database.values, (std::vector<std::string>{"1", "2", "3", "truncated", "4", "5", "6"})) << number;
  }
}

}  // namespace
}  // namespace voyager::migration

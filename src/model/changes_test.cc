#include "model/changes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace voyager::model {
namespace {

using testing::ElementsAre;

const ChangeTable kOrders = {.name = {Identifier("public"), Identifier("orders")},
                             .leaf = {Identifier("public"), Identifier("orders_2024")},
                             .columns = {{Identifier("id"), "bigint", true}, {Identifier("a \"b\""), "text", false}}};

ChangeValue text(std::string_view value) {
  return {.kind = ValueKind::kText, .text = value};
}

const ActingKey kUpward = {.table = 1,
                           .parent = 0,
                           .columns = {1, 0},
                           .parent_columns = {0, 1},
                           .on_delete = ActingKey::Act::kSetNull,
                           .on_update = ActingKey::Act::kFollow};

std::string example() {
  std::string bytes;
  ChangeWriter out(bytes);
  out.table(7, kOrders);
  out.begin("730", 1'700'000'000'000'000);
  out.begin_row(ChangeKind::kInsert, 7, BeforeKind::kNone);
  out.begin_tuple(2);
  out.text("1");
  out.text(std::string(300, 'x'));
  out.end_row();
  out.begin_row(ChangeKind::kUpdate, 7, BeforeKind::kKey);
  out.begin_tuple(2);
  out.text("1");
  out.null();
  out.begin_tuple(2);
  out.text("");
  out.unchanged();
  out.end_row();
  out.begin_row(ChangeKind::kDelete, 7, BeforeKind::kFull);
  out.begin_tuple(2);
  out.text("\\N");
  out.null();
  out.end_row();
  out.truncate(std::vector<std::uint32_t>{7, 7}, true, false);
  const std::vector<ChangeValue> before = {text("1"), {.kind = ValueKind::kUnchanged}};
  const std::vector<ChangeValue> after = {text("2"), {}};
  out.cascade(std::vector<std::uint32_t>{7, 7}, std::vector{kUpward}, before, after);
  out.cascade(std::vector<std::uint32_t>{7}, {}, before, {});
  out.commit();
  out.control("cutover.target");
  return bytes;
}

TEST(Changes, WhatWasWrittenIsRead) {
  const std::string bytes = example();
  ChangeTables tables;
  ChangeReader reader(bytes, tables);
  Change change;
  ASSERT_TRUE(reader.next(change));
  EXPECT_EQ(change.kind, ChangeKind::kTable);
  EXPECT_EQ(change.table->leaf, kOrders.leaf);
  EXPECT_EQ(change.table->columns.at(1).name, kOrders.columns[1].name);
  EXPECT_TRUE(change.table->columns.at(0).key);
  EXPECT_FALSE(change.numbered());
  ASSERT_TRUE(reader.next(change));
  EXPECT_EQ(change.text, "730");
  EXPECT_EQ(change.committed_at_micros, 1'700'000'000'000'000);
  ASSERT_TRUE(reader.next(change));
  EXPECT_TRUE(change.numbered());
  EXPECT_EQ(change.table_number, 7U);
  EXPECT_THAT(change.after, ElementsAre(text("1"), text(std::string(300, 'x'))));
  EXPECT_TRUE(change.before.empty());
  ASSERT_TRUE(reader.next(change));
  EXPECT_EQ(change.before_kind, BeforeKind::kKey);
  EXPECT_THAT(change.before, ElementsAre(text("1"), ChangeValue{}));
  EXPECT_THAT(change.after, ElementsAre(text(""), ChangeValue{.kind = ValueKind::kUnchanged}));
  ASSERT_TRUE(reader.next(change));
  EXPECT_EQ(change.kind, ChangeKind::kDelete);
  EXPECT_THAT(change.before, ElementsAre(text("\\N"), ChangeValue{}));
  EXPECT_TRUE(change.after.empty());
  ASSERT_TRUE(reader.next(change));
  EXPECT_EQ(change.tables.size(), 2U);
  EXPECT_TRUE(change.cascade);
  EXPECT_FALSE(change.restart_identity);
  ASSERT_TRUE(reader.next(change));
  EXPECT_EQ(change.kind, ChangeKind::kCascade);
  EXPECT_TRUE(change.numbered());
  EXPECT_EQ(change.tables.size(), 2U);
  EXPECT_THAT(change.acting_keys, ElementsAre(kUpward));
  EXPECT_THAT(change.before, ElementsAre(text("1"), ChangeValue{.kind = ValueKind::kUnchanged}));
  EXPECT_THAT(change.after, ElementsAre(text("2"), ChangeValue{}));
  ASSERT_TRUE(reader.next(change));
  EXPECT_EQ(change.tables.size(), 1U);
  EXPECT_TRUE(change.acting_keys.empty());
  EXPECT_TRUE(change.after.empty());
  ASSERT_TRUE(reader.next(change));
  EXPECT_EQ(change.kind, ChangeKind::kCommit);
  ASSERT_TRUE(reader.next(change));
  EXPECT_EQ(change.text, "cutover.target");
  EXPECT_FALSE(reader.next(change));
  EXPECT_FALSE(reader.fault());
}

TEST(Changes, WhatMakesAColumnIsReadAsItWasWritten) {
  ChangeTable table = kOrders;
  table.columns[0].add_sql = "text COLLATE pg_catalog.\"C\"";
  table.columns[1].addable = true;
  table.columns[1].add_sql = "text DEFAULT 'a'";
  table.columns.push_back({.name = Identifier("c"), .addable = true, .then_sql = "SET DEFAULT 1"});
  std::string bytes;
  ChangeWriter(bytes).table(1, table);
  ChangeTables tables;
  ChangeReader reader(bytes, tables);
  Change change;
  ASSERT_TRUE(reader.next(change));
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(change.table->columns[i].addable, table.columns[i].addable);
    EXPECT_EQ(change.table->columns[i].add_sql, table.columns[i].add_sql);
    EXPECT_EQ(change.table->columns[i].then_sql, table.columns[i].then_sql);
  }
}

TEST(Changes, ATableThatIsDescribedAnewLeavesEarlierChangesTheirs) {
  ChangeTable wider = kOrders;
  wider.columns.push_back({Identifier("c"), "int", false});
  std::string bytes;
  ChangeWriter out(bytes);
  out.table(1, kOrders);
  out.table(1, wider);
  ChangeTables tables;
  ChangeReader reader(bytes, tables);
  Change first, second;
  ASSERT_TRUE(reader.next(first));
  ASSERT_TRUE(reader.next(second));
  EXPECT_EQ(first.table->columns.size(), 2U);
  EXPECT_EQ(second.table->columns.size(), 3U);
}

TEST(Changes, ARowThatIsUndoneLeavesNothing) {
  std::string bytes = "kept";
  ChangeWriter out(bytes);
  out.begin_row(ChangeKind::kInsert, 1, BeforeKind::kNone);
  out.begin_tuple(1);
  out.text("x");
  out.undo_row();
  EXPECT_EQ(bytes, "kept");
}

TEST(Changes, OutlinesAreTheRecordsWithoutLookingInside) {
  const std::string bytes = example();
  std::vector<ChangeKind> kinds;
  std::size_t at = 0;
  while (at < bytes.size()) {
    const auto one = outline(std::string_view(bytes).substr(at));
    ASSERT_TRUE(one);
    kinds.push_back(one->kind);
    if (one->kind == ChangeKind::kUpdate) {
      EXPECT_EQ(one->table, 7U);
    }
    at += one->size;
  }
  EXPECT_THAT(kinds, ElementsAre(ChangeKind::kTable, ChangeKind::kBegin, ChangeKind::kInsert, ChangeKind::kUpdate,
                                 ChangeKind::kDelete, ChangeKind::kTruncate, ChangeKind::kCascade, ChangeKind::kCascade,
                                 ChangeKind::kCommit, ChangeKind::kControl));
  EXPECT_EQ(at, bytes.size());
}

// Every cut of the bytes is a fault or a clean end, and no damaged byte makes the reader leave the bytes.
TEST(Changes, CutAndDamagedBytesAreFaults) {
  const std::string bytes = example();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ChangeTables tables;
    const std::string part = bytes.substr(0, size);
    ChangeReader reader(part, tables);
    Change change;
    std::size_t read = 0;
    while (reader.next(change)) read += change.bytes.size();
    EXPECT_EQ(reader.fault().has_value(), read != size) << size;
  }
  std::mt19937 random(20'261'126);
  for (int i = 0; i < 20'000; ++i) {
    std::string damaged = bytes;
    for (unsigned n = random() % 4 + 1; n > 0; --n) damaged[random() % damaged.size()] = static_cast<char>(random());
    ChangeTables tables;
    ChangeReader reader(damaged, tables);
    Change change;
    std::size_t values = 0;
    while (reader.next(change)) {
      for (const ChangeValue& value : change.after) values += value.text.size();
    }
    EXPECT_LE(values, damaged.size());
  }
}

}  // namespace
}  // namespace voyager::model

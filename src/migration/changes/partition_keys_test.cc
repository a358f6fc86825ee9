#include "migration/changes/partition_keys.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "migration/changes/table_plan.h"

namespace voyager::migration {
namespace {

using By = PartitionKey::By;

model::TableName table(const char* schema, const char* name) {
  return {model::Identifier(schema), model::Identifier(name)};
}

TEST(PartitionKeys, EachTableHasItsOwnOrTheCommonOne) {
  const PartitionKeys keys =
      parse_partition_keys("table", R"(Public.Orders:pk; "My.Schema"."a:b""c" : ( "A,x" , b );)");
  EXPECT_EQ(keys.of(table("public", "other")).by, By::kTable);
  EXPECT_EQ(keys.of(table("public", "orders")).by, By::kKey);
  const PartitionKey& columns = keys.of(table("My.Schema", "a:b\"c"));
  EXPECT_EQ(columns.by, By::kColumns);
  EXPECT_EQ(columns.columns, (std::vector{model::Identifier("A,x"), model::Identifier("b")}));
  EXPECT_EQ(parse_partition_keys("auto", "").of(table("a", "b")).by, By::kAuto);
}

TEST(PartitionKeys, WhatIsNotOneIsRefused) {
  EXPECT_THROW(parse_partition_keys("row", ""), base::Error);
  for (const char* text : {"orders:pk", "a.b", "a.b:auto", "a.b:row", "a.b:(c,)", "a.b:()", "a.b.c:pk", "a.b:pk:pk",
                           "a.b:pk;a.b:table", "a.b:(c"}) {
    EXPECT_THROW(parse_partition_keys("auto", text), base::Error) << text;
  }
}

TEST(PartitionKeys, LanesGoByColumnsOfTheKeyAlone) {
  const connector::ApplyTable target{
      .name = table("public", "t"),
      .columns = {{.name = model::Identifier("a")}, {.name = model::Identifier("b")}, {.name = model::Identifier("c")}},
      .primary_key = {model::Identifier("a"), model::Identifier("b")},
      .unique = {{.expression = true}}};
  model::ChangeTable source{.name = target.name, .leaf = target.name};
  for (const char* column : {"a", "b", "c"})
    source.columns.push_back({.name = model::Identifier(column), .type = "int", .key = *column != 'c'});
  const auto lanes = [&](const PartitionKey& key) { return make_table_plan(source, &target, key).lanes; };
  EXPECT_EQ(lanes({.by = By::kAuto}), (LaneRule{.one_lane = true}));
  EXPECT_EQ(lanes({.by = By::kKey}), (LaneRule{.key = {0, 1}}));
  EXPECT_EQ(lanes({.by = By::kTable}), (LaneRule{.one_lane = true}));
  EXPECT_EQ(lanes({.by = By::kColumns, .columns = {model::Identifier("b")}}), (LaneRule{.key = {1}}));
  EXPECT_THROW(lanes({.by = By::kColumns, .columns = {model::Identifier("c")}}), base::Error);
}

// What a missing column is: added since, or an earlier one under a new name.
TEST(TablePlan, OnlyColumnsThatAreCertainlyNewAreAdded) {
  const auto columns = [](std::initializer_list<const char*> names) {
    std::vector<connector::ApplyColumn> out;
    for (const char* name : names) out.push_back({.name = model::Identifier(name), .generated = *name == 'g'});
    return out;
  };
  const auto adds = [&](std::initializer_list<const char*> on_source, std::initializer_list<const char*> on_target,
                        std::initializer_list<const char*> at_first, bool addable = true) {
    const connector::ApplyTable target{.name = table("public", "t"), .columns = columns(on_target)};
    model::ChangeTable source{.name = target.name, .leaf = target.name};
    for (const char* name : on_source)
      source.columns.push_back({.name = model::Identifier(name), .type = "int", .addable = addable});
    ColumnTypes types;
    for (const char* name : at_first) types[model::Identifier(name)] = *name == 'g' ? "" : "int";
    return make_table_plan(source, &target, {}, &types).only_adds(types);
  };
  EXPECT_TRUE(adds({"a", "b", "c"}, {"a", "b"}, {"a", "b"}));
  EXPECT_FALSE(adds({"a", "b", "c"}, {"a", "b"}, {"a", "b"}, false)) << "its rows' values are not known";
  EXPECT_FALSE(adds({"a", "c"}, {"a", "b"}, {"a", "b"})) << "renamed";
  EXPECT_FALSE(adds({"a", "c"}, {"a"}, {"a", "b"})) << "renamed, and dropped on the target";
  EXPECT_FALSE(adds({"a", "c", "b"}, {"a", "b"}, {"a", "b"})) << "renamed, and made again under the earlier name";
  EXPECT_FALSE(adds({"a", "b", "d"}, {"a", "b", "c"}, {"a", "b"})) << "added, carried and renamed";
  EXPECT_TRUE(adds({"a", "b", "c"}, {"a", "b", "g"}, {"a", "b", "g"})) << "computed columns need not be published";
  EXPECT_TRUE(adds({"a", "g", "b", "c"}, {"a", "g", "b"}, {"a", "g", "b"})) << "and may be";
  EXPECT_FALSE(adds({"a", "g", "c"}, {"a", "g"}, {"a", "g", "b"})) << "renamed, with a computed one before";
  EXPECT_TRUE(adds({"a"}, {"a", "b"}, {"a", "b"})) << "nothing is missing; what was dropped is of no matter";
  EXPECT_FALSE(adds({"a", "b"}, {"a"}, {"a", "b"})) << "taken from the target on purpose";
}

}  // namespace
}  // namespace voyager::migration

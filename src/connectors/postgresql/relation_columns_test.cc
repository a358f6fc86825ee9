#include "connectors/postgresql/relation_columns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace voyager::postgresql {
namespace {

using testing::ElementsAre;

constexpr std::uint32_t kInt = 23, kText = 25;

Relation message(std::initializer_list<std::pair<const char*, std::uint32_t>> columns) {
  Relation out{.oid = 1};
  for (const auto& [name, type] : columns) out.columns.push_back({.name = name, .type = type});
  return out;
}

// Numbered from 1. An empty name: dropped. One that begins with * is computed.
std::vector<CatalogColumn> now(std::initializer_list<std::pair<const char*, std::uint32_t>> columns) {
  std::vector<CatalogColumn> out;
  for (const auto& [name, type] : columns) {
    const std::string text = name;
    const bool computed = text.starts_with('*');
    out.push_back({.number = static_cast<std::uint32_t>(out.size() + 1),
                   .name = computed ? text.substr(1) : text,
                   .dropped = text.empty(),
                   .computed = computed,
                   .type = text.empty() ? 0 : type});
  }
  return out;
}

std::vector<std::size_t> found(const Relation& relation, const std::vector<CatalogColumn>& catalog,
                               const std::map<std::uint32_t, std::string>& at_start) {
  const auto out = columns_of_message(relation, catalog, at_start);
  EXPECT_TRUE(out);
  return out.value_or(std::vector<std::size_t>());
}

const std::map<std::uint32_t, std::string> kStart = {{1, "id"}, {2, "a"}, {3, "b"}};

TEST(RelationColumns, OfNow) {
  EXPECT_THAT(
      found(message({{"id", kInt}, {"a", kText}}), now({{"id", kInt}, {"", 0}, {"a", kText}}), {{1, "id"}, {3, "a"}}),
      ElementsAre(0, 2));
  EXPECT_THAT(found(message({}), now({}), {}), ElementsAre());
}

TEST(RelationColumns, ExchangedNamesBeforeAndAfter) {
  const auto catalog = now({{"id", kInt}, {"b", kText}, {"a", kText}});
  EXPECT_THAT(found(message({{"id", kInt}, {"a", kText}, {"b", kText}}), catalog, kStart), ElementsAre(0, 1, 2));
  EXPECT_THAT(found(message({{"id", kInt}, {"b", kText}, {"a", kText}}), catalog, kStart), ElementsAre(0, 1, 2));
}

TEST(RelationColumns, WhatWasDroppedSince) {
  const auto catalog = now({{"id", kInt}, {"", 0}, {"b", kText}});
  EXPECT_THAT(found(message({{"id", kInt}, {"a", kText}, {"b", kText}}), catalog, kStart), ElementsAre(0, 1, 2));
  EXPECT_THAT(found(message({{"id", kInt}, {"b", kText}}), catalog, kStart), ElementsAre(0, 2));
  // Dropped and another one added, under another name: the message is of before, or of after.
  const auto with_new = now({{"id", kInt}, {"a", kText}, {"", 0}, {"c", kText}});
  EXPECT_THAT(found(message({{"id", kInt}, {"a", kText}, {"b", kText}}), with_new, kStart), ElementsAre(0, 1, 2));
  EXPECT_THAT(found(message({{"id", kInt}, {"a", kText}, {"c", kText}}), with_new, kStart), ElementsAre(0, 1, 3));
  EXPECT_THAT(found(message({{"id", kInt}, {"a", kText}}), with_new, kStart), ElementsAre(0, 1));
}

TEST(RelationColumns, OfTwoOfOneNameTheLaterUnlessTheTypeSaysOtherwise) {
  const auto same = now({{"id", kInt}, {"", 0}, {"b", kText}, {"a", kText}});
  EXPECT_THAT(found(message({{"id", kInt}, {"b", kText}, {"a", kText}}), same, kStart), ElementsAre(0, 2, 3));
  EXPECT_THAT(found(message({{"id", kInt}, {"a", kText}, {"b", kText}}), same, kStart), ElementsAre(0, 1, 2));
  const auto other = now({{"id", kInt}, {"", 0}, {"a", kInt}});
  const std::map<std::uint32_t, std::string> start = {{1, "id"}, {2, "a"}};
  EXPECT_THAT(found(message({{"id", kInt}, {"a", kText}}), other, start), ElementsAre(0, 1));
  EXPECT_THAT(found(message({{"id", kInt}, {"a", kInt}}), other, start), ElementsAre(0, 2));
}

TEST(RelationColumns, WhatWasGoneAtTheStartIsInNoMessage) {
  // 2 was dropped long ago; 3 has been renamed since the message.
  const auto catalog = now({{"id", kInt}, {"", 0}, {"z", kText}});
  EXPECT_THAT(found(message({{"id", kInt}, {"y", kText}}), catalog, {{1, "id"}, {3, "y"}}), ElementsAre(0, 2));
}

TEST(RelationColumns, ComputedOnesMayBeLeftOut) {
  const auto catalog = now({{"id", kInt}, {"*c", kInt}, {"a", kText}});
  EXPECT_THAT(found(message({{"id", kInt}, {"a", kText}}), catalog, {}), ElementsAre(0, 2));
  EXPECT_THAT(found(message({{"id", kInt}, {"c", kInt}, {"a", kText}}), catalog, {}), ElementsAre(0, 1, 2));
  EXPECT_THAT(found(message({{"id", kInt}}), catalog, {}), ElementsAre(0)) << "a was added since";
}

TEST(RelationColumns, WhatCannotBeToldIsNotGuessed) {
  // One of 2 and 3 is x under an earlier name; both names are new.
  const auto catalog = now({{"id", kInt}, {"", 0}, {"p", kText}});
  EXPECT_THAT(found(message({{"id", kInt}, {"x", kText}}), catalog, {{1, "id"}}), ElementsAre(0, 1));
  EXPECT_EQ(columns_of_message(message({{"id", kInt}, {"x", kText}, {"y", kText}, {"z", kText}}), catalog, kStart),
            std::nullopt);
  // Either of two that are gone: of no matter.
  EXPECT_TRUE(
      columns_of_message(message({{"id", kInt}, {"x", kText}}), now({{"id", kInt}, {"", 0}, {"", 0}}), {{1, "id"}}));
}

}  // namespace
}  // namespace voyager::postgresql

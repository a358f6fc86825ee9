#include "connectors/mysql/acting_foreign_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.h"

namespace voyager::mysql {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// "child.column,column parent.column,column ON DELETE, ON UPDATE"
struct Key {
  std::string table, columns, parent, parent_columns, on_delete, on_update;
};

ActingForeignKeys keys_of(const std::vector<Key>& keys, const std::vector<std::string>& not_captured = {}) {
  Catalog catalog;
  for (const Key& key : keys) {
    for (const std::string& name : {key.table, key.parent}) {
      if (std::ranges::find(catalog.tables, name, &TableRow::name) == catalog.tables.end())
        catalog.tables.push_back({.name = name});
    }
    TableRow& table = *std::ranges::find(catalog.tables, key.table, &TableRow::name);
    table.foreign_keys.push_back({.name = key.table + "_" + key.parent,
                                  .columns = base::split(key.columns, ','),
                                  .other_table = key.parent,
                                  .other_columns = base::split(key.parent_columns, ','),
                                  .on_update = key.on_update,
                                  .on_delete = key.on_delete});
  }
  return {catalog,
          [&](const std::string& table) { return std::ranges::find(not_captured, table) == not_captured.end(); }};
}

std::vector<std::string> names(const ActingForeignKeys::Reach& reach) {
  std::vector<std::string> out;
  for (const ActingForeignKey& key : reach.keys) out.push_back(key.name);
  return out;
}

TEST(ActingForeignKeys, ReachWhatAChangeMayLeadTo) {
  const ActingForeignKeys keys = keys_of({{"c", "p", "p", "id", "CASCADE", "RESTRICT"},
                                          {"g", "c", "c", "id", "SET NULL", "CASCADE"},
                                          {"h", "g", "g", "id", "CASCADE", "CASCADE"},
                                          {"r", "p", "p", "id", "RESTRICT", "NO ACTION"},
                                          {"t", "up", "t", "id", "CASCADE", "RESTRICT"}});
  EXPECT_THAT(names(keys.reach("p", false)), ElementsAre("c_p", "g_c"));
  EXPECT_THAT(keys.reach("p", false).tables, ElementsAre("p", "c", "g"));
  EXPECT_THAT(keys.reach("p", false).written, ElementsAre("g"));
  EXPECT_THAT(keys.reach("p", false).uncertain, IsEmpty());
  EXPECT_THAT(names(keys.reach("p", true)), IsEmpty());
  // What a change of c.id does to g leaves g.id as it is.
  EXPECT_THAT(names(keys.reach("c", true)), ElementsAre("g_c"));
  EXPECT_THAT(names(keys.reach("t", false)), ElementsAre("t_t"));
  EXPECT_FALSE(keys.concern("r"));
  EXPECT_TRUE(keys.concern("h"));
  EXPECT_FALSE(keys.refer_to("h"));
}

TEST(ActingForeignKeys, OverParentsThatAreNotCapturedAreNone) {
  EXPECT_FALSE(keys_of({{"c", "p", "p", "id", "CASCADE", "CASCADE"}}, {"p"}).concern("c"));
}

TEST(ActingForeignKeys, OfATableThatIsGoneGoWithIt) {
  ActingForeignKeys keys = keys_of({{"c", "p", "p", "id", "CASCADE", "CASCADE"}});
  EXPECT_THAT(names(keys.reach("p", false)), ElementsAre("c_p"));
  keys.drop("c");
  EXPECT_THAT(names(keys.reach("p", false)), IsEmpty());
}

TEST(ActingForeignKeys, WhoseOrderMattersAreNotCertain) {
  // A tenant's key in every key: what is deleted is deleted whichever comes first, but a new value is not.
  const ActingForeignKeys tenants = keys_of({{"a", "tenant", "tenant", "id", "CASCADE", "CASCADE"},
                                             {"b", "tenant", "tenant", "id", "CASCADE", "CASCADE"},
                                             {"b", "tenant,a", "a", "tenant,id", "CASCADE", "CASCADE"}});
  EXPECT_THAT(tenants.reach("tenant", false).uncertain, IsEmpty());
  EXPECT_THAT(tenants.reach("tenant", true).uncertain, HasSubstr("changes a column that"));
  EXPECT_THAT(tenants.reach("a", true).uncertain, IsEmpty());
  // A row whose key becomes null, or which goes: those that refer to it follow either.
  const ActingForeignKeys both = keys_of({{"c", "p", "p", "id", "CASCADE", "CASCADE"},
                                          {"c", "code", "p", "code", "SET NULL", "CASCADE"},
                                          {"g", "code", "c", "code", "CASCADE", "CASCADE"}});
  EXPECT_THAT(both.reach("p", false).uncertain, HasSubstr("c_p of c"));
}

}  // namespace
}  // namespace voyager::mysql

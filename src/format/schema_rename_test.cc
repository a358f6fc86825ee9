#include "format/schema_rename.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/temporary_folder_testing.h"
#include "format/meta_db.h"

namespace voyager::format {
namespace {

TEST(SchemaRename, ReachesThePlanTheChunksAndTheSequences) {
  const base::TemporaryFolder folder;
  const model::Identifier from("public"), to("Shop"), other("other");
  const auto named = [](const model::Identifier& schema, const char* name) {
    return model::TableName{schema, model::Identifier(name)};
  };
  MetaDb db(folder.path());
  model::PlannedTable one{.table = {.name = named(from, "leaf"), .root = named(from, "root")}};
  one.space.all = {0, 10};
  model::PlannedTable two{.table = {.name = named(other, "leaf"), .root = named(other, "leaf")}};
  db.save_plan({one, two});
  db.save_sequences({{.name = named(from, "s"), .owner_table = named(from, "root")}});
  model::Chunk chunk{.table = one.table.name, .range = {0, 5}};
  db.lease_chunk(chunk, 5, false);

  rename_schema(folder.path(), from, to);
  const std::vector<model::PlannedTable> plan = db.plan();
  EXPECT_EQ(plan.at(0).table.name, named(to, "leaf"));
  EXPECT_EQ(plan.at(0).table.root, named(to, "root"));
  EXPECT_EQ(plan.at(1).table.name, named(other, "leaf"));
  EXPECT_EQ(db.sequences().at(0).name, named(to, "s"));
  EXPECT_EQ(db.sequences().at(0).owner_table, named(to, "root"));
  EXPECT_EQ(db.leased_chunks().at(0).table, named(to, "leaf"));
  EXPECT_EQ(db.table_totals().at(0).root, named(to, "root"));
}

}  // namespace
}  // namespace voyager::format

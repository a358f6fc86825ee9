#include "migration/changes/column_types.h"

#include <gtest/gtest.h>

#include "base/temporary_folder_testing.h"
#include "format/meta_db.h"
#include "migration/changes/capture_record.h"

namespace voyager::migration {
namespace {

using model::Identifier;

TEST(ColumnTypes, NamesOfAnyBytesAreKept) {
  const base::TemporaryFolder folder;
  format::MetaDb db(folder.path());
  const model::TableName table{Identifier("public"), Identifier("caf\xe9")};
  const ColumnTypes columns = {
      {Identifier("na\xefve"), "integer"}, {Identifier("\\x41"), "\xff"}, {Identifier("plain"), ""}};
  note_captured_columns(db, "e",
                        {{.name = table,
                          .root = table,
                          .columns = {{.name = Identifier("na\xefve"), .type = "integer"},
                                      {.name = Identifier("\\x41"), .type = "\xff"},
                                      {.name = Identifier("plain"), .type = "int", .generated = true}}}});
  EXPECT_EQ(captured_columns(db, "e"), (std::map<model::TableName, ColumnTypes>{{table, columns}}));
  EXPECT_EQ(captured_columns(db, "other"), std::nullopt);
  const ColumnTypes added = {{Identifier("\xc3("), "text"}};
  note_carried_columns(db, "i", table, added);
  ColumnTypes all = columns;
  all.insert(added.begin(), added.end());
  EXPECT_EQ(with_carried_columns(db, "i", *captured_columns(db, "e")).at(table), all);
  save_capture_record(db, "e", {.start = {"\x01"}, .held = {{table, {"\x02"}}}, .undo = {"ALTER TABLE \"caf\xe9\""}});
  const CaptureRecord record = capture_record(db, "e").value();
  EXPECT_EQ(record.undo.front(), "ALTER TABLE \"caf\xe9\"");
  EXPECT_EQ(record.held.at(table).bytes, "\x02");
}

}  // namespace
}  // namespace voyager::migration

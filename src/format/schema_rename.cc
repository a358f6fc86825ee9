#include "format/schema_rename.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "format/sqlite.h"
#include "format/table_json.h"
#include "model/table.h"

namespace voyager::format {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kColumns = {
    {{"snapshot_table", "schema_name"},
     {"snapshot_table", "root_schema"},
     {"snapshot_sequence", "schema_name"},
     {"snapshot_sequence", "owner_schema"},
     {"chunk", "schema_name"},
     {"schema_object", "schema_name"},
     {"post_data_statement", "schema_name"}}};

}  // namespace

void rename_schema(const std::filesystem::path& export_dir, const model::Identifier& from,
                   const model::Identifier& to) {
  SqliteConnection db(export_dir / "metainfo" / "meta.db", SqliteConnection::Mode::kCreate, state_words());
  db.exec("PRAGMA busy_timeout = 30000; BEGIN IMMEDIATE");
  std::vector<std::pair<std::int64_t, std::string>> descriptions;
  {
    Statement rows(db, "SELECT rowid, description FROM snapshot_table");
    while (rows.step()) {
      model::Table table = table_from_json(rows.text(1));
      for (model::TableName* name : {&table.name, &table.root}) {
        if (name->schema == from) name->schema = to;
      }
      descriptions.emplace_back(rows.integer(0), table_to_json(table));
    }
  }
  Statement describe(db, "UPDATE snapshot_table SET description = ?2 WHERE rowid = ?1");
  for (const auto& [row, text] : descriptions) describe.bind(row, text).run();
  for (const auto& [table, column] : kColumns) {
    Statement update(db, "UPDATE " + std::string(table) + " SET " + std::string(column) + " = ?2 WHERE " +
                             std::string(column) + " = ?1");
    update.bind(from.catalog_text(), to.catalog_text()).run();
  }
  db.exec("COMMIT");
}

}  // namespace voyager::format

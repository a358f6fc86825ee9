#include "migration/changes/column_types.h"

#include <nlohmann/json.hpp>

namespace voyager::migration {
namespace {

using nlohmann::json;

std::string key_of(const std::string& importer) {
  return "carried_columns_" + importer;
}

}  // namespace

std::map<model::TableName, ColumnTypes> with_carried_columns(format::MetaDb& db, const std::string& importer,
                                                             std::map<model::TableName, ColumnTypes> types) {
  const json saved = json::parse(db.json(key_of(importer)), nullptr, false);
  if (!saved.is_object()) return types;
  for (const auto& [table, columns] : saved.items()) {
    const auto known = types.find(model::parse_table_name(table));
    if (known == types.end()) continue;
    for (const auto& [column, type] : columns.items())
      known->second[model::Identifier(column)] = type.get<std::string>();
  }
  return types;
}

void note_carried_columns(format::MetaDb& db, const std::string& importer, const model::TableName& table,
                          const ColumnTypes& columns) {
  json patch = json::object();
  for (const auto& [column, type] : columns) patch[model::quoted(table)][column.catalog_text()] = type;
  db.patch_json(key_of(importer), patch.dump());
}

}  // namespace voyager::migration

#include "migration/changes/column_types.h"

#include <nlohmann/json.hpp>

#include "migration/changes/state_text.h"

namespace voyager::migration {
namespace {

using nlohmann::json;
using Types = std::map<model::TableName, ColumnTypes>;

std::string carried_key(const std::string& importer) {
  return "carried_columns_" + importer;
}

std::string captured_key(const std::string& exporter) {
  return "captured_columns_" + exporter;
}

json to_json(const ColumnTypes& columns) {
  json out = json::object();
  for (const auto& [column, type] : columns) out[state_text(column.catalog_text())] = state_text(type);
  return out;
}

Types from_json(const json& saved) {
  Types out;
  for (const auto& [table, columns] : saved.items()) {
    ColumnTypes& types = out[model::parse_table_name(from_state_text(table))];
    for (const auto& [column, type] : columns.items())
      types[model::Identifier(from_state_text(column))] = from_state_text(type.get<std::string>());
  }
  return out;
}

}  // namespace

Types types_of(const std::vector<model::Table>& tables) {
  Types out;
  for (const model::Table& table : tables) {
    if (model::is_large_objects(table.kind)) continue;
    ColumnTypes& types = out[table.root];
    for (const model::Column& column : table.columns)
      types.emplace(column.name, column.generated ? std::string() : column.type);
  }
  return out;
}

void note_captured_columns(format::DocumentLedger& db, const std::string& exporter,
                           const std::vector<model::Table>& tables) {
  json out = json::object();
  for (const auto& [table, columns] : types_of(tables)) out[state_text(model::quoted(table))] = to_json(columns);
  db.set_json(captured_key(exporter), out.dump());
}

std::optional<Types> captured_columns(format::DocumentLedger& db, const std::string& exporter) {
  const json saved = json::parse(db.json(captured_key(exporter)), nullptr, false);
  return saved.is_object() ? std::optional(from_json(saved)) : std::nullopt;
}

void forget_captured_columns(format::DocumentLedger& db, const std::string& exporter) {
  db.set_json(captured_key(exporter), "");
}

Types with_carried_columns(format::DocumentLedger& db, const std::string& importer, Types types) {
  const json saved = json::parse(db.json(carried_key(importer)), nullptr, false);
  if (!saved.is_object()) return types;
  for (const auto& [table, columns] : from_json(saved)) {
    const auto known = types.find(table);
    if (known == types.end()) continue;
    for (const auto& [column, type] : columns) known->second[column] = type;
  }
  return types;
}

void note_carried_columns(format::DocumentLedger& db, const std::string& importer, const model::TableName& table,
                          const ColumnTypes& columns) {
  db.patch_json(carried_key(importer), json{{state_text(model::quoted(table)), to_json(columns)}}.dump());
}

}  // namespace voyager::migration

#include "format/table_json.h"

#include <nlohmann/json.hpp>

#include "base/error.h"

namespace voyager::format {
namespace {

using nlohmann::json;

json name_to_json(const model::TableName& name) {
  return {{"schema", name.schema.catalog_text()}, {"name", name.name.catalog_text()}};
}

model::TableName name_from_json(const json& value) {
  return {.schema = model::Identifier(value.at("schema").get<std::string>()),
          .name = model::Identifier(value.at("name").get<std::string>())};
}

json column_to_json(const model::Column& column) {
  return {{"name", column.name.catalog_text()}, {"type", column.type},
          {"wire_type", column.wire_type},      {"not_null", column.not_null},
          {"generated", column.generated},      {"identity", static_cast<int>(column.identity)},
          {"collation", column.collation},      {"value_type", column.value_type}};
}

model::Column column_from_json(const json& value) {
  return {.name = model::Identifier(value.at("name").get<std::string>()),
          .type = value.value("type", ""),
          .wire_type = value.value("wire_type", ""),
          .not_null = value.value("not_null", false),
          .generated = value.value("generated", false),
          .identity = static_cast<model::Identity>(value.value("identity", 0)),
          .collation = value.value("collation", ""),
          .value_type = value.value("value_type", "")};
}

}  // namespace

std::string table_to_json(const model::Table& table) {
  json columns = json::array();
  for (const model::Column& column : table.columns) columns.push_back(column_to_json(column));
  json key = json::array();
  for (const model::Identifier& column : table.primary_key) key.push_back(column.catalog_text());
  return json{{"name", name_to_json(table.name)},
              {"kind", static_cast<int>(table.kind)},
              {"root", name_to_json(table.root)},
              {"columns", columns},
              {"primary_key", key},
              {"bytes", table.bytes},
              {"estimated_rows", table.estimated_rows},
              {"unlogged", table.unlogged}}
      .dump();
}

model::Table table_from_json(const std::string& text) {
  // What is no JSON is an empty value, which lacks all that is wanted.
  return table_from_json(json::parse(text, nullptr, false));
}

model::Table table_from_json(const json& value) {
  try {
    model::Table table{.name = name_from_json(value.at("name")),
                       .kind = static_cast<model::TableKind>(value.value("kind", 0)),
                       .root = name_from_json(value.at("root")),
                       .bytes = value.value("bytes", std::uint64_t{0}),
                       .estimated_rows = value.value("estimated_rows", std::uint64_t{0}),
                       .unlogged = value.value("unlogged", false)};
    for (const json& column : value.at("columns")) table.columns.push_back(column_from_json(column));
    for (const json& column : value.at("primary_key")) table.primary_key.emplace_back(column.get<std::string>());
    return table;
  } catch (const json::exception& error) {
    throw base::Error({.code = "DIR-005",
                       .title = "the state of the migration is damaged: a table's description cannot be read",
                       .cause = error.what()});
  }
}

}  // namespace voyager::format

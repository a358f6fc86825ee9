#include "format/target_tables.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "format/table_json.h"

namespace voyager::format {

std::string target_tables_to_json(const std::vector<model::Table>& tables) {
  // As text: a tree of all tables of a big schema would take more memory than the whole import.
  std::string out = "[";
  for (const model::Table& table : tables) (out += out.size() > 1 ? "," : "") += table_to_json(table);
  return out += "]";
}

std::vector<model::Table> target_tables_from_json(const std::string& text) {
  std::vector<model::Table> tables;
  try {
    for (const nlohmann::json& one : nlohmann::json::parse(text)) tables.push_back(table_from_json(one.dump()));
  } catch (const nlohmann::json::exception& error) {
    throw base::Error({.code = "DIR-005",
                       .title = "the state of the migration is damaged: the target's tables cannot be read",
                       .cause = error.what()});
  }
  return tables;
}

}  // namespace voyager::format

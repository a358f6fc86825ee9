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
  // Table by table, for the same reason.
  const auto take = [&tables](int depth, nlohmann::json::parse_event_t event, nlohmann::json& value) {
    if (depth != 1 || event != nlohmann::json::parse_event_t::object_end) return true;
    tables.push_back(table_from_json(value));
    return false;
  };
  try {
    const nlohmann::json rest = nlohmann::json::parse(text, take);
  } catch (const nlohmann::json::exception& error) {
    throw base::Error({.code = "DIR-005",
                       .title = "the state of the migration is damaged: the target's tables cannot be read",
                       .cause = error.what()});
  }
  return tables;
}

}  // namespace voyager::format

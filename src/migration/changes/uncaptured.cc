#include "migration/changes/uncaptured.h"

#include <nlohmann/json.hpp>
#include <set>

namespace voyager::migration {
namespace {

using nlohmann::json;

constexpr const char* kLeftOut = "tables_left_out";
constexpr const char* kNew = "tables_not_captured";

std::set<std::string> names(format::MetaDb& db, const char* key) {
  const json saved = json::parse(db.json(key), nullptr, false);
  return saved.is_array() ? saved.get<std::set<std::string>>() : std::set<std::string>();
}

}  // namespace

void note_left_out(format::MetaDb& db, const std::vector<model::TableName>& tables) {
  json list = json::array();
  for (const model::TableName& table : tables) list.push_back(model::quoted(table));
  db.set_json(kLeftOut, list.dump());
  db.set_json(kNew, "[]");
}

std::vector<model::TableName> note_uncaptured(format::MetaDb& db, const std::vector<model::TableName>& now) {
  if (db.json(kLeftOut).empty()) {
    note_left_out(db, now);
    return {};
  }
  const std::set<std::string> left_out = names(db, kLeftOut);
  std::set<std::string> known = names(db, kNew);
  std::vector<model::TableName> out;
  for (const model::TableName& table : now) {
    if (left_out.contains(model::quoted(table)) || !known.insert(model::quoted(table)).second) continue;
    out.push_back(table);
  }
  if (!out.empty()) db.set_json(kNew, json(known).dump());
  return out;
}

std::vector<model::TableName> new_uncaptured(format::MetaDb& db) {
  std::vector<model::TableName> out;
  for (const std::string& name : names(db, kNew)) out.push_back(model::parse_table_name(name));
  return out;
}

}  // namespace voyager::migration

#include "migration/changes/uncaptured.h"

#include <nlohmann/json.hpp>
#include <set>

namespace voyager::migration {
namespace {

using nlohmann::json;

const char* left_out_key(CapturedSide side) {
  return side == CapturedSide::kSource ? "tables_left_out" : "target_tables_left_out";
}

const char* new_key(CapturedSide side) {
  return side == CapturedSide::kSource ? "tables_not_captured" : "target_tables_not_captured";
}

std::set<std::string> names(format::DocumentLedger& db, const char* key) {
  const json saved = json::parse(db.json(key), nullptr, false);
  return saved.is_array() ? saved.get<std::set<std::string>>() : std::set<std::string>();
}

}  // namespace

void note_left_out(format::DocumentLedger& db, CapturedSide side, const std::vector<model::TableName>& tables) {
  json list = json::array();
  for (const model::TableName& table : tables) list.push_back(model::quoted(table));
  db.set_json(left_out_key(side), list.dump());
  db.set_json(new_key(side), "[]");
}

std::vector<model::TableName> note_uncaptured(format::DocumentLedger& db, CapturedSide side,
                                              const std::vector<model::TableName>& now) {
  if (db.json(left_out_key(side)).empty()) {
    note_left_out(db, side, now);
    return {};
  }
  const std::set<std::string> left_out = names(db, left_out_key(side));
  std::set<std::string> known = names(db, new_key(side));
  std::vector<model::TableName> out;
  for (const model::TableName& table : now) {
    if (left_out.contains(model::quoted(table)) || !known.insert(model::quoted(table)).second) continue;
    out.push_back(table);
  }
  if (!out.empty()) db.set_json(new_key(side), json(known).dump());
  return out;
}

std::vector<model::TableName> new_uncaptured(format::DocumentLedger& db, CapturedSide side) {
  std::vector<model::TableName> out;
  for (const std::string& name : names(db, new_key(side))) out.push_back(model::parse_table_name(name));
  return out;
}

}  // namespace voyager::migration

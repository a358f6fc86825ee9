#include "migration/changes/noticed_tables.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "migration/changes/state_text.h"

namespace voyager::migration {
namespace {

using nlohmann::json;
using Kind = NoticedTable::Kind;

std::string key(CapturedSide side, const char* what) {
  return std::string(side == CapturedSide::kSource ? "" : "target_") + what;
}

constexpr const char* kLeftOut = "tables_left_out";
constexpr const char* kNotCaptured = "tables_not_captured";
constexpr const char* kAttached = "tables_attached";  // partition and topmost table
constexpr const char* kGone = "tables_gone";

std::string text_of(const model::TableName& table) {
  return state_text(model::quoted(table));
}

model::TableName table_of(const json& saved) {
  return model::parse_table_name(from_state_text(saved.get<std::string>()));
}

json saved(format::DocumentLedger& db, const std::string& key) {
  const json out = json::parse(db.json(key), nullptr, false);
  return out.is_array() ? out : json::array();
}

}  // namespace

void note_left_out(format::DocumentLedger& db, CapturedSide side, const std::vector<model::TableName>& tables) {
  json list = json::array();
  for (const model::TableName& table : tables) list.push_back(text_of(table));
  db.set_json(key(side, kLeftOut), list.dump());
  for (const char* noticed : {kNotCaptured, kAttached, kGone}) db.set_json(key(side, noticed), "[]");
}

std::vector<NoticedTable> note_tables(format::DocumentLedger& db, CapturedSide side,
                                      const connector::CapturedTables& now) {
  std::vector<model::TableName> uncaptured;
  for (const connector::UncapturedTable& one : now.uncaptured) uncaptured.push_back(one.name);
  if (db.json(key(side, kLeftOut)).empty()) note_left_out(db, side, uncaptured);
  const auto left_out = saved(db, key(side, kLeftOut)).get<std::set<std::string>>();
  std::vector<NoticedTable> noticed;
  for (const model::TableName& name : uncaptured) {
    // What was left out, and belongs to a table that was not, is left out no more.
    const bool attached = std::ranges::find(now.attached, name, &connector::AttachedTable::name) != now.attached.end();
    if (attached || !left_out.contains(text_of(name))) noticed.push_back({.kind = Kind::kNew, .table = name});
  }
  for (const connector::AttachedTable& one : now.attached) {
    if (std::ranges::find(uncaptured, one.name) == uncaptured.end())
      noticed.push_back({.kind = Kind::kAttached, .table = one.name, .root = one.root});
  }
  for (const model::TableName& name : now.gone) noticed.push_back({.kind = Kind::kGone, .table = name});
  std::vector<NoticedTable> known = noticed_tables(db, side);
  std::vector<NoticedTable> out;
  for (const NoticedTable& one : noticed) {
    if (std::ranges::find(known, one) != known.end()) continue;
    out.push_back(one);
    known.push_back(one);
  }
  if (out.empty()) return out;
  json news = json::array(), attached = json::array(), gone = json::array();
  for (const NoticedTable& one : known) {
    const std::string name = text_of(one.table);
    if (one.kind == Kind::kNew) news.push_back(name);
    if (one.kind == Kind::kAttached) attached.push_back({name, text_of(one.root)});
    if (one.kind == Kind::kGone) gone.push_back(name);
  }
  db.set_json(key(side, kNotCaptured), news.dump());
  db.set_json(key(side, kAttached), attached.dump());
  db.set_json(key(side, kGone), gone.dump());
  return out;
}

std::vector<NoticedTable> noticed_tables(format::DocumentLedger& db, CapturedSide side) {
  std::vector<NoticedTable> out;
  for (const auto& name : saved(db, key(side, kNotCaptured)))
    out.push_back({.kind = Kind::kNew, .table = table_of(name)});
  for (const auto& pair : saved(db, key(side, kAttached)))
    out.push_back({.kind = Kind::kAttached, .table = table_of(pair.at(0)), .root = table_of(pair.at(1))});
  for (const auto& name : saved(db, key(side, kGone))) out.push_back({.kind = Kind::kGone, .table = table_of(name)});
  return out;
}

}  // namespace voyager::migration

#include "migration/changes/lane_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace voyager::migration {
namespace {

using nlohmann::json;

std::string digest(const model::ChangeTable& source) {
  return fmt::format("{:016x}", fnv(form_of(source)));
}

// What follows from the source alone.
LaneRule usual(const model::ChangeTable& source) {
  if (std::ranges::all_of(source.columns, &model::ChangeColumn::key)) return {.one_lane = true};
  LaneRule rule;
  for (std::uint32_t i = 0; i < source.columns.size(); ++i) {
    if (source.columns[i].key) rule.key.push_back(i);
  }
  return rule;
}

}  // namespace

LaneRules::LaneRules(format::MetaDb& db, const std::string& importer) : db_(db), key_("lane_rules_" + importer) {
  const std::string saved = db.json(key_);
  if (saved.empty()) {
    known_ = false;
    db.set_json(key_, "{}");
    return;
  }
  const json all = json::parse(saved);
  for (const auto& [table, rule] : all.items())
    rules_[table] = {.one_lane = rule.at("one_lane").get<bool>(),
                     .key = rule.at("key").get<std::vector<std::uint32_t>>()};
}

LaneRule LaneRules::of(const model::ChangeTable& source, const LaneRule& now) const {
  const auto at = rules_.find(digest(source));
  if (at != rules_.end()) return at->second;
  return known_ ? usual(source) : now;
}

void LaneRules::note(const model::ChangeTable& source, const LaneRule& rule) {
  const std::string table = digest(source);
  const auto at = rules_.find(table);
  if (rule == usual(source)) {
    if (at == rules_.end()) return;
    rules_.erase(at);
  } else {
    if (at != rules_.end() && at->second == rule) return;
    rules_[table] = rule;
  }
  json out = json::object();
  for (const auto& [form, one] : rules_) out[form] = {{"one_lane", one.one_lane}, {"key", one.key}};
  db_.set_json(key_, out.dump());
}

}  // namespace voyager::migration

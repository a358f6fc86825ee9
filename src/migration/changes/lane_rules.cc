#include "migration/changes/lane_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace voyager::migration {
namespace {

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

LaneRules::LaneRules(format::LaneLedger& ledger, std::string_view importer) : ledger_(ledger), importer_(importer) {
  const std::optional<format::LaneLedger::LaneKeys> saved = ledger_.lane_keys(importer_);
  known_ = saved.has_value();
  if (!known_) return;
  for (const auto& [form, key] : *saved) rules_[form] = key ? LaneRule{.key = *key} : LaneRule{.one_lane = true};
}

LaneRule LaneRules::of(const model::ChangeTable& source, const LaneRule& now) const {
  const auto at = rules_.find(digest(source));
  if (at != rules_.end()) return at->second;
  return known_ ? usual(source) : now;
}

void LaneRules::note(const std::vector<const TablePlan*>& plans) {
  format::LaneLedger::LaneKeys changed;
  std::vector<std::string> usual_again;
  for (const TablePlan* plan : plans) {
    const std::string form = digest(plan->source);
    const auto at = rules_.find(form);
    if (plan->lanes == usual(plan->source)) {
      if (at == rules_.end()) continue;
      rules_.erase(at);
      usual_again.push_back(form);
    } else if (at == rules_.end() || at->second != plan->lanes) {
      rules_[form] = plan->lanes;
      changed[form] = plan->lanes.one_lane ? std::nullopt : std::optional(plan->lanes.key);
    }
  }
  if (changed.empty() && usual_again.empty() && known_) return;
  ledger_.save_lane_keys(importer_, changed, usual_again);
  known_ = true;
}

}  // namespace voyager::migration

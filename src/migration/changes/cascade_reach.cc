#include "migration/changes/cascade_reach.h"

namespace voyager::migration {

void CascadeReach::add(const std::vector<const TablePlan*>& plans, const model::Change& cascade) {
  const bool deletes = cascade.after.empty();
  for (const model::ActingKey& key : cascade.acting_keys) {
    const auto [table, fresh] = tables_.emplace(plans[key.table]->identity, deletes);
    if (!fresh) table->second = table->second && deletes;
  }
}

bool CascadeReach::meets(const TablePlan& plan, const model::Change& change) const {
  if (tables_.empty()) return false;
  const auto table = tables_.find(plan.identity);
  if (table == tables_.end()) return false;
  // All values of a row without a key name it, and a cascade may make one of them null.
  return !table->second || change.kind != model::ChangeKind::kDelete || plan.keyless();
}

}  // namespace voyager::migration

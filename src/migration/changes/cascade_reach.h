// Which changes of rows have to stay behind cascades that come before them.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "migration/changes/table_plan.h"
#include "model/changes.h"

namespace voyager::migration {

/// Cascades that are not applied yet. A cascade looks at the rows of those tables alone that refer to others, and what
/// it does to them depends on its own record: so changes of other tables may be applied before it. A row that is
/// deleted behind a cascade of deletes is none of those that it takes, so this may be applied before it, too.
class CascadeReach {
 public:
  /// By the places in the cascade's tables.
  void add(const std::vector<const TablePlan*>& plans, const model::Change& cascade);
  /// The change has to stay behind them.
  bool meets(const TablePlan& plan, const model::Change& change) const;
  bool empty() const { return tables_.empty(); }
  void clear() { tables_.clear(); }

 private:
  std::unordered_map<std::uint64_t, bool> tables_ = {};  // by identity: only because of rows that are deleted
};

}  // namespace voyager::migration

// What earlier runs of an importer went by when they gave changes to lanes.
#pragma once

#include <string>

#include "format/lane_ledger.h"
#include "migration/changes/table_plan.h"

namespace voyager::migration {

/// Which changes are applied is told by lane. So when tables, indexes or settings change which lane a change goes
/// through, a later run still has to know the earlier lane of changes that may be in. Kept for forms of tables whose
/// rule does not follow from what the source says of them. Main thread.
class LaneRules {
 public:
  /// `ledger` outlives it. The importer's record is there.
  LaneRules(format::LaneLedger& ledger, std::string_view importer);

  /// The rule of this form of a table that changes were last given by; `now`, when nothing is known of earlier runs.
  LaneRule of(const model::ChangeTable& source, const LaneRule& now) const;
  /// From here on changes are given by the rules of these plans.
  void note(const std::vector<const TablePlan*>& plans);

 private:
  format::LaneLedger& ledger_;
  const std::string importer_;
  bool known_ = true;
  std::map<std::string, LaneRule> rules_ = {};  // by a digest of the table's form
};

}  // namespace voyager::migration

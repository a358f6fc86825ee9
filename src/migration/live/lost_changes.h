// Where going on would hide that changes or rows of captured tables are gone.
#pragma once

#include <map>

#include "connector/changes.h"
#include "model/identifier.h"
#include "model/snapshot.h"

namespace voyager::migration {

/// Throws CDC-008 when changes of a table of the plan do not come any more, or not all of them, and CDC-015 when a
/// partition came with rows that are not among the changes. `of_source`: whether it is the source that is captured.
void refuse_lost_changes(const connector::CapturedTables& now,
                         const std::map<model::TableName, model::PlannedTable>& plan, bool of_source);

}  // namespace voyager::migration

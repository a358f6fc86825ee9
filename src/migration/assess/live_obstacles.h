// Tables that cannot be migrated live as they are.
#pragma once

#include <vector>

#include "analysis/schema.h"
#include "migration/assess/assessed_finding.h"
#include "model/assessment.h"

namespace voyager::migration {

/// By table. Without a primary key a change finds no row; a partition shares the keys of the tables above it, and where
/// no partition of a table has one the table is told in their place. Beside keys: unlogged tables, and columns whose
/// changes are not captured.
std::vector<model::LiveObstacle> live_obstacles(const analysis::Schema& schema, const AssessedFindings& found);

}  // namespace voyager::migration

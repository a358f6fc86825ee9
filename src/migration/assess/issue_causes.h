// Which issues go away with another one.
#pragma once

#include "analysis/schema.h"
#include "migration/assess/assessed_finding.h"

namespace voyager::migration {

/// Sets `caused_by` where it is certain:
///   - what a partition has because the table above it has the same;
///   - indexes and constraints of partitions that belong to one index above: the first stands for all;
///   - a column whose type an extension brings that is an issue itself;
///   - a key or an index on a column whose type is an issue itself;
///   - what one text mends together: the first stands for all.
/// An issue that others go away with has no cause of its own.
void find_causes(AssessedFindings& found, const analysis::Schema& schema);

}  // namespace voyager::migration

// What only the catalogue of an Oracle source tells.
#pragma once

#include <vector>

#include "analysis/finding.h"
#include "migration/assess/source_facts.h"

namespace voyager::migration {

/// Oracle's catalogue names types of objects in capitals ("TABLE", "FUNCTION-BASED NORMAL INDEX"), PostgreSQL's does
/// not.
bool is_oracle(const SourceFacts& facts);

/// Indexes, columns, types and partitions without equivalent, and columns of types that are not exported. With ids.
std::vector<analysis::Finding> oracle_findings(const SourceFacts& facts);

}  // namespace voyager::migration

// What a source whose schema is converted tells of its objects and rows, as findings.
#pragma once

#include <vector>

#include "analysis/finding.h"
#include "migration/assess/source_facts.h"

namespace voyager::migration {

std::vector<analysis::Finding> converted_findings(const SourceFacts& facts);

}  // namespace voyager::migration

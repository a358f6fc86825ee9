// When an issue bites, and what mending it takes by hand. docs/reference/assessment-report.md tells the same rule.
#pragma once

#include <span>
#include <string>

#include "model/schema_analysis.h"

namespace voyager::migration {

/// schema, snapshot, streaming, cutover or queries: the part of a migration that fails, or suffers, first.
std::string phase_of(const model::AnalysisIssue& issue);

/// Sets `effort_hours` of all. The first issue of a type (and category) takes the hours of its level and kind; each
/// further one a tenth of them. Nothing for what goes away with another one; a quarter of an hour where the text that
/// mends it is known.
void estimate_effort(std::span<model::AnalysisIssue> issues);

}  // namespace voyager::migration

// How hard the migration is, in one word.
#pragma once

#include <span>

#include "model/assessment.h"

namespace voyager::migration {

/// Counts issues by level: more than 20 of level 1 or 10 of level 2, or one of level 3, make it MEDIUM; more than 100
/// of level 2 or 4 of level 3 make it HIGH. The worst of the three counts.
model::Complexity complexity_of(std::span<const model::AnalysisIssue> issues);

}  // namespace voyager::migration

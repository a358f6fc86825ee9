// Issues as readers want them listed: worst first, names in natural order, and what is said alike said once.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "model/schema_analysis.h"

namespace voyager::report {

/// "t2" is before "t10": digits count as the number that they are. Letters by their bytes.
bool natural_less(std::string_view a, std::string_view b);

/// Worst level first, then most hours, then by what it is about, in natural order of objects, files and lines.
std::vector<const model::AnalysisIssue*> by_weight(std::span<const model::AnalysisIssue> issues);

/// Issues that say the same of the same object and stand at different places. Never empty.
using EqualIssues = std::vector<const model::AnalysisIssue*>;

/// Every issue once, in the order of first appearance.
std::vector<EqualIssues> fold_equal(std::span<const model::AnalysisIssue* const> issues);

}  // namespace voyager::report

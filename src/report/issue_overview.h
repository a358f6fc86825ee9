// What stands above the list of issues: what to do in order, the matrix of categories and levels, the inventory.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "model/schema_analysis.h"

namespace voyager::report {

/// At most ten groups, worst first; what goes away with a group is folded under it. Performance findings are not in it.
std::string todo_html(std::span<const model::AnalysisIssue> issues);
/// Category by level; each number is a button that shows its issues.
std::string matrix_html(std::span<const model::AnalysisIssue> issues);
/// Objects by kind as a picture and a table. `redundant_indexes` of them are dropped without anybody's hand.
std::string inventory_html(const model::SchemaAnalysis& analysis, std::size_t redundant_indexes = 0);

}  // namespace voyager::report

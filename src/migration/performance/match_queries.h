// Which query of the target is which of the source, and how much slower it is.
#pragma once

#include <vector>

#include "model/performance_comparison.h"

namespace voyager::migration {

/// How many queries each top list has at most.
inline constexpr std::size_t kTopQueries = 20;

/// First queries whose texts are equal, then, among those left, queries whose normalised texts are. Rows of one side
/// with one text, and those that are equal when normalised and have a partner, are added up before they are compared,
/// as the server adds up its calls. Every row comes out, in the source's order, what only the target has last.
std::vector<model::QueryComparison> match_queries(const std::vector<model::QueryStatistics>& source,
                                                  const std::vector<model::QueryStatistics>& target);

/// Fills the top lists from `comparison.all`. Equal ones keep their order.
void rank_queries(model::PerformanceComparison& comparison);

}  // namespace voyager::migration

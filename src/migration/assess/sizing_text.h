// What the sizing decided, in words.
#pragma once

#include <span>
#include <string>

#include "migration/assess/cluster_fit.h"

namespace voyager::migration {

/// The machine, and how much of the source goes where.
std::string reasoning_text(std::span<const SizedTable> tables, const ClusterFit& chosen, int memory_gib);
/// Why no cluster was found, from the fit with the largest nodes.
std::string failure_text(const ClusterFit& largest, int memory_gib);
/// Why table `index` is where `chosen` puts it. `colocated` is the best fit that has colocated tables: it tells what
/// would have become of the table where `chosen` has none.
std::string place_reason(std::span<const SizedTable> tables, std::size_t index, const ClusterFit& chosen,
                         const ClusterFit& colocated);

}  // namespace voyager::migration

// What the sizing decided, in words.
#pragma once

#include <span>
#include <string>

#include "migration/assess/cluster_fit.h"

namespace voyager::migration {

/// The machine, and how much of the source goes where.
std::string reasoning_text(std::span<const SizedTable> tables, const ClusterFit& chosen, int memory_gib);
/// What a recommendation is chosen from: the fits of the chosen strategy, and the best of the other one.
struct TriedClusters {
  const ClusterFit* chosen = nullptr;  ///< It fits.
  std::span<const ClusterFit> alike = {};
  const ClusterFit* other = nullptr;
};
/// Why the chosen cluster, and not those that are as good.
std::string choice_text(const TriedClusters& tried);
/// Why no cluster was found, from the fit with the largest nodes.
std::string failure_text(const ClusterFit& largest, int memory_gib);
/// Why table `index` is where `chosen` puts it. `colocated` is the best fit that has colocated tables: it tells what
/// would have become of the table where `chosen` has none.
std::string place_reason(std::span<const SizedTable> tables, std::size_t index, const ClusterFit& chosen,
                         const ClusterFit& colocated);

}  // namespace voyager::migration

// Fits the tables onto one kind of cluster: which of them share a tablet, how many nodes that takes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "migration/assess/sized_table.h"
#include "migration/assess/sizing_figures.h"

namespace voyager::migration {

/// Where a table went, and why.
enum class Place : std::uint8_t {
  kColocated,
  kManyIndexes,     ///< More than a colocated table should have.
  kTooLarge,        ///< With it the colocated ones would be too large together,
  kTooManyObjects,  ///< or too many.
  kAfterMisfit,     ///< Larger than one that did not fit any more.
  kTooBusy,         ///< With it one node would not serve the colocated ones.
  kAfterTooBusy,    ///< Larger than one that was too busy.
  kAllSharded,      ///< The cluster has no colocated tables.
};

/// Nodes with so many vCPUs, with or without tables that share a tablet.
struct ClusterFit {
  bool colocation = false;
  const Throughput* colocated_figures = nullptr;
  const Throughput* sharded_figures = nullptr;
  std::vector<Place> places = {};  ///< Of each table, in their order.
  std::int64_t cores = 0;          ///< That the load takes; of all nodes where their number decides.
  std::int64_t nodes = 0;
  std::int64_t select_connections = 0;  ///< Per node.
  std::int64_t insert_connections = 0;
  std::string failure = {};  ///< Why it does not fit; nodes and cores say nothing then.

  int vcpus() const { return sharded_figures->vcpus; }
  bool fits() const { return failure.empty(); }
  bool is_colocated(std::size_t table) const { return places[table] == Place::kColocated; }
  std::size_t colocated_count() const;
};

inline constexpr std::size_t kColocatedIndexesMax = 2;

/// Decides everything about one kind of cluster. The figures must outlive the result.
ClusterFit fit_cluster(std::span<const SizedTable> tables, bool colocation, const Throughput& colocated,
                       const Throughput& sharded);

/// Tablets into which the target splits one table or index of that size on that many nodes.
std::int64_t tablets_of(std::int64_t nodes, double gb);

/// The best of several of one strategy: fewest cores, then the larger node. Where none fits, the largest node. `fits`
/// has at least one.
const ClusterFit& best_fit(std::span<const ClusterFit> fits);
/// The better one of two strategies. Equals go to `sharded`.
const ClusterFit& better_strategy(const ClusterFit& colocated, const ClusterFit& sharded);

}  // namespace voyager::migration

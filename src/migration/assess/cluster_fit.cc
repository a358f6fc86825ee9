#include "migration/assess/cluster_fit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/text.h"

namespace voyager::migration {
namespace {

constexpr std::int64_t kNodesMin = 3;
// Three copies of every tablet, and as much room again for growth.
constexpr double kTabletReserve = 3.0 * 2.0;

/// Reads and writes of several tables, and the cores that they take.
struct Load {
  double reads = 0;
  double writes = 0;

  void add(const SizedTable& table) {
    reads += table.reads_per_second;
    writes += table.writes_per_second;
  }
  std::int64_t cores(const Throughput& figures) const {
    return static_cast<std::int64_t>(std::ceil(reads / figures.selects_per_core + writes / figures.inserts_per_core));
  }
};

// The smallest tables share a tablet for as long as size and number allow it. All behind the first that does not fit
// have tablets of their own, so that a place does not depend on small differences in size.
void colocate_while_size_and_number_allow(std::span<const SizedTable> tables, ClusterFit& fit) {
  const Throughput& limit = *fit.colocated_figures;
  double gb = 0;
  std::size_t objects = 0;
  bool full = false;
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const SizedTable& table = tables[i];
    if (table.indexes() > kColocatedIndexesMax) {
      fit.places[i] = Place::kManyIndexes;
    } else if (full) {
      fit.places[i] = Place::kAfterMisfit;
    } else if (gb + table.total_gb > limit.size_limit_gb) {
      fit.places[i] = Place::kTooLarge;
      full = true;
    } else if (objects + table.objects() > static_cast<std::size_t>(limit.object_limit)) {
      fit.places[i] = Place::kTooManyObjects;
      full = true;
    } else {
      fit.places[i] = Place::kColocated;
      gb += table.total_gb;
      objects += table.objects();
    }
  }
}

// One node serves a tablet, so the colocated tables' load must not exceed its cores.
void keep_what_one_node_serves(std::span<const SizedTable> tables, ClusterFit& fit) {
  fit.select_connections = fit.colocated_figures->select_connections;
  fit.insert_connections = fit.colocated_figures->insert_connections;
  Load load;
  bool busy = false;
  for (std::size_t i = 0; i < tables.size(); ++i) {
    if (!fit.is_colocated(i)) continue;
    load.add(tables[i]);
    if (busy) {
      fit.places[i] = Place::kAfterTooBusy;
    } else if (load.cores(*fit.colocated_figures) > fit.vcpus()) {
      fit.places[i] = Place::kTooBusy;
      busy = true;
    }
  }
}

void refuse_too_many_sharded_objects(std::span<const SizedTable> tables, ClusterFit& fit) {
  std::size_t objects = 0;
  for (std::size_t i = 0; i < tables.size(); ++i) objects += fit.is_colocated(i) ? 0 : tables[i].objects();
  const std::int64_t limit = fit.sharded_figures->object_limit;
  if (objects <= static_cast<std::size_t>(limit)) return;
  fit.failure = fmt::format(
      "{} tables and indexes would have tablets of their own; nodes with {} vCPUs were measured with up to {}",
      base::format_count(objects), fit.vcpus(), base::format_count(static_cast<std::uint64_t>(limit)));
}

void count_nodes_for_load(std::span<const SizedTable> tables, ClusterFit& fit) {
  const Throughput& figures = *fit.sharded_figures;
  Load load;
  for (std::size_t i = 0; i < tables.size(); ++i)
    if (!fit.is_colocated(i)) load.add(tables[i]);
  fit.cores = load.cores(figures);
  fit.nodes = (fit.cores + fit.vcpus() - 1) / fit.vcpus();
  if (fit.colocated_count() > 0) {
    // The node that serves the shared tablet serves nothing else.
    fit.nodes += 1;
    fit.cores += fit.vcpus();
  }
  fit.nodes = std::max(fit.nodes, kNodesMin);
  fit.cores = std::max(fit.cores, kNodesMin * fit.vcpus());
  const auto lesser = [](std::int64_t known, std::int64_t measured) {
    return known == 0 ? measured : std::min(known, measured);
  };
  fit.select_connections = lesser(fit.select_connections, figures.select_connections);
  fit.insert_connections = lesser(fit.insert_connections, figures.insert_connections);
}

// The number of nodes decides how far tables are split, and is not looked at again when that calls for more nodes.
void add_nodes_for_tablets(std::span<const SizedTable> tables, ClusterFit& fit) {
  std::int64_t tablets = 0;
  for (std::size_t i = 0; i < tables.size(); ++i) {
    if (fit.is_colocated(i)) continue;
    tablets += tablets_of(fit.nodes, tables[i].gb);
    for (const double gb : tables[i].index_gb) tablets += tablets_of(fit.nodes, gb);
  }
  const double room = static_cast<double>(fit.sharded_figures->object_limit);
  const auto needed = static_cast<std::int64_t>(std::ceil(static_cast<double>(tablets) * kTabletReserve / room));
  if (needed <= fit.nodes) return;
  fit.nodes = needed;
  fit.cores = fit.nodes * fit.vcpus();
}

}  // namespace

std::size_t ClusterFit::colocated_count() const {
  return static_cast<std::size_t>(std::ranges::count(places, Place::kColocated));
}

std::int64_t tablets_of(std::int64_t nodes, double gb) {
  // A table grows through three phases: up to 1 tablet a node of 0.512 GB, up to 24 of 10 GB, up to 256 of 100 GB.
  constexpr double kLowGb = 0.512, kHighGb = 10, kFinalGb = 100, kHighShards = 24, kFinalShards = 256;
  const auto n = static_cast<double>(nodes);
  const double low = std::ceil(gb / kLowGb);
  if (low <= n) return static_cast<std::int64_t>(low);
  if (gb / n <= kHighGb) return nodes;
  const double high = std::ceil(n + (gb - n * kHighGb) / kHighGb);
  if (high <= kHighShards * n) return static_cast<std::int64_t>(high);
  // The published rule divides by 24, not by 24 a node, here and leaves out the nodes below: it matters above 2.4 TB
  // only.
  if (gb / kHighShards <= kFinalGb) return static_cast<std::int64_t>(kHighShards * n);
  const double last = std::ceil(kHighShards * n + (gb - kHighShards * n * kFinalGb) / kFinalGb);
  if (last <= kFinalShards * n) return static_cast<std::int64_t>(last);
  return static_cast<std::int64_t>(std::ceil(kFinalShards + (gb - kFinalShards * n * kFinalGb) / kFinalGb));
}

ClusterFit fit_cluster(std::span<const SizedTable> tables, bool colocation, const Throughput& colocated,
                       const Throughput& sharded) {
  VOY_ASSERT(colocated.vcpus == sharded.vcpus);
  ClusterFit fit{.colocation = colocation, .colocated_figures = &colocated, .sharded_figures = &sharded};
  fit.places.assign(tables.size(), Place::kAllSharded);
  if (colocation) {
    colocate_while_size_and_number_allow(tables, fit);
    keep_what_one_node_serves(tables, fit);
  }
  refuse_too_many_sharded_objects(tables, fit);
  if (!fit.fits()) return fit;
  count_nodes_for_load(tables, fit);
  add_nodes_for_tablets(tables, fit);
  return fit;
}

const ClusterFit& best_fit(std::span<const ClusterFit> fits) {
  VOY_ASSERT(!fits.empty());
  return *std::ranges::min_element(fits, [](const ClusterFit& a, const ClusterFit& b) {
    if (a.fits() != b.fits()) return a.fits();
    if (a.fits() && a.cores != b.cores) return a.cores < b.cores;
    return a.vcpus() > b.vcpus();
  });
}

const ClusterFit& better_strategy(const ClusterFit& colocated, const ClusterFit& sharded) {
  if (!sharded.fits()) return colocated;
  if (!colocated.fits()) return sharded;
  if (colocated.vcpus() == sharded.vcpus()) return colocated.nodes < sharded.nodes ? colocated : sharded;
  const std::int64_t with = colocated.nodes * colocated.vcpus();
  const std::int64_t without = sharded.nodes * sharded.vcpus();
  if (with != without) return with < without ? colocated : sharded;
  return colocated.vcpus() > sharded.vcpus() ? colocated : sharded;
}

}  // namespace voyager::migration

// How long the rows will take to load, from what loading was measured to take.
#pragma once

#include <span>

#include "migration/assess/cluster_fit.h"

namespace voyager::migration {

/// Minutes for all tables on that cluster; colocated tables first, then the others. Redundant indexes count as not
/// there where `with_redundant` is false.
double import_minutes(std::span<const SizedTable> tables, const ClusterFit& fit, const SizingFigures& data,
                      bool with_redundant);

/// The parts of the estimate. Each reads only the entries of nodes with `vcpus`.
struct ImportTime {
  const SizingFigures& data;
  int vcpus = 0;
  bool colocated = false;

  /// Of a table with few columns and no index: the entries nearest in size and in rows, scaled; the slower one.
  double base_seconds(double gb, double rows) const;
  /// By which an index slows the load down. Counts that were not measured take the nearest that was.
  double index_factor(std::size_t indexes) const;
  double column_factor(double columns) const;
  /// How many times faster `nodes` nodes are than three.
  double node_divisor(std::int64_t nodes) const;
};

}  // namespace voyager::migration

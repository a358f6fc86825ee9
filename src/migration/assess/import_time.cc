#include "migration/assess/import_time.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "base/error.h"

namespace voyager::migration {
namespace {

constexpr double kSecondsPerMinute = 60;
constexpr std::int64_t kMeasuredNodes = 3;

/// The entry whose `count` is nearest to `wanted`; the first of two that are equally near.
template <typename Entry>
const Entry* nearest(std::span<const Entry> entries, int vcpus, double wanted, double Entry::*count) {
  const Entry* best = nullptr;
  for (const Entry& entry : entries) {
    if (entry.vcpus != vcpus) continue;
    if (best == nullptr || std::abs(entry.*count - wanted) < std::abs(best->*count - wanted)) best = &entry;
  }
  VOY_ASSERT(best != nullptr);
  return best;
}

struct KnownFactor {
  int vcpus = 0;
  double count = 0;
  double factor = 0;
};

// What was not measured is left out, so that the last known factor goes on from there.
std::vector<KnownFactor> known(const std::vector<LoadFactor>& factors, int vcpus, bool colocated) {
  std::vector<KnownFactor> out;
  for (const LoadFactor& one : factors) {
    const std::optional<double>& factor = colocated ? one.colocated : one.sharded;
    if (one.vcpus == vcpus && factor) out.push_back({vcpus, one.count, *factor});
  }
  VOY_ASSERT(!out.empty());
  return out;
}

}  // namespace

double ImportTime::base_seconds(double gb, double rows) const {
  const std::span<const LoadTime> entries = colocated ? data.colocated_load : data.sharded_load;
  const LoadTime& by_size = *nearest(entries, vcpus, gb, &LoadTime::csv_gb);
  const LoadTime& by_rows = *nearest(entries, vcpus, rows, &LoadTime::rows);
  return std::ceil(std::max(by_size.seconds * gb / by_size.csv_gb, by_rows.seconds * rows / by_rows.rows));
}

double ImportTime::index_factor(std::size_t indexes) const {
  if (indexes == 0) return 1;
  const std::vector<KnownFactor> factors = known(data.index_factors, vcpus, colocated);
  const auto count = static_cast<double>(indexes);
  const KnownFactor& entry = *nearest(std::span(factors), vcpus, count, &KnownFactor::count);
  return entry.factor / entry.count * count;
}

double ImportTime::column_factor(double columns) const {
  const std::vector<KnownFactor> factors = known(data.column_factors, vcpus, colocated);
  const auto wide_enough = [&](const KnownFactor& one) { return one.count >= columns; };
  const auto found = std::ranges::find_if(factors, wide_enough);
  const KnownFactor& entry = found == factors.end() ? factors.back() : *found;
  return std::max(entry.factor, entry.factor / entry.count * columns);
}

double ImportTime::node_divisor(std::int64_t nodes) const {
  if (colocated || nodes == kMeasuredNodes) return 1;
  const NodeThroughput* entry = nullptr;
  double measured = 0;
  for (const NodeThroughput& one : data.node_throughput) {
    if (one.vcpus != vcpus) continue;
    if (one.nodes == kMeasuredNodes) measured = one.mbps;
    if (entry == nullptr || std::abs(one.nodes - nodes) < std::abs(entry->nodes - nodes)) entry = &one;
  }
  VOY_ASSERT(entry != nullptr && measured > 0);
  return static_cast<double>(nodes) * entry->mbps / entry->nodes / measured;
}

double import_minutes(std::span<const SizedTable> tables, const ClusterFit& fit, const SizingFigures& data,
                      bool with_redundant) {
  double total = 0;
  for (const bool colocated : {true, false}) {
    const ImportTime time{.data = data, .vcpus = fit.vcpus(), .colocated = colocated};
    double minutes = 0;
    for (std::size_t i = 0; i < tables.size(); ++i) {
      if (fit.is_colocated(i) != colocated) continue;
      const SizedTable& table = tables[i];
      const std::size_t indexes = table.indexes() - (with_redundant ? 0 : table.redundant_indexes);
      minutes += time.base_seconds(table.gb, table.rows) * time.index_factor(indexes) *
                 time.column_factor(table.columns) / kSecondsPerMinute;
    }
    total += std::ceil(minutes / time.node_divisor(fit.nodes));
  }
  return total;
}

}  // namespace voyager::migration

#include "migration/assess/object_usage.h"

#include <algorithm>

namespace voyager::migration {
namespace {

constexpr std::int64_t kScansUnused = 20;  // So few reads are those of people who look around.
constexpr double kFrequent = 0.70;
constexpr double kModerate = 0.10;
constexpr int kPartitionDepthMax = 32;

double share(std::int64_t part, std::int64_t whole) {
  return whole <= 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

ObjectUsage::ObjectUsage(std::span<const format::ObjectUse> uses, const analysis::Schema& schema)
    : counted_(!uses.empty()) {
  for (const format::ObjectUse& one : uses) {
    const Load load{.reads = one.scans, .writes = one.inserts + one.updates + one.deletes};
    loads_[one.schema + "." + one.name] = load;
    busiest_.reads = std::max(busiest_.reads, load.reads);
    busiest_.writes = std::max(busiest_.writes, load.writes);
  }
  for (const analysis::Table& table : schema.tables) {
    const auto own = loads_.find(table.name.key());
    if (own == loads_.end()) continue;
    const Load load = own->second;
    const analysis::Table* one = &table;
    for (int depth = 0; one != nullptr && !one->partition_of.empty() && depth < kPartitionDepthMax; ++depth) {
      Load& upper = loads_[one->partition_of.key()];
      upper.reads = std::max(upper.reads, load.reads);
      upper.writes = std::max(upper.writes, load.writes);
      one = schema.table(one->partition_of);
    }
  }
}

ObjectUsage::Load ObjectUsage::load_of(const std::string& name) const {
  const auto found = loads_.find(name);
  return found == loads_.end() ? Load{} : found->second;
}

std::string ObjectUsage::word(Load load) const {
  if (!counted_) return {};
  const double reads = load.reads <= kScansUnused ? 0 : share(load.reads, busiest_.reads);
  const double most = std::max(reads, share(load.writes, busiest_.writes));
  if (most >= kFrequent) return "FREQUENT";
  if (most >= kModerate) return "MODERATE";
  return most > 0 ? "RARE" : "UNUSED";
}

std::string ObjectUsage::of_table(const std::string& table) const {
  return word(load_of(table));
}

std::string ObjectUsage::of_index(const std::string& index, const std::string& table) const {
  return word({.reads = load_of(index).reads, .writes = load_of(table).writes});
}

}  // namespace voyager::migration

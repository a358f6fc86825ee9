#include "migration/assess/sizing_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace voyager::migration {
namespace {

std::string count(std::size_t number, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", base::format_count(number), number == 1 ? one : many);
}

std::string size_text(double gb) {
  constexpr double kMbPerGb = 1024;
  return gb < 1 ? fmt::format("{:.2f} MB", gb * kMbPerGb) : fmt::format("{:.2f} GB", gb);
}

/// The tables of one kind together.
struct Part {
  std::size_t tables = 0;
  std::size_t indexes = 0;
  double gb = 0;
  double reads = 0;
  double writes = 0;
};

Part part_of(std::span<const SizedTable> tables, const ClusterFit& fit, bool colocated) {
  Part part;
  for (std::size_t i = 0; i < tables.size(); ++i) {
    if (fit.is_colocated(i) != colocated) continue;
    part.tables += 1;
    part.indexes += tables[i].indexes();
    part.gb += tables[i].total_gb;
    part.reads += tables[i].reads_per_second;
    part.writes += tables[i].writes_per_second;
  }
  return part;
}

std::string part_text(const Part& part, std::string_view ending) {
  return fmt::format(" {} ({} and {}) with {}, {:.0f} reads and {:.0f} writes per second {}.",
                     count(part.tables + part.indexes, "object", "objects"),
                     count(part.tables, "table or materialized view", "tables or materialized views"),
                     count(part.indexes, "index", "indexes"), size_text(part.gb), part.reads, part.writes, ending);
}

/// The table, of the kind `place`, that all behind it came too late for.
const std::string& first_at(std::span<const SizedTable> tables, const ClusterFit& fit, Place place, Place other) {
  const auto is_it = [&](Place one) { return one == place || one == other; };
  const auto found = std::ranges::find_if(fit.places, is_it);
  return tables[static_cast<std::size_t>(found - fit.places.begin())].name;
}

std::string reason_in(std::span<const SizedTable> tables, std::size_t index, const ClusterFit& fit) {
  const Throughput& limits = *fit.colocated_figures;
  switch (fit.places[index]) {
    case Place::kColocated:
      return fmt::format("fits the {:.0f} GB and {} objects of colocated data", limits.size_limit_gb,
                         base::format_count(static_cast<std::uint64_t>(limits.object_limit)));
    case Place::kManyIndexes:
      return fmt::format("{} indexes, more than {}", tables[index].indexes(), kColocatedIndexesMax);
    case Place::kTooLarge:
      return fmt::format("its {} do not fit the {:.0f} GB of colocated data beside the smaller tables",
                         size_text(tables[index].total_gb), limits.size_limit_gb);
    case Place::kTooManyObjects:
      return fmt::format("with it there would be more than {} colocated tables and indexes",
                         base::format_count(static_cast<std::uint64_t>(limits.object_limit)));
    case Place::kAfterMisfit:
      return fmt::format("comes after {}, which did not fit (the smallest are colocated first)",
                         first_at(tables, fit, Place::kTooLarge, Place::kTooManyObjects));
    case Place::kTooBusy:
      return fmt::format(
          "with its {:.0f} reads and {:.0f} writes per second the colocated tables need more than the {} "
          "vCPUs of one node",
          tables[index].reads_per_second, tables[index].writes_per_second, fit.vcpus());
    case Place::kAfterTooBusy:
      return fmt::format("comes after {}, which is too busy to be colocated (the smallest are colocated first)",
                         first_at(tables, fit, Place::kTooBusy, Place::kTooBusy));
    case Place::kAllSharded:
      return "has tablets of its own like every table";
  }
  return {};
}

std::string strategy_words(const ClusterFit& fit) {
  return fit.colocation ? "small tables together" : "every table on its own";
}

/// Of the chosen strategy, as best_fit() decides.
std::string before_alike(const TriedClusters& tried) {
  const ClusterFit& chosen = *tried.chosen;
  std::vector<std::string> equals;
  for (const ClusterFit& one : tried.alike) {
    if (&one != &chosen && one.fits() && one.cores == chosen.cores) equals.push_back(std::to_string(one.vcpus()));
  }
  const std::string fewest = fmt::format("With {} nodes of {} vCPUs take the fewest ({})", strategy_words(chosen),
                                         chosen.vcpus(), chosen.cores);
  if (equals.empty()) return fewest;
  return fmt::format("{}, as do those of {}; larger nodes are preferred", fewest, base::join(equals, " and "));
}

/// Of the two strategies, as better_strategy() decides.
std::string before_other(const ClusterFit& chosen, const ClusterFit& other) {
  const std::string words = strategy_words(other);
  if (!other.fits()) return fmt::format("With {} no cluster has room", words);
  const std::int64_t sum = chosen.nodes * chosen.vcpus();
  const std::int64_t other_sum = other.nodes * other.vcpus();
  const std::string best = fmt::format("With {} it would be {} nodes of {} vCPUs", words, other.nodes, other.vcpus());
  if (other_sum != sum) return fmt::format("{}, {} vCPUs in sum instead of {}", best, other_sum, sum);
  if (other.vcpus() != chosen.vcpus()) return best + ", as many vCPUs in sum; larger nodes are preferred";
  return best + " too; tables are kept together only where that makes the cluster smaller";
}

}  // namespace

std::string choice_text(const TriedClusters& tried) {
  return fmt::format("{}. {}.", before_alike(tried), before_other(*tried.chosen, *tried.other));
}

std::string reasoning_text(std::span<const SizedTable> tables, const ClusterFit& chosen, int memory_gib) {
  std::string text =
      fmt::format("{} nodes with {} vCPUs and {} GiB of memory each.", chosen.nodes, chosen.vcpus(), memory_gib);
  const Part colocated = part_of(tables, chosen, true);
  const Part sharded = part_of(tables, chosen, false);
  if (colocated.tables > 0) text += part_text(colocated, "are colocated");
  if (sharded.tables > 0) text += part_text(sharded, "have tablets of their own");
  if (tables.empty()) text += " The source has no tables, so this is the smallest cluster.";
  return text +
         " Partitioned tables count by their leaf partitions only; objects that the target does not support were not "
         "considered.";
}

std::string failure_text(const ClusterFit& largest, int memory_gib) {
  return fmt::format(
      "No cluster that was measured has room for this database. The largest nodes have {} vCPUs and {} GiB of memory: "
      "{}. "
      "Leave out tables or indexes that are not needed, divide the database, or ask YugabyteDB's support for advice.",
      largest.vcpus(), memory_gib, largest.failure);
}

std::string place_reason(std::span<const SizedTable> tables, std::size_t index, const ClusterFit& chosen,
                         const ClusterFit& colocated) {
  if (chosen.colocation) return reason_in(tables, index, chosen);
  if (!colocated.fits()) return "no cluster with colocated tables has room for the other tables";
  if (colocated.is_colocated(index)) return "colocating it would not make the cluster smaller";
  return reason_in(tables, index, colocated);
}

}  // namespace voyager::migration

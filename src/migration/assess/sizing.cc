#include "migration/assess/sizing.h"

#include "base/error.h"
#include "migration/assess/cluster_fit.h"
#include "migration/assess/import_time.h"
#include "migration/assess/sized_table.h"
#include "migration/assess/sizing_text.h"

namespace voyager::migration {
namespace {

std::vector<ClusterFit> fit_all(std::span<const SizedTable> tables, bool colocation, const SizingFigures& data) {
  VOY_ASSERT(data.colocated.size() == data.sharded.size() && !data.sharded.empty());
  std::vector<ClusterFit> fits;
  for (std::size_t i = 0; i < data.sharded.size(); ++i)
    fits.push_back(fit_cluster(tables, colocation, data.colocated[i], data.sharded[i]));
  return fits;
}

model::SizingCandidate candidate_of(std::span<const SizedTable> tables, const ClusterFit& fit,
                                    const SizingFigures& data) {
  model::SizingCandidate out{.colocation = fit.colocation, .vcpus = fit.vcpus(), .failure = fit.failure};
  out.colocated = fit.colocated_count();
  out.sharded = tables.size() - out.colocated;
  if (fit.fits()) {
    out.nodes = static_cast<int>(fit.nodes);
    out.import_minutes = import_minutes(tables, fit, data, true);
  }
  return out;
}

void place_tables(std::span<const SizedTable> tables, const ClusterFit& chosen, const ClusterFit& colocated,
                  model::Sizing& out) {
  for (const bool together : {true, false}) {
    auto& names = together ? out.colocated : out.sharded;
    for (std::size_t i = 0; i < tables.size(); ++i) {
      if (chosen.is_colocated(i) != together) continue;
      if (!names) names.emplace();
      names->push_back(tables[i].name);
      out.placements.push_back({.table = tables[i].name,
                                .colocated = together,
                                .reason = place_reason(tables, i, chosen, colocated),
                                .bytes = tables[i].total_bytes,
                                .indexes = tables[i].indexes()});
    }
  }
}

}  // namespace

model::Sizing size_cluster(std::span<const model::ObjectFigures> figures,
                           std::span<const model::RedundantIndex> redundant, const SizingFigures& data) {
  const std::vector<SizedTable> tables = sized_tables(figures, redundant);
  const std::vector<ClusterFit> with_colocation = fit_all(tables, true, data);
  const std::vector<ClusterFit> all_sharded = fit_all(tables, false, data);
  const ClusterFit& colocated = best_fit(with_colocation);
  const ClusterFit& sharded = best_fit(all_sharded);
  const ClusterFit& chosen = better_strategy(colocated, sharded);

  model::Sizing out{.figures_version = data.version};
  out.vcpus = chosen.vcpus();
  out.memory_gib = chosen.vcpus() * data.memory_gib_per_core;
  for (const auto* fits : {&with_colocation, &all_sharded}) {
    for (const ClusterFit& fit : *fits) {
      out.candidates.push_back(candidate_of(tables, fit, data));
      out.candidates.back().chosen = &fit == &chosen && chosen.fits();
    }
  }
  if (!chosen.fits()) {
    out.failure = failure_text(chosen, out.memory_gib);
    return out;
  }
  place_tables(tables, chosen, colocated, out);
  out.reasoning = reasoning_text(tables, chosen, out.memory_gib) + " " +
                  choice_text({.chosen = &chosen,
                               .alike = chosen.colocation ? with_colocation : all_sharded,
                               .other = chosen.colocation ? &sharded : &colocated});
  out.nodes = static_cast<double>(chosen.nodes);
  out.select_connections = chosen.select_connections;
  out.insert_connections = chosen.insert_connections;
  out.import_minutes = import_minutes(tables, chosen, data, true);
  out.import_minutes_without_redundant = import_minutes(tables, chosen, data, false);
  return out;
}

}  // namespace voyager::migration

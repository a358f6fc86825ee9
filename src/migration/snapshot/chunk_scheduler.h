// Who reads what next.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "format/meta_db.h"

namespace voyager::migration {

/// The state's JSON object of values that rules have changed: file name to a list (export_views.h writes the view).
inline constexpr const char* kValueChanges = "value_changes";

/// A chunk and the table it is cut from.
struct ChunkLease {
  format::Chunk chunk = {};
  model::Table table = {};
  std::size_t table_index = 0;     ///< Position in the plan.
  std::string value_changes = {};  ///< JSON merge patch of kValueChanges; empty: every value is as on the source.
};

/// Cuts chunks as workers ask for them: always from the table with the most bytes left, and smaller as the whole work
/// runs out, so that neither a huge table nor a late start decides when the last worker is done. Sizes follow the bytes
/// that a table's chunks really had, but a unit never counts for less than planned: pages that were emptied, or short
/// large objects, may come first and the bytes behind them. Leases are saved before they are handed out. Thread-safe.
class ChunkScheduler {
 public:
  /// `unfinished` are chunks of an earlier run that were leased and never finished: they are handed out first.
  ChunkScheduler(format::MetaDb& db, std::vector<format::PlannedTable> plan, std::vector<format::Chunk> unfinished,
                 int workers, bool compressed);

  /// Nothing when all work is handed out.
  std::optional<ChunkLease> next();
  /// Saves the finished chunk and learns from its size. True when this was its table's last chunk.
  bool finish(const ChunkLease& lease);

  const std::vector<format::PlannedTable>& plan() const { return plan_; }

 private:
  std::optional<std::size_t> table_with_most_left() const;
  double bytes_left(const format::PlannedTable& table) const;
  std::uint64_t chunk_bytes() const;
  ChunkLease cut(std::size_t index);

  format::MetaDb& db_;
  const int workers_;
  const bool compressed_;
  std::mutex mutex_;
  std::vector<format::PlannedTable> plan_;  // guarded by mutex_
  std::vector<format::Chunk> unfinished_;   // guarded by mutex_
  struct Seen {
    double planned_bytes_per_unit = 0;
    std::uint64_t units = 0;
    std::uint64_t bytes = 0;
    int in_hand = 0;
  };
  std::vector<Seen> seen_;  // guarded by mutex_, one a table
};

}  // namespace voyager::migration

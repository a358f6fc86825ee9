// Who reads what next.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "format/migration_state.h"

namespace voyager::migration {

/// The state's JSON object of values that rules have changed: file name to a list (export_views.h writes the view).
inline constexpr const char* kValueChanges = "value_changes";

/// A chunk and the table it is cut from.
struct ChunkLease {
  model::Chunk chunk = {};
  model::Table table = {};
  std::size_t table_index = 0;     ///< Position in the plan.
  std::string value_changes = {};  ///< JSON merge patch of kValueChanges; empty: every value is as on the source.
};

/// Cuts chunks as workers ask for them: always from the table with the most bytes left, and smaller as the whole work
/// runs out, so that neither a huge table nor a late start decides when the last worker is done. Chunks that hold
/// little are handed out several at a time, since what is saved of them waits for the disk. Sizes follow the bytes
/// that a table's chunks really had, but a unit never counts for less than planned: pages that were emptied, or short
/// large objects, may come first and the bytes behind them. Leases are saved before they are handed out. Thread-safe.
class ChunkScheduler {
 public:
  /// Two ledgers of one connection. `unfinished` are chunks of an earlier run that were leased and never finished: they
  /// are handed out first.
  ChunkScheduler(format::ChunkLedger& chunks, format::DocumentLedger& documents, std::vector<model::PlannedTable> plan,
                 std::vector<model::Chunk> unfinished, int workers, bool compressed);

  /// Nothing when all work is handed out.
  std::vector<ChunkLease> next();
  /// Saves finished chunks and learns from their sizes. Returns the positions in the plan of the tables of which these
  /// were the last.
  std::vector<std::size_t> finish(const std::vector<ChunkLease>& leases);

 private:
  std::size_t table_of(const model::Chunk& chunk) const VOY_REQUIRES(mutex_);
  double bytes_of_next() const VOY_REQUIRES(mutex_);
  std::size_t leases_at_once() const VOY_REQUIRES(mutex_);
  double chunk_bytes() const VOY_REQUIRES(mutex_);
  void weigh(std::size_t index) VOY_REQUIRES(mutex_);
  ChunkLease take_unfinished() VOY_REQUIRES(mutex_);
  ChunkLease cut(std::size_t index) VOY_REQUIRES(mutex_);
  bool learn(const ChunkLease& lease) VOY_REQUIRES(mutex_);

  format::ChunkLedger& chunks_ VOY_GUARDED_BY(mutex_);
  format::DocumentLedger& documents_ VOY_GUARDED_BY(mutex_);
  const int workers_;
  const bool compressed_;
  base::Mutex mutex_;
  std::vector<model::PlannedTable> plan_ VOY_GUARDED_BY(mutex_);
  std::vector<model::Chunk> unfinished_ VOY_GUARDED_BY(mutex_);
  struct Seen {
    double planned_bytes_per_unit = 0;
    std::uint64_t units = 0;
    std::uint64_t bytes = 0;
    int in_hand = 0;
    double bytes_left = 0;
  };
  std::vector<Seen> seen_ VOY_GUARDED_BY(mutex_);                                              // one a table
  std::set<std::pair<double, std::size_t>, std::greater<>> open_ VOY_GUARDED_BY(mutex_) = {};  // bytes left, table
  double bytes_left_ VOY_GUARDED_BY(mutex_) = 0;                                               // the sum of open_
};

}  // namespace voyager::migration

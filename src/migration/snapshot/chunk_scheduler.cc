#include "migration/snapshot/chunk_scheduler.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/fault_point.h"

namespace voyager::migration {
namespace {

constexpr double kSmallestChunk = 8.0 * 1024 * 1024;
constexpr double kLargestChunk = 128.0 * 1024 * 1024;
// A worker's next chunk is this share of an even division of what is left, so the last ones are small.
constexpr double kGuide = 4;

}  // namespace

ChunkScheduler::ChunkScheduler(format::MetaDb& db, std::vector<format::PlannedTable> plan,
                               std::vector<format::Chunk> unfinished, int workers, bool compressed)
    : db_(db),
      workers_(std::max(1, workers)),
      compressed_(compressed),
      plan_(std::move(plan)),
      unfinished_(std::move(unfinished)),
      seen_(plan_.size()) {
  for (std::size_t i = 0; i < plan_.size(); ++i) seen_[i].planned_bytes_per_unit = plan_[i].space.bytes_per_unit;
}

double ChunkScheduler::bytes_left(const format::PlannedTable& table) const {
  if (table.handed_out) return -1;
  if (table.space.all.begin == table.space.all.end) return static_cast<double>(table.table.bytes);
  return static_cast<double>(table.space.all.end - table.next) * table.space.bytes_per_unit;
}

std::optional<std::size_t> ChunkScheduler::table_with_most_left() const {
  std::optional<std::size_t> best;
  double most = -1;
  for (std::size_t i = 0; i < plan_.size(); ++i) {
    const double left = bytes_left(plan_[i]);
    if (left > most) {
      most = left;
      best = i;
    }
  }
  return best;
}

std::uint64_t ChunkScheduler::chunk_bytes() const {
  double left = 0;
  for (const format::PlannedTable& table : plan_) left += std::max(0.0, bytes_left(table));
  return static_cast<std::uint64_t>(std::clamp(left / (workers_ * kGuide), kSmallestChunk, kLargestChunk));
}

ChunkLease ChunkScheduler::cut(std::size_t index) {
  format::PlannedTable& table = plan_[index];
  model::Range range = table.space.all;
  if (range.begin != range.end) {
    const double wanted = static_cast<double>(chunk_bytes()) / std::max(1.0, table.space.bytes_per_unit);
    const auto units = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::llround(wanted)));
    range.begin = table.next;
    // A rest of less than half a chunk goes along: it is not worth a file of its own.
    if (table.space.all.end - range.begin > units + units / 2) range.end = range.begin + units;
  }
  ChunkLease lease{.table = table.table, .table_index = index};
  lease.chunk = {.table = table.table.name, .range = range, .rows_format = table.rows, .compressed = compressed_};
  const bool last = range.end == table.space.all.end;
  db_.lease_chunk(lease.chunk, range.end, last);
  table.next = range.end;
  table.handed_out = last;
  return lease;
}

std::optional<ChunkLease> ChunkScheduler::next() {
  const std::lock_guard lock(mutex_);
  std::optional<ChunkLease> lease;
  if (!unfinished_.empty()) {
    lease.emplace();
    lease->chunk = std::move(unfinished_.back());
    unfinished_.pop_back();
    const auto at = std::ranges::find_if(
        plan_, [&](const format::PlannedTable& table) { return table.table.name == lease->chunk.table; });
    VOY_ASSERT(at != plan_.end());
    lease->table = at->table;
    lease->table_index = static_cast<std::size_t>(at - plan_.begin());
  } else if (const std::optional<std::size_t> index = table_with_most_left()) {
    lease = cut(*index);
  } else {
    return std::nullopt;
  }
  ++seen_[lease->table_index].in_hand;
  base::fault_point("export_data.chunk_leased");
  return lease;
}

bool ChunkScheduler::finish(const ChunkLease& lease) {
  const std::lock_guard lock(mutex_);
  // First, so that no finished chunk lacks it; that of a chunk that is read again takes its place.
  if (!lease.value_changes.empty()) db_.patch_json(kValueChanges, lease.value_changes);
  db_.finish_chunk(lease.chunk);
  Seen& seen = seen_[lease.table_index];
  format::PlannedTable& table = plan_[lease.table_index];
  --seen.in_hand;
  seen.units += lease.chunk.range.end - lease.chunk.range.begin;
  seen.bytes += lease.chunk.raw_bytes;
  if (seen.units > 0) {
    table.space.bytes_per_unit =
        std::max(seen.planned_bytes_per_unit, static_cast<double>(seen.bytes) / static_cast<double>(seen.units));
  }
  const bool more =
      std::ranges::any_of(unfinished_, [&](const format::Chunk& chunk) { return chunk.table == table.table.name; });
  return table.handed_out && seen.in_hand == 0 && !more;
}

}  // namespace voyager::migration

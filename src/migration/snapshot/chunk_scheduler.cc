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
constexpr std::size_t kLeasesAtOnceMax = 64;
// Each chunk in hand is an open file, and a process has 1,024 where nobody has said otherwise.
constexpr std::size_t kLeasesOfAllMax = 512;

double bytes_of(const model::PlannedTable& table, const model::Range& range) {
  if (table.space.all.begin == table.space.all.end) return static_cast<double>(table.table.bytes);
  return static_cast<double>(range.end - range.begin) * table.space.bytes_per_unit;
}

}  // namespace

ChunkScheduler::ChunkScheduler(format::ChunkLedger& chunks, format::DocumentLedger& documents,
                               std::vector<model::PlannedTable> plan, std::vector<model::Chunk> unfinished, int workers,
                               bool compressed)
    : chunks_(chunks),
      documents_(documents),
      workers_(std::max(1, workers)),
      compressed_(compressed),
      plan_(std::move(plan)),
      unfinished_(std::move(unfinished)),
      seen_(plan_.size()) {
  for (std::size_t i = 0; i < plan_.size(); ++i) {
    seen_[i].planned_bytes_per_unit = plan_[i].space.bytes_per_unit;
    weigh(i);
  }
}

// What is left of the table is noted anew.
void ChunkScheduler::weigh(std::size_t index) {
  const model::PlannedTable& table = plan_[index];
  double& left = seen_[index].bytes_left;
  if (open_.erase({left, index}) > 0) bytes_left_ -= left;
  if (open_.empty()) bytes_left_ = 0;  // Whatever rounding left there.
  if (table.handed_out) return;
  left = bytes_of(table, {table.next, table.space.all.end});
  open_.insert({left, index});
  bytes_left_ += left;
}

double ChunkScheduler::chunk_bytes() const {
  return std::clamp(bytes_left_ / (workers_ * kGuide), kSmallestChunk, kLargestChunk);
}

// So many that every worker comes for more a few times.
std::size_t ChunkScheduler::leases_at_once() const {
  const double share = static_cast<double>(unfinished_.size() + open_.size()) / (workers_ * kGuide);
  const std::size_t most = std::min(kLeasesAtOnceMax, kLeasesOfAllMax / static_cast<std::size_t>(workers_));
  return std::clamp(static_cast<std::size_t>(share), std::size_t{1}, std::max(most, std::size_t{1}));
}

std::size_t ChunkScheduler::table_of(const model::Chunk& chunk) const {
  const auto at =
      std::ranges::find_if(plan_, [&](const model::PlannedTable& table) { return table.table.name == chunk.table; });
  VOY_ASSERT(at != plan_.end());
  return static_cast<std::size_t>(at - plan_.begin());
}

double ChunkScheduler::bytes_of_next() const {
  if (unfinished_.empty()) return std::min(open_.begin()->first, chunk_bytes());
  const model::Chunk& chunk = unfinished_.back();
  return bytes_of(plan_[table_of(chunk)], chunk.range);
}

ChunkLease ChunkScheduler::take_unfinished() {
  ChunkLease lease{.chunk = std::move(unfinished_.back())};
  unfinished_.pop_back();
  lease.table_index = table_of(lease.chunk);
  lease.table = plan_[lease.table_index].table;
  return lease;
}

ChunkLease ChunkScheduler::cut(std::size_t index) {
  model::PlannedTable& table = plan_[index];
  model::Range range = table.space.all;
  if (range.begin != range.end) {
    const double wanted = chunk_bytes() / std::max(1.0, table.space.bytes_per_unit);
    const auto units = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::llround(wanted)));
    range.begin = table.next;
    // A rest of less than half a chunk goes along: it is not worth a file of its own.
    if (table.space.all.end - range.begin > units + units / 2) range.end = range.begin + units;
  }
  ChunkLease lease{.table = table.table, .table_index = index};
  lease.chunk = {.table = table.table.name, .range = range, .rows_format = table.rows, .compressed = compressed_};
  const bool last = range.end == table.space.all.end;
  chunks_.lease_chunk(lease.chunk, range.end, last);
  table.next = range.end;
  table.handed_out = last;
  weigh(index);
  return lease;
}

std::vector<ChunkLease> ChunkScheduler::next() {
  const base::MutexLock lock(mutex_);
  std::vector<ChunkLease> leases;
  if (unfinished_.empty() && open_.empty()) return leases;
  const std::size_t most = leases_at_once();
  documents_.in_transaction([&]() VOY_REQUIRES(mutex_) {
    double bytes = 0;
    while (leases.size() < most && !(unfinished_.empty() && open_.empty())) {
      bytes += bytes_of_next();
      if (!leases.empty() && bytes > kSmallestChunk) break;
      leases.push_back(unfinished_.empty() ? cut(open_.begin()->second) : take_unfinished());
      ++seen_[leases.back().table_index].in_hand;
    }
  });
  base::fault_point<"export_data.chunk_leased">();  // a chunk is handed to a worker
  return leases;
}

std::vector<std::size_t> ChunkScheduler::finish(const std::vector<ChunkLease>& leases) {
  const base::MutexLock lock(mutex_);
  documents_.in_transaction([&]() VOY_REQUIRES(mutex_) {
    for (const ChunkLease& lease : leases) {
      // First, so that no finished chunk lacks it; that of a chunk that is read again takes its place.
      if (!lease.value_changes.empty()) documents_.patch_json(kValueChanges, lease.value_changes);
      chunks_.finish_chunk(lease.chunk);
    }
  });
  std::vector<std::size_t> complete;
  for (const ChunkLease& lease : leases) {
    if (learn(lease)) complete.push_back(lease.table_index);
  }
  return complete;
}

// True when nothing of the chunk's table is left, here or in any hand.
bool ChunkScheduler::learn(const ChunkLease& lease) {
  Seen& seen = seen_[lease.table_index];
  model::PlannedTable& table = plan_[lease.table_index];
  --seen.in_hand;
  seen.units += lease.chunk.range.end - lease.chunk.range.begin;
  seen.bytes += lease.chunk.raw_bytes;
  if (seen.units > 0) {
    table.space.bytes_per_unit =
        std::max(seen.planned_bytes_per_unit, static_cast<double>(seen.bytes) / static_cast<double>(seen.units));
    weigh(lease.table_index);
  }
  const bool more =
      std::ranges::any_of(unfinished_, [&](const model::Chunk& chunk) { return chunk.table == table.table.name; });
  return table.handed_out && seen.in_hand == 0 && !more;
}

}  // namespace voyager::migration

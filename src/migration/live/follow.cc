#include "migration/live/follow.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "base/error.h"
#include "format/meta_db.h"
#include "format/queue_ledger.h"
#include "migration/changes/queue_reader.h"
#include "model/changes.h"

namespace voyager::migration {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLook{100};
constexpr milliseconds kCheck{1'000};

// A transaction that is not captured to its end has no number yet, but fills files.
std::uint64_t bytes_below(const std::filesystem::path& folder) {
  std::uint64_t bytes = 0;
  std::error_code fault;
  for (std::filesystem::recursive_directory_iterator one(folder, fault), end; !fault && one != end;
       one.increment(fault)) {
    std::error_code gone;
    const std::uint64_t size = one->is_regular_file(gone) ? one->file_size(gone) : 0;
    if (!gone) bytes += size;
  }
  return bytes;
}

// Of the first transaction that begins in the block; 0: none does.
std::int64_t first_commit_micros(const format::SegmentBlock& block) {
  model::ChangeTables tables;
  model::ChangeReader reader(block.records, tables);
  model::Change change;
  while (reader.next(change)) {
    if (change.kind == model::ChangeKind::kBegin) return change.committed_at_micros;
  }
  return 0;
}

std::uint64_t changes_of(const connector::ImportedTable& table) {
  return table.inserts + table.updates + table.deletes;
}

std::uint64_t all_changes(connector::ImportedCounts& side) {
  std::uint64_t sum = 0;
  for (const connector::ImportedTable& table : side.imported()) sum += changes_of(table);
  return sum;
}

}  // namespace

// Changes of another exporter, which come before, are none of this importer's. 0: there are none yet.
std::int64_t Follower::last_captured() {
  format::MetaDb ledger(flow_.export_dir);
  std::int64_t last = 0;
  for (const format::SegmentRow& segment : ledger.segments()) {
    if (segment.exporter_role == flow_.exporter_role && segment.next_vsn > segment.first_vsn)
      last = segment.next_vsn - 1;
  }
  return last;
}

std::map<model::TableName, std::uint64_t> Follower::applied_changes() {
  std::map<model::TableName, std::uint64_t> out;
  for (const connector::ImportedTable& table : applied_->imported())
    out[table.table] = changes_of(table) + table.truncated_rows;
  return out;
}

Waiting Follower::waiting(const base::Clock& clock) {
  const std::int64_t applied = applied_->applied();
  const std::int64_t last = last_captured();
  if (last <= applied) return {};
  QueueReader queue(flow_.export_dir, {flow_.exporter_role}, flow_.importer_role, applied);
  Waiting out{.changes = queue.remaining()};
  format::SegmentBlock block;
  std::int64_t committed = 0;
  while (committed == 0 && queue.next(block)) committed = first_commit_micros(block);
  if (committed > 0) {
    const auto now = std::chrono::duration_cast<std::chrono::microseconds>(clock.wall().time_since_epoch());
    out.oldest_seconds = std::max(0.0, static_cast<double>(now.count() - committed) / 1e6);
  }
  return out;
}

double Follower::changes_a_second(milliseconds measured_for, const base::Clock& clock, const base::Stop& stop) {
  const std::uint64_t before = all_changes(*applied_);
  const auto begun = clock.now();
  (void)clock.sleep_for(measured_for, stop);
  const std::uint64_t after = all_changes(*applied_);
  const double seconds = std::chrono::duration<double>(clock.now() - begun).count();
  return static_cast<double>(after - std::min(after, before)) / std::max(seconds, 0.001);
}

// A transaction that is large moves these, and nothing else for minutes.
std::string Follower::stand_of_capture() {
  behind_bytes_ = std::min(behind_bytes_, captured_->lag().behind_bytes);
  return fmt::format("captured {} {} {}", behind_bytes_, last_captured(),
                     bytes_below(flow_.export_dir / "data" / "queue"));
}

std::string Follower::stand_of_apply() {
  return fmt::format("applied {} {}", applied_->applied(), all_changes(*applied_));
}

std::string Follower::wait_until_applied(const std::function<void()>& check, milliseconds patience,
                                         const base::Clock& clock, const base::Stop& stop) {
  behind_bytes_ = ~0ULL;
  const model::Position place = captured_->end_of_log();
  auto moved_at = clock.now();
  auto next_check = clock.now();
  std::string seen;
  bool captured = false;
  std::int64_t wanted = 0;
  while (true) {
    if (!captured && captured_->captured(place)) {
      captured = true;
      wanted = last_captured();
    }
    if (captured && applied_->applied() >= wanted) return captured_->display(place);
    if (clock.now() >= next_check) {
      check();
      next_check = clock.now() + kCheck;
      if (std::string now = captured ? stand_of_apply() : stand_of_capture(); now != seen) {
        seen = std::move(now);
        moved_at = clock.now();
      }
    }
    if (clock.now() >= moved_at + patience) {
      throw base::Error({.code = "CUT-006",
                         .exit = base::ExitCode::kState,
                         .title = fmt::format("changes up to {} do not arrive: nothing has moved for {} s",
                                              captured_->display(place), patience.count() / 1000),
                         .cause = captured ? "they are in the queue, and are not applied" : "they are not captured",
                         .fix = {"look at what export data and import data say, in their windows or logs"}});
    }
    if (!clock.sleep_for(kLook, stop)) base::throw_if_draining(stop, "the comparison was stopped", "run it again");
  }
}

}  // namespace voyager::migration

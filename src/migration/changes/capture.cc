#include "migration/changes/capture.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "base/text.h"
#include "connector/begin_anew.h"

namespace voyager::migration {
namespace {

constexpr std::chrono::milliseconds kLookAtSpaceEvery{50};
constexpr int kTriesMax = 30;
constexpr std::chrono::milliseconds kFirstWait{200};
constexpr std::chrono::milliseconds kLongestWait{20'000};

}  // namespace

// The segment is synced, the state knows, and only then is the source told.
void Capture::make_safe(const connector::ChangeBatch& batch) {
  queue_.note();
  noted_at_ = clock_.now();
  source_.confirm(batch.end);
}

// What is left has to take what is in hand, the segment's end and the state. Between two looks no more is written than
// the source can send in that time.
bool Capture::disk_is_full() {
  const auto now = clock_.now();
  if (policy_.queue_dir.empty() || now < space_seen_at_ + kLookAtSpaceEvery) return waits_for_space_;
  space_seen_at_ = now;
  const bool full = base::free_bytes(policy_.queue_dir) < policy_.free_bytes_min;
  // What is kept of transactions that are not committed would wait there for an end that is not read.
  if (full && source_.keep_nothing_uncommitted()) open_ = false;
  if (full != waits_for_space_) {
    base::log_warn(full ? "capture waits: the disk of the queue is nearly full" : "capture goes on: there is space");
  }
  return waits_for_space_ = full;
}

void Capture::look_at_tables() {
  if (clock_.now() < next_look_at_tables_) return;
  next_look_at_tables_ = clock_.now() + policy_.tables_every;
  tables_ = source_.tables();
}

// Somebody has said that the source's disk is worth more than this migration.
void Capture::give_up(std::uint64_t retained_bytes) {
  source_.abandon();
  throw base::Error({.code = "CDC-007",
                     .exit = base::ExitCode::kLimitCrossed,
                     .title = fmt::format("the source kept {} of its log for this migration, more than it may",
                                          base::format_bytes(retained_bytes)),
                     .cause =
                         "--retained-wal-policy is stop: the replication slot was dropped, so that the source's disk "
                         "does not fill up",
                     .fix = connector::begin_both_anew(),
                     .then = "changes since the last captured one cannot be had any more"});
}

CaptureProgress Capture::progress_of(const connector::ChangeBatch& batch) {
  look_at_tables();
  const connector::SourceLag lag = source_.lag();
  const bool too_much = policy_.retained_bytes_max > 0 && lag.retained_bytes > policy_.retained_bytes_max;
  if (too_much && policy_.stop_at_retained_max) give_up(lag.retained_bytes);
  return {.changes = queue_.changes(),
          .changes_total = queue_.changes_total(),
          .next_vsn = queue_.next_vsn(),
          .committed_at_micros = batch.committed_at_micros,
          .caught_up = batch.caught_up && !waits_for_space_,
          .waits_for_space = waits_for_space_,
          .lag = lag,
          .retains_too_much = too_much,
          .tables = tables_,
          .value_changes = source_.value_changes(),
          .by_table = queue_.by_table()};
}

void Capture::step(connector::ChangeBatch& batch) {
  if (disk_is_full()) {
    // The source keeps its log meanwhile; it only has to hear that somebody is there.
    batch.caught_up = false;
    if (!open_) return;
    make_safe(batch);
    (void)clock_.sleep_for(policy_.patience, stop_);
    return;
  }
  // What was read is synced when the source has no more; of a backlog, seldom.
  std::chrono::milliseconds patience = policy_.patience;
  if (queue_.bytes_since_sync() > 0) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(unsynced_since_ + policy_.longest_unsynced - clock_.now());
    patience = std::clamp(left, std::chrono::milliseconds(0), policy_.patience);
  }
  if (queue_.unnoted() && queue_.bytes_since_sync() == 0) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(noted_at_ + policy_.notes_every - clock_.now());
    patience = std::clamp(left, std::chrono::milliseconds(0), patience);
  }
  try {
    source_.poll(batch, patience, policy_.bytes_per_poll);
  } catch (const base::Error&) {
    // Where a source cannot be followed any further, what came before is all that there is: it is not lost with us.
    queue_.note();
    throw;
  }
  if (!batch.records.empty()) {
    if (queue_.bytes_since_sync() == 0) unsynced_since_ = clock_.now();
    queue_.append(batch.records, batch.end);
  }
  const bool much = queue_.bytes_since_sync() >= policy_.bytes_between_syncs ||
                    (queue_.bytes_since_sync() > 0 && clock_.now() >= unsynced_since_ + policy_.longest_unsynced);
  // Of what comes in small pieces importers have each at once. The state and the source are told of several: both are
  // asked only when somebody looks, or begins again.
  const bool news = queue_.unnoted() || queue_.bytes_since_sync() > 0;
  const bool whole = batch.caught_up || queue_.bytes_since_sync() == 0;
  const bool late = whole && clock_.now() >= noted_at_ + policy_.notes_every;
  if (much || late || (batch.caught_up && !news)) {
    make_safe(batch);
  } else if (batch.caught_up) {
    queue_.sync();
  }
}

CaptureEnd Capture::run(const std::function<CaptureOrders()>& orders,
                        const std::function<void(const CaptureProgress&)>& progress) {
  connector::ChangeBatch batch;
  std::string cutover;
  std::optional<model::Position> fence;
  auto next_look = clock_.now();
  int failures = 0;
  std::chrono::milliseconds wait = kFirstWait;
  while (true) {
    try {
      if (!open_) source_.open(queue_.position().bytes.empty() ? start_.position : queue_.position(), start_.scope);
      open_ = true;
      step(batch);
      failures = 0;
      wait = kFirstWait;
      if (clock_.now() >= next_look) {
        next_look = clock_.now() + policy_.orders_every;
        if (cutover.empty()) cutover = orders().cutover;
        progress(progress_of(batch));
      }
      // What was committed before the order is captured before the capture ends, also when it is read only now.
      if (!cutover.empty() && !fence) fence = source_.end_of_log();
      if (fence && source_.has_seen(*fence) && !batch.in_transaction) {
        // The last word on which tables were captured to the end.
        next_look_at_tables_ = {};
        progress(progress_of(batch));
        queue_.control(cutover, batch.end);
        queue_.close();
        // Nothing is asked of the source any more: a failure would capture on behind the end.
        progress({.changes = queue_.changes(),
                  .changes_total = queue_.changes_total(),
                  .caught_up = true,
                  .by_table = queue_.by_table()});
        return CaptureEnd::kCutover;
      }
      if (stop_.draining()) {
        make_safe(batch);
        return CaptureEnd::kStopped;
      }
    } catch (const base::Error& error) {
      // Importers have what is safe, whatever ends the capture.
      if (queue_.bytes_since_sync() == 0) queue_.note();
      if (error.info().retry == base::Retry::kNever || ++failures > kTriesMax) throw;
      // What is not confirmed comes again.
      if (stop_.draining()) return CaptureEnd::kStopped;
      base::log_warn(std::string("capture goes on after: ") + error.what());
      const base::ErrorInfo& info = error.info();
      progress({.changes = queue_.changes(),
                .changes_total = queue_.changes_total(),
                .next_vsn = queue_.next_vsn(),
                .trouble = info.cause.empty() ? info.title : info.title + ": " + info.cause,
                .by_table = queue_.by_table()});
      // A stream that is opened again tells the source where the queue ends: that is on disk by then.
      queue_.note();
      open_ = false;
      if (!clock_.sleep_for(wait, stop_)) return CaptureEnd::kStopped;
      wait = std::min(wait * 2, kLongestWait);
    }
  }
}

}  // namespace voyager::migration

#include "migration/changes/capture.h"

#include <algorithm>
#include <optional>

#include "base/error.h"
#include "base/log.h"

namespace voyager::migration {
namespace {

constexpr int kTriesMax = 30;
constexpr std::chrono::milliseconds kFirstWait{200};
constexpr std::chrono::milliseconds kLongestWait{20'000};

}  // namespace

// The segment is synced, the state knows, and only then is the source told.
void Capture::make_safe(const connector::ChangeBatch& batch) {
  queue_.sync();
  source_.confirm(batch.end);
}

void Capture::step(connector::ChangeBatch& batch) {
  source_.poll(batch, policy_.patience, policy_.bytes_per_poll);
  if (!batch.records.empty()) {
    if (queue_.bytes_since_sync() == 0) unsynced_since_ = clock_.now();
    queue_.append(batch.records, batch.end);
  }
  const bool due = batch.caught_up || queue_.bytes_since_sync() >= policy_.bytes_between_syncs ||
                   clock_.now() >= unsynced_since_ + policy_.longest_unsynced;
  if (due) make_safe(batch);
}

CaptureEnd Capture::run(const std::function<CaptureOrders()>& orders,
                        const std::function<void(const CaptureProgress&)>& progress) {
  connector::ChangeBatch batch;
  std::string cutover;
  std::optional<model::Position> fence;
  auto next_look = clock_.now();
  int failures = 0;
  std::chrono::milliseconds wait = kFirstWait;
  bool open = false;
  while (true) {
    try {
      if (!open) source_.open(queue_.position().bytes.empty() ? start_.position : queue_.position(), start_.held);
      open = true;
      step(batch);
      failures = 0;
      wait = kFirstWait;
      if (cutover.empty() && clock_.now() >= next_look) {
        next_look = clock_.now() + policy_.orders_every;
        cutover = orders().cutover;
        progress({.changes = queue_.changes(),
                  .next_vsn = queue_.next_vsn(),
                  .committed_at_micros = batch.committed_at_micros,
                  .caught_up = batch.caught_up});
      }
      // What was committed before the order is captured before the capture ends, also when it is read only now.
      if (!cutover.empty() && !fence) fence = source_.end_of_log();
      if (fence && source_.has_seen(*fence) && !batch.in_transaction) {
        queue_.control(cutover, batch.end);
        queue_.close();
        return CaptureEnd::kCutover;
      }
      if (stop_.draining()) {
        make_safe(batch);
        return CaptureEnd::kStopped;
      }
    } catch (const base::Error& error) {
      if (stop_.draining() || error.info().retry == base::Retry::kNever || ++failures > kTriesMax) throw;
      base::log_warn(std::string("capture goes on after: ") + error.what());
      open = false;
      if (!clock_.sleep_for(wait, stop_)) return CaptureEnd::kStopped;
      wait = std::min(wait * 2, kLongestWait);
    }
  }
}

}  // namespace voyager::migration

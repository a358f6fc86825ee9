#include "migration/changes/batch_pacer.h"

#include <algorithm>
#include <utility>

namespace voyager::migration {
namespace {

// What is on its way has the earlier size. A window has to have many transactions, or what is counted is chance:
// changes are counted when their transaction is in.
constexpr double kSettleSeconds = 1.0;
constexpr double kWindowSeconds = 3.0;
constexpr double kTransactionsLeast = 30;
constexpr double kGain = 1.25;  // Less of a difference may be chance.
constexpr int kRestMost = 64;

}  // namespace

void BatchPacer::begin_window(double seconds, std::uint64_t changes) {
  window_begin_ = seconds + kSettleSeconds;
  window_changes_ = changes;
}

double BatchPacer::look(double seconds, std::uint64_t changes, bool fed) {
  if (window_begin_ < 0 || !fed) {
    begin_window(seconds, changes);
    return size_;
  }
  if (seconds <= window_begin_) {
    window_changes_ = changes;
    window_begin_ = std::max(window_begin_, seconds);
    return size_;
  }
  const double transactions = static_cast<double>(changes - window_changes_) / (usual_ * size_);
  if (seconds < window_begin_ + kWindowSeconds || transactions < kTransactionsLeast) return size_;
  const double rate = static_cast<double>(changes - window_changes_) / (seconds - window_begin_);
  const double size = size_;
  judge(rate);
  window_begin_ = size == size_ ? seconds : -1;  // Without a change there is nothing to settle.
  window_changes_ = changes;
  return size_;
}

void BatchPacer::judge(double rate) {
  if (before_ != 0) {
    const double before = std::exchange(before_, 0);
    if (rate >= rate_before_ * kGain) {
      rest_next_ = 4;  // And on in this direction.
    } else {
      size_ = before;
      larger_ = !larger_;
      rest_ = rest_next_;
      rest_next_ = std::min(kRestMost, 2 * rest_next_);
      return;
    }
  } else if (rest_ > 0) {
    --rest_;
    return;
  }
  const double next = std::clamp(larger_ ? 2 * size_ : size_ / 2, kLeast, kMost);
  if (next == size_) {
    larger_ = !larger_;
    rest_ = rest_next_;
    return;
  }
  before_ = size_;
  rate_before_ = rate;
  size_ = next;
}

}  // namespace voyager::migration

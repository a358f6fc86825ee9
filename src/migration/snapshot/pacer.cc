#include "migration/snapshot/pacer.h"

#include <algorithm>

namespace voyager::migration {
namespace {

// After a change buffers on the way fill or run empty, which is no speed.
constexpr double kSettleSeconds = 0.5;
constexpr double kWindowSeconds = 1.0;
// Less of a difference may be chance.
constexpr double kGain = 1.05;
constexpr double kLoss = 0.95;
constexpr int kRestMost = 32;

}  // namespace

Pacer::Pacer(int begin, int most) : most_(std::max(1, most)), allowed_(std::clamp(begin, 1, std::max(1, most))) {}

void Pacer::start_window(double seconds, std::uint64_t bytes) {
  window_begin_ = seconds + kSettleSeconds;
  window_bytes_ = bytes;
}

void Pacer::try_number(int number) {
  allowed_ = std::clamp(number, 1, most_);
  window_begin_ = -1;
}

// Whatever it costs, and whether or not there is enough to send; each step is given time to show.
void Pacer::give_way(double seconds) {
  if (gave_way_ && seconds - *gave_way_ < kSettleSeconds + kWindowSeconds) return;
  gave_way_ = seconds;
  before_ = 0;
  doubling_ = trimming_ = false;
  rest_ = kRestMost;
  try_number(allowed_ - 1);
}

int Pacer::look(double seconds, std::uint64_t bytes, const Strain& strain, bool fed) {
  if (strain.memory) {
    give_way(seconds);
    return allowed_;
  }
  gave_way_.reset();
  if (window_begin_ < 0 || !fed) {
    start_window(seconds, bytes);
    return allowed_;
  }
  if (seconds <= window_begin_) {
    window_bytes_ = bytes;  // Still settling.
    window_begin_ = std::max(window_begin_, seconds);
    return allowed_;
  }
  if (seconds < window_begin_ + kWindowSeconds) return allowed_;
  const double rate = static_cast<double>(bytes - window_bytes_) / (seconds - window_begin_);
  window_begin_ = seconds;  // Without a change there is nothing to settle.
  window_bytes_ = bytes;
  judge(rate, strain);
  return allowed_;
}

void Pacer::judge(double rate, const Strain& strain) {
  double compared = rate;  // with the next step
  if (before_ != 0) {      // A step was taken: was it a good one?
    const bool up = allowed_ > before_;
    const bool good = up ? rate >= rate_before_ * kGain : rate >= rate_before_ * kLoss;
    const int back = before_;
    before_ = 0;
    if (good) {
      rest_next_ = 4;
      if (!up) compared = std::max(rate, rate_before_);  // Many small losses are a large one.
      // Twice as many that bring less than twice as much are too many.
      trimming_ |= doubling_ && up && rate < rate_before_ * allowed_ / back * kLoss;
      doubling_ &= !trimming_;
    } else {
      doubling_ = trimming_ = false;
      rest_ = rest_next_;
      rest_next_ = std::min(kRestMost, 2 * rest_next_);
      try_number(back);
      return;
    }
  }
  int next = allowed_;
  if (rest_ > 0) {
    --rest_;
    return;
  }
  if (strain.cpu || trimming_) {
    next = allowed_ - 1;
  } else {
    next = doubling_ ? 2 * allowed_ : allowed_ + 1;
  }
  next = std::clamp(next, 1, most_);
  if (next == allowed_) return;
  before_ = allowed_;
  rate_before_ = compared;
  try_number(next);
}

}  // namespace voyager::migration

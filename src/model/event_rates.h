// How fast a counter grew lately.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>

namespace voyager::model {

/// Samples of a counter, kept for ten minutes at ten-second distance. One thread.
class EventRates {
 public:
  using Instant = std::chrono::steady_clock::time_point;
  /// A run that begins with the counter at 0.
  explicit EventRates(Instant begin) : begin_(begin) { samples_.push_back({begin, 0}); }

  /// `now` never goes back.
  void note(Instant now, std::uint64_t total);
  /// Events a second in the window that ends at the last note; of a younger run, since it began.
  std::uint64_t per_second(std::chrono::seconds window) const;
  std::chrono::duration<double> age() const { return last_.at - begin_; }

 private:
  struct Sample {
    Instant at = {};
    std::uint64_t total = 0;
  };
  const Instant begin_;
  std::deque<Sample> samples_ = {};
  Sample last_ = {.at = begin_};
};

}  // namespace voyager::model

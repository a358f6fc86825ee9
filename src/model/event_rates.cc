#include "model/event_rates.h"

namespace voyager::model {
namespace {

constexpr std::chrono::seconds kDistance{10};
constexpr std::chrono::seconds kKept{610};

}  // namespace

void EventRates::note(Instant now, std::uint64_t total) {
  last_ = {now, total};
  if (now - samples_.back().at >= kDistance) samples_.push_back(last_);
  while (samples_.size() > 1 && samples_[1].at < now - kKept) samples_.pop_front();
}

std::uint64_t EventRates::per_second(std::chrono::seconds window) const {
  Sample from = samples_.front();
  for (const Sample& one : samples_) {
    if (one.at <= last_.at - window) from = one;
  }
  const double seconds = std::chrono::duration<double>(last_.at - from.at).count();
  if (seconds <= 0) return 0;
  return static_cast<std::uint64_t>(static_cast<double>(last_.total - from.total) / seconds);
}

}  // namespace voyager::model

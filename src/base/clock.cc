#include "base/clock.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <ctime>

namespace voyager::base {
namespace {

class SystemClock final : public Clock {
 public:
  Instant now() const override { return std::chrono::steady_clock::now(); }
  std::chrono::system_clock::time_point wall() const override { return std::chrono::system_clock::now(); }
  bool sleep_for(std::chrono::milliseconds duration, const Stop& stop) const override {
    const Instant end = now() + duration;
    while (!stop.draining()) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - now());
      if (left.count() <= 0) return true;
      pollfd wait = {.fd = stop.drain_descriptor(), .events = POLLIN, .revents = 0};
      constexpr std::chrono::milliseconds::rep kLongest = 3'600'000;  // poll counts in int
      ::poll(&wait, 1, static_cast<int>(std::min(left.count(), kLongest)));
    }
    return false;
  }
};

}  // namespace

const Clock& system_clock() {
  static const SystemClock kClock;
  return kClock;
}

std::string utc_now(const char* format) {
  const std::time_t now = std::time(nullptr);
  std::tm parts = {};
  ::gmtime_r(&now, &parts);
  std::array<char, 64> text = {};
  return std::string(text.data(), std::strftime(text.data(), text.size(), format, &parts));
}

}  // namespace voyager::base

// Time: what is measured, what people read, and waiting.
#pragma once

#include <atomic>
#include <chrono>
#include <string>

#include "base/stop.h"

namespace voyager::base {

/// Passed to whatever waits or measures, so that tests need not. Thread-safe.
class Clock {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  virtual ~Clock() = default;
  /// For measuring: never jumps.
  virtual Instant now() const = 0;
  /// For people and for comparing with servers: jumps when somebody sets the machine's clock.
  virtual std::chrono::system_clock::time_point wall() const = 0;
  /// Waits, less when draining is asked. False when it was cut short.
  [[nodiscard]] virtual bool sleep_for(std::chrono::milliseconds duration, const Stop& stop) const = 0;
};

/// The machine's. Lives as long as the program.
const Clock& system_clock();

/// Stands still but for `advance`; a sleep advances it and returns at once.
class ManualClock final : public Clock {
 public:
  Instant now() const override { return Instant(std::chrono::milliseconds(passed_.load())); }
  std::chrono::system_clock::time_point wall() const override {
    return std::chrono::system_clock::time_point(std::chrono::milliseconds(passed_.load()));
  }
  bool sleep_for(std::chrono::milliseconds duration, const Stop& stop) const override {
    if (stop.draining()) return false;
    passed_ += duration.count();
    return true;
  }
  void advance(std::chrono::milliseconds duration) { passed_ += duration.count(); }

 private:
  mutable std::atomic<std::chrono::milliseconds::rep> passed_ = 0;
};

/// The wall clock in UTC, by a strftime format; the default reads 2006-01-02T15:04:05Z. For people and file names.
std::string utc_now(const char* format = "%Y-%m-%dT%H:%M:%SZ");

}  // namespace voyager::base

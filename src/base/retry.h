// Trying again, a bounded number of times.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/stop.h"

namespace voyager::base {

struct RetryPolicy {
  int tries_max = 10;
  std::chrono::milliseconds first_wait{200};
  std::chrono::milliseconds longest_wait{60'000};
};

/// Calls `body` until it returns. An Error whose class is kNow, kAfterPeers or kInDoubt is tried again after a wait
/// that doubles; kNever, the last try and a requested stop throw. `body` must itself ask what took effect (kInDoubt).
template <typename Body>
auto retry(const RetryPolicy& policy, const Clock& clock, const Stop& stop, Body&& body) {
  std::chrono::milliseconds wait = policy.first_wait;
  for (int tries = 1;; ++tries) {
    try {
      return body();
    } catch (const Error& error) {
      if (error.info().retry == Retry::kNever || tries >= policy.tries_max || stop.draining()) throw;
      log_warn(std::string("trying again (") + std::to_string(tries) + "): " + error.what());
      if (!clock.sleep_for(wait, stop)) throw;
      wait = std::min(wait * 2, policy.longest_wait);
    }
  }
}

}  // namespace voyager::base

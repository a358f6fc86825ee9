// A queue between threads that is bounded in items and in bytes.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include "base/stop.h"

namespace voyager::base {

/// Producers wait while it is full, consumers while it is empty; both look at `stop` at least every 100 ms. A single
/// item above `bytes_max` is let in when the queue is empty, so it cannot block for ever. Thread-safe.
template <typename T>
class BoundedQueue {
 public:
  BoundedQueue(std::size_t items_max, std::size_t bytes_max) : items_max_(items_max), bytes_max_(bytes_max) {}

  /// False when stopped or closed; `item` is then dropped.
  bool push(T item, std::size_t bytes, const Stop& stop) {
    std::unique_lock lock(mutex_);
    while (!closed_ && !items_.empty() && (items_.size() >= items_max_ || bytes_ + bytes > bytes_max_)) {
      if (stop.draining()) return false;
      changed_.wait_for(lock, kLook);
    }
    if (closed_ || stop.draining()) return false;
    bytes_ += bytes;
    items_.emplace_back(std::move(item), bytes);
    changed_.notify_all();
    return true;
  }

  /// Nothing when the queue is closed and empty, or when stopped.
  std::optional<T> pop(const Stop& stop) {
    std::unique_lock lock(mutex_);
    while (items_.empty()) {
      if (closed_ || stop.draining()) return std::nullopt;
      changed_.wait_for(lock, kLook);
    }
    if (stop.draining()) return std::nullopt;
    std::pair<T, std::size_t> front = std::move(items_.front());
    items_.pop_front();
    bytes_ -= front.second;
    changed_.notify_all();
    return std::move(front.first);
  }

  /// No more items will come; what is inside can still be popped.
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

 private:
  static constexpr std::chrono::milliseconds kLook{100};
  const std::size_t items_max_;
  const std::size_t bytes_max_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::pair<T, std::size_t>> items_;  // guarded by mutex_
  std::size_t bytes_ = 0;                        // guarded by mutex_
  bool closed_ = false;                          // guarded by mutex_
};

}  // namespace voyager::base

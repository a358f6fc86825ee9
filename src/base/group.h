// Threads that live and fail together.
#pragma once

#include <exception>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "base/stop.h"

namespace voyager::base {

/// Runs functions on threads of their own. The first exception is kept, asks `stop` to drain so that the others finish
/// what they have in hand, and is thrown again by `join`. The destructor joins too (and drops the exception).
class Group {
 public:
  explicit Group(Stop& stop) : stop_(stop) {}
  ~Group();
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;

  /// `name` appears in the log and in the thread's name (15 bytes of it).
  void spawn(std::string name, std::function<void()> body);
  /// Waits for all; throws the first exception.
  void join();

 private:
  Stop& stop_;
  std::vector<std::thread> threads_;
  Mutex mutex_;
  std::exception_ptr first_ VOY_GUARDED_BY(mutex_);
};

}  // namespace voyager::base

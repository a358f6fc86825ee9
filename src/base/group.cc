#include "base/group.h"

#include <pthread.h>

#include <utility>

#include "base/log.h"

namespace voyager::base {

Group::~Group() {
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void Group::spawn(std::string name, std::function<void()> body) {
  threads_.emplace_back([this, name = std::move(name), body = std::move(body)] {
    ::pthread_setname_np(::pthread_self(), name.substr(0, 15).c_str());
    try {
      body();
    } catch (const std::exception& error) {
      log_error(name + " ends: " + error.what());
      const MutexLock lock(mutex_);
      if (!first_) first_ = std::current_exception();
      stop_.request_drain();
    }
  });
}

void Group::join() {
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
  threads_.clear();
  const MutexLock lock(mutex_);
  if (first_) std::rethrow_exception(std::exchange(first_, nullptr));
}

}  // namespace voyager::base

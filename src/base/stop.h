// Asking running work to end, in two steps.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>

namespace voyager::base {

/// Shared by a command and all its threads. Step 1, *drain*: take no new work, finish and save what is in hand. Step 2,
/// *cancel*: end now; whatever is in hand is undone by the servers or done again by the next run. Thread-safe.
class Stop {
 public:
  Stop() = default;
  /// For a part of a run that may fail alone: asked to end whenever `outer` is, while a request to this one stays here.
  /// `outer` must outlive it.
  explicit Stop(const Stop* outer) : outer_(outer) {}
  Stop(const Stop&) = delete;
  Stop& operator=(const Stop&) = delete;
  void request_drain(int signal_number = 0);
  void request_cancel();
  bool draining() const { return level() >= 1; }
  bool cancelled() const { return level() >= 2; }
  /// The signal that asked first, or 0 when our own code did (a worker failed).
  int signal_number() const {
    return outer_ != nullptr && outer_->draining() ? outer_->signal_number() : signal_.load();
  }
  /// Sleeps for `duration`, less when draining is requested. Returns false when it was cut short.
  bool sleep_for(std::chrono::milliseconds duration) const;

 private:
  int level() const {
    const int own = level_.load(std::memory_order_relaxed);
    return outer_ == nullptr ? own : std::max(own, outer_->level());
  }

  const Stop* const outer_ = nullptr;
  std::atomic<int> level_ = 0;
  std::atomic<int> signal_ = 0;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
};

/// Throws the Error of a run that was asked to end (ExitCode kInterrupted or kTerminated), with `then` saying what is
/// kept and how to go on; does nothing when nobody asked.
void throw_if_draining(const Stop& stop, const std::string& title, const std::string& then);

/// While alive, SIGINT and SIGTERM drain `stop`, a second one cancels it, and SIGPIPE is ignored. When the run has not
/// ended 5 s after the second, the process exits there with 128 + the first signal's number. One at a time, made by the
/// command on the main thread.
class SignalGuard {
 public:
  explicit SignalGuard(Stop& stop);
  ~SignalGuard();
  SignalGuard(const SignalGuard&) = delete;
  SignalGuard& operator=(const SignalGuard&) = delete;

 private:
  struct Impl;
  Impl* impl_;
};

}  // namespace voyager::base

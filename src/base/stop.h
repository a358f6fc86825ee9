// Asking running work to end, in two steps.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "base/mutex.h"

namespace voyager::base {

/// Shared by a command and all its threads. Step 1, *drain*: take no new work, finish and save what is in hand. Step 2,
/// *cancel*: end now; whatever is in hand is undone by the servers or done again by the next run. Thread-safe. Waits
/// that are not a socket's go through Clock::sleep_for; those that are poll one of the descriptors beside it.
class Stop {
 public:
  Stop() : Stop(nullptr) {}
  /// For a part of a run that may fail alone: asked to end whenever `outer` is, while a request to this one stays here.
  /// `outer` must outlive it.
  explicit Stop(Stop* outer);
  ~Stop();
  Stop(const Stop&) = delete;
  Stop& operator=(const Stop&) = delete;

  void request_drain(int signal_number = 0) VOY_EXCLUDES(mutex_);
  void request_cancel() VOY_EXCLUDES(mutex_);
  bool draining() const { return level_.load(std::memory_order_relaxed) >= kDrain; }
  bool cancelled() const { return level_.load(std::memory_order_relaxed) >= kCancel; }
  /// The signal that asked first, or 0 when our own code did (a worker failed).
  int signal_number() const { return signal_.load(std::memory_order_relaxed); }

  /// For poll(2): readable from the moment on that draining, or cancelling, is asked. Never read from; valid as long as
  /// this object.
  int drain_descriptor() const { return drain_event_; }
  int cancel_descriptor() const { return cancel_event_; }

 private:
  static constexpr int kDrain = 1;
  static constexpr int kCancel = 2;
  void raise_to(int level, int signal_number) VOY_EXCLUDES(mutex_);

  Stop* const outer_;
  const int drain_event_;
  const int cancel_event_;
  std::atomic<int> level_ = 0;   // written under mutex_
  std::atomic<int> signal_ = 0;  // written under mutex_
  Mutex mutex_;                  // an outer one's is taken before an inner one's
  std::vector<Stop*> inner_ VOY_GUARDED_BY(mutex_) = {};
};

/// Throws the Error of a run that was asked to end (ExitCode kInterrupted or kTerminated), with `then` saying what is
/// kept and how to go on; does nothing when nobody asked.
void throw_if_draining(const Stop& stop, const std::string& title, const std::string& then);

/// While alive, SIGINT and SIGTERM drain `stop`, a second one cancels it, and SIGPIPE is ignored. From then on the
/// signals do again what they did before, so a third ends the process. One at a time, made by the command on the main
/// thread.
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

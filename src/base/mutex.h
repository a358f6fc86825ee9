// A mutex whose use the compiler can check: clang's -Wthread-safety reads the annotations, other compilers skip them.
// https://clang.llvm.org/docs/ThreadSafetyAnalysis.html
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define VOY_ANNOTATION(x) __attribute__((x))
#else
#define VOY_ANNOTATION(x)
#endif
#define VOY_GUARDED_BY(mutex) VOY_ANNOTATION(guarded_by(mutex))  ///< A member: touched only while the mutex is held.
#define VOY_REQUIRES(mutex) VOY_ANNOTATION(requires_capability(mutex))  ///< A function: its caller holds the mutex.
#define VOY_EXCLUDES(mutex) VOY_ANNOTATION(locks_excluded(mutex))       ///< A function: its caller must not hold it.

namespace voyager::base {

/// std::mutex with annotations.
class VOY_ANNOTATION(capability("mutex")) Mutex {
 public:
  void lock() VOY_ANNOTATION(acquire_capability()) { mutex_.lock(); }
  void unlock() VOY_ANNOTATION(release_capability()) { mutex_.unlock(); }

 private:
  friend class MutexLock;
  std::mutex mutex_;
};

/// Holds a Mutex for a scope.
class VOY_ANNOTATION(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) VOY_ANNOTATION(acquire_capability(mutex)) : lock_(mutex.mutex_) {}
  ~MutexLock() VOY_ANNOTATION(release_capability()) = default;
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

  /// For what takes long in the middle of a scope; taken again before its end or not.
  void unlock() VOY_ANNOTATION(release_capability()) { lock_.unlock(); }
  void lock() VOY_ANNOTATION(acquire_capability()) { lock_.lock(); }

  /// Gives the mutex up while waiting. The caller looks again at what it waits for: a wake-up proves nothing.
  void wait(std::condition_variable& changed) { changed.wait(lock_); }
  void wait_for(std::condition_variable& changed, std::chrono::milliseconds longest) {
    changed.wait_for(lock_, longest);
  }

 private:
  std::unique_lock<std::mutex> lock_;
};

}  // namespace voyager::base

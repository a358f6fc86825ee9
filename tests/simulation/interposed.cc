// The C library's calls that threads wait by, replaced for this program and for every library that it loads: a thread
// that takes part waits by the baton. Others, and what is no wait, go to the C library.
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <random>

#include "baton.h"
#include "baton_control.h"

namespace voyager::simulation {
namespace {

template <typename Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}
#define VOY_REAL(name)                                              \
  (([]() -> decltype(&::name) {                                     \
    static decltype(&::name) kReal = real<decltype(::name)>(#name); \
    return kReal;                                                   \
  })())

constexpr std::uint64_t kMicro = 1'000'000;

timespec to_time(std::uint64_t us, std::uint64_t begin_s) {
  return {.tv_sec = static_cast<time_t>(begin_s + us / kMicro), .tv_nsec = static_cast<long>(us % kMicro * 1000)};
}
std::uint64_t to_us(const timespec& time) {
  return static_cast<std::uint64_t>(time.tv_sec) * kMicro + static_cast<std::uint64_t>(time.tv_nsec) / 1000;
}
constexpr std::uint64_t begin_of(clockid_t clock) {
  return clock == CLOCK_REALTIME ? kWallBegin_s : 1000;
}

// Joined and detached threads of this process.
struct Made {
  pthread_t thread = {};
  int number = -1;
  std::uintptr_t object = 0;
};
std::array<Made, 256> g_made;

struct Start {
  void* (*body)(void*) = nullptr;
  void* argument = nullptr;
  int number = 0;
};

void* run_thread(void* given) {
  auto* start = static_cast<Start*>(given);
  const Start mine = *start;
  enter_thread(mine.number);
  delete start;
  void* out = mine.body(mine.argument);
  leave_thread();
  return out;
}

bool is_ready(int fd, short events) {
  pollfd one = {.fd = fd, .events = events, .revents = 0};
  return VOY_REAL(poll)(&one, 1, 0) != 0;
}

std::uint64_t deadline_of(clockid_t clock, const timespec& until) {
  const std::uint64_t us = to_us(until);
  const std::uint64_t begin = begin_of(clock) * kMicro;
  return us > begin ? us - begin : 0;
}

int wait_on(pthread_cond_t* changed, pthread_mutex_t* mutex, std::uint64_t until) {
  ::pthread_mutex_unlock(mutex);
  const bool woken = wait_for(reinterpret_cast<std::uintptr_t>(changed), until);
  ::pthread_mutex_lock(mutex);
  return woken ? 0 : ETIMEDOUT;
}

int sleep_for(const timespec* duration) {
  sleep_us(to_us(*duration));
  return 0;
}

}  // namespace
}  // namespace voyager::simulation

using namespace voyager::simulation;  // NOLINT: what follows stands in for the C library

extern "C" {

int pthread_mutex_lock(pthread_mutex_t* mutex) {
  if (!takes_part()) return VOY_REAL(pthread_mutex_lock)(mutex);
  breathe();
  while (true) {
    const int result = VOY_REAL(pthread_mutex_trylock)(mutex);
    if (result != EBUSY) return result;
    (void)wait_for(reinterpret_cast<std::uintptr_t>(mutex), kNever);
  }
}

int pthread_mutex_unlock(pthread_mutex_t* mutex) {
  const int result = VOY_REAL(pthread_mutex_unlock)(mutex);
  if (takes_part()) wake(reinterpret_cast<std::uintptr_t>(mutex), true);
  return result;
}

int pthread_cond_wait(pthread_cond_t* changed, pthread_mutex_t* mutex) {
  if (!takes_part()) return VOY_REAL(pthread_cond_wait)(changed, mutex);
  return wait_on(changed, mutex, kNever);
}
int pthread_cond_timedwait(pthread_cond_t* changed, pthread_mutex_t* mutex, const timespec* until) {
  if (!takes_part()) return VOY_REAL(pthread_cond_timedwait)(changed, mutex, until);
  return wait_on(changed, mutex, deadline_of(CLOCK_REALTIME, *until));
}
int pthread_cond_clockwait(pthread_cond_t* changed, pthread_mutex_t* mutex, clockid_t clock, const timespec* until) {
  if (!takes_part()) return VOY_REAL(pthread_cond_clockwait)(changed, mutex, clock, until);
  return wait_on(changed, mutex, deadline_of(clock, *until));
}
int pthread_cond_signal(pthread_cond_t* changed) {
  if (!takes_part()) return VOY_REAL(pthread_cond_signal)(changed);
  wake(reinterpret_cast<std::uintptr_t>(changed), false);
  return 0;
}
int pthread_cond_broadcast(pthread_cond_t* changed) {
  if (!takes_part()) return VOY_REAL(pthread_cond_broadcast)(changed);
  wake(reinterpret_cast<std::uintptr_t>(changed), true);
  return 0;
}

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*body)(void*), void* argument) {
  if (!takes_part()) return VOY_REAL(pthread_create)(thread, attributes, body, argument);
  std::uintptr_t object = 0;
  const int number = begin_thread(object);
  const int result = VOY_REAL(pthread_create)(thread, attributes, run_thread, new Start{body, argument, number});
  if (result != 0) {
    forget_thread(number);
    return result;
  }
  for (Made& one : g_made) {
    if (one.number >= 0) continue;
    one = {.thread = *thread, .number = number, .object = object};
    break;
  }
  return 0;
}

int pthread_join(pthread_t thread, void** result) {
  if (takes_part()) {
    for (Made& one : g_made) {
      if (one.number < 0 || ::pthread_equal(one.thread, thread) == 0) continue;
      while (!has_left(one.number)) (void)wait_for(one.object, kNever);
      const int number = one.number;
      one = {};
      const int out = VOY_REAL(pthread_join)(thread, result);
      forget_thread(number);
      return out;
    }
  }
  return VOY_REAL(pthread_join)(thread, result);
}

int nanosleep(const timespec* duration, timespec* left) {
  return takes_part() ? sleep_for(duration) : VOY_REAL(nanosleep)(duration, left);
}
int clock_nanosleep(clockid_t clock, int flags, const timespec* duration, timespec* left) {
  return takes_part() && flags == 0 ? sleep_for(duration) : VOY_REAL(clock_nanosleep)(clock, flags, duration, left);
}
int usleep(useconds_t duration) {
  if (!takes_part()) return VOY_REAL(usleep)(duration);
  sleep_us(duration);
  return 0;
}
unsigned sleep(unsigned seconds) {
  if (!takes_part()) return VOY_REAL(sleep)(seconds);
  sleep_us(seconds * kMicro);
  return 0;
}

int poll(pollfd* descriptors, nfds_t count, int timeout_ms) {
  if (!takes_part()) return VOY_REAL(poll)(descriptors, count, timeout_ms);
  const std::uint64_t until = timeout_ms < 0 ? kNever : now_us() + static_cast<std::uint64_t>(timeout_ms) * 1000;
  while (true) {
    const int ready = VOY_REAL(poll)(descriptors, count, 0);
    if (ready != 0 || now_us() >= until) return ready;
    (void)wait_for(kDescriptors, until);
  }
}
ssize_t read(int fd, void* bytes, size_t count) {
  const bool waits = takes_part() && (::fcntl(fd, F_GETFL) & O_NONBLOCK) == 0;
  while (waits && !is_ready(fd, POLLIN)) (void)wait_for(kDescriptors, kNever);
  return VOY_REAL(read)(fd, bytes, count);
}
// Descriptors that others of the process wait for are told by a byte, or by the number of an event.
ssize_t write(int fd, const void* bytes, size_t count) {
  const ssize_t result = VOY_REAL(write)(fd, bytes, count);
  if (count <= sizeof(std::uint64_t)) wake(kDescriptors, true);
  return result;
}

int clock_gettime(clockid_t clock, timespec* out) {
  const bool measured = clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC;
  if (!takes_part() || !measured) return VOY_REAL(clock_gettime)(clock, out);
  *out = to_time(now_us(), begin_of(clock));
  return 0;
}
time_t time(time_t* out) noexcept {
  timespec now = {};
  ::clock_gettime(CLOCK_REALTIME, &now);
  if (out != nullptr) *out = now.tv_sec;
  return now.tv_sec;
}
int gettimeofday(timeval* out, void*) noexcept {
  timespec now = {};
  ::clock_gettime(CLOCK_REALTIME, &now);
  *out = {.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
  return 0;
}

// Nothing here outlives the machine; what matters is what a kill leaves behind before and after.
int fsync(int fd) {
  if (!takes_part()) return VOY_REAL(fsync)(fd);
  point("sync");
  return 0;
}
int fdatasync(int fd) {
  if (!takes_part()) return VOY_REAL(fdatasync)(fd);
  point("sync");
  return 0;
}
int rename(const char* from, const char* to) noexcept {
  if (takes_part()) point("before rename");
  const int result = VOY_REAL(rename)(from, to);
  if (takes_part()) point("after rename");
  return result;
}

}  // extern "C"

// The seed of everything that is named at random.
std::random_device::result_type std::random_device::_M_getval() {
  return takes_part() ? static_cast<result_type>(draw(1ULL << 32U)) : 1;
}

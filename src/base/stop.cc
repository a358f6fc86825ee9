#include "base/stop.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <thread>

#include "base/error.h"

namespace voyager::base {

void Stop::request_drain(int signal_number) {
  {
    const std::lock_guard lock(mutex_);
    if (level_ == 0) {
      level_ = 1;
      signal_ = signal_number;
    }
  }
  changed_.notify_all();
}

void Stop::request_cancel() {
  {
    const std::lock_guard lock(mutex_);
    level_ = 2;
  }
  changed_.notify_all();
}

bool Stop::sleep_for(std::chrono::milliseconds duration) const {
  // Nobody wakes us when the outer one is asked: it is looked at often enough for a person not to notice.
  constexpr std::chrono::milliseconds kLook(50);
  const auto end = std::chrono::steady_clock::now() + duration;
  std::unique_lock lock(mutex_);
  while (!draining()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    if (left.count() <= 0) return true;
    changed_.wait_for(lock, outer_ == nullptr ? left : std::min(left, kLook));
  }
  return false;
}

void throw_if_draining(const Stop& stop, const std::string& title, const std::string& then) {
  if (!stop.draining()) return;
  throw Error({.exit = stop.signal_number() == SIGTERM ? ExitCode::kTerminated : ExitCode::kInterrupted,
               .title = title,
               .then = then});
}

namespace {
constexpr int kCancelGraceMilliseconds = 5'000;

// The handler's only way out: it writes the signal's number into this pipe and returns.
std::array<int, 2> g_signal_pipe = {-1, -1};

void on_signal(int number) {
  const int saved = errno;
  const auto byte = static_cast<unsigned char>(number);
  [[maybe_unused]] const ssize_t written = ::write(g_signal_pipe[1], &byte, 1);
  errno = saved;
}
}  // namespace

struct SignalGuard::Impl {
  Stop& stop;
  std::thread listener;
  struct sigaction old_int = {};
  struct sigaction old_term = {};
  struct sigaction old_pipe = {};
};

namespace {

// Waits for what the handler writes; false when nothing comes in time.
bool next_signal(int timeout_milliseconds, unsigned char& byte) {
  pollfd wait = {g_signal_pipe[0], POLLIN, 0};
  while (true) {
    const int ready = ::poll(&wait, 1, timeout_milliseconds);
    if (ready > 0) return ::read(g_signal_pipe[0], &byte, 1) == 1;
    if (ready == 0 || errno != EINTR) return false;
  }
}

void listen(Stop& stop) {
  unsigned char byte = 0;
  if (!next_signal(-1, byte) || byte == 0) return;
  // The first signal also counts as first when our own code asked to drain before it.
  stop.request_drain(byte);
  const int exit_code = 128 + byte;
  if (!next_signal(-1, byte) || byte == 0) return;
  stop.request_cancel();
  // A server that is busy with one long statement lets nobody go. Ending the process there is as safe as a kill, which
  // every run survives.
  while (next_signal(kCancelGraceMilliseconds, byte)) {
    if (byte == 0) return;
  }
  ::_exit(exit_code);
}

}  // namespace

SignalGuard::SignalGuard(Stop& stop) : impl_(new Impl{.stop = stop, .listener = {}}) {
  VOY_ASSERT(g_signal_pipe[0] == -1);
  VOY_ASSERT(::pipe2(g_signal_pipe.data(), O_CLOEXEC) == 0);
  impl_->listener = std::thread([this] { listen(impl_->stop); });
  struct sigaction action = {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGINT, &action, &impl_->old_int);
  ::sigaction(SIGTERM, &action, &impl_->old_term);
  action.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &action, &impl_->old_pipe);
}

SignalGuard::~SignalGuard() {
  ::sigaction(SIGINT, &impl_->old_int, nullptr);
  ::sigaction(SIGTERM, &impl_->old_term, nullptr);
  ::sigaction(SIGPIPE, &impl_->old_pipe, nullptr);
  const unsigned char end = 0;
  [[maybe_unused]] const ssize_t written = ::write(g_signal_pipe[1], &end, 1);
  impl_->listener.join();
  ::close(g_signal_pipe[0]);
  ::close(g_signal_pipe[1]);
  g_signal_pipe = {-1, -1};
  delete impl_;
}

}  // namespace voyager::base

#include "base/stop.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <thread>

#include "base/error.h"

namespace voyager::base {

namespace {

int new_event() {
  const int event = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (event < 0) {
    throw Error({.title = "cannot get a file descriptor",
                 .cause = std::strerror(errno),
                 .fix = {"raise the limit of open files (ulimit -n)"}});
  }
  return event;
}

void make_readable(int event) {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(event, &one, sizeof one);
}

}  // namespace

Stop::Stop(Stop* outer) : outer_(outer), drain_event_(new_event()), cancel_event_(new_event()) {
  if (outer_ == nullptr) return;
  const MutexLock lock(outer_->mutex_);
  outer_->inner_.push_back(this);
  if (outer_->level_ > 0) raise_to(outer_->level_, outer_->signal_);
}

Stop::~Stop() {
  if (outer_ != nullptr) {
    const MutexLock lock(outer_->mutex_);
    std::erase(outer_->inner_, this);
  }
  ::close(drain_event_);
  ::close(cancel_event_);
}

void Stop::raise_to(int level, int signal_number) {
  const MutexLock lock(mutex_);
  if (level_ >= level) return;
  if (level_ == 0) {
    signal_ = signal_number;
    make_readable(drain_event_);
  }
  if (level == kCancel) make_readable(cancel_event_);
  level_ = level;
  for (Stop* inner : inner_) inner->raise_to(level, signal_number);
}

void Stop::request_drain(int signal_number) {
  raise_to(kDrain, signal_number);
}

void Stop::request_cancel() {
  raise_to(kCancel, 0);
}

void throw_if_draining(const Stop& stop, const std::string& title, const std::string& then) {
  if (!stop.draining()) return;
  throw Error({.exit = stop.signal_number() == SIGTERM ? ExitCode::kTerminated : ExitCode::kInterrupted,
               .title = title,
               .then = then});
}

namespace {
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
  explicit Impl(Stop& stop_of_run) : stop(stop_of_run) {}
  void listen();
  void restore() const;

  Stop& stop;
  std::thread listener = {};
  struct sigaction old_int = {};
  struct sigaction old_term = {};
  struct sigaction old_pipe = {};
};

namespace {

// Waits for what the handler writes; 0 when the guard is at its end.
int next_signal() {
  unsigned char byte = 0;
  while (::read(g_signal_pipe[0], &byte, 1) < 0 && errno == EINTR) {
  }
  return byte;
}

}  // namespace

void SignalGuard::Impl::listen() {
  const int first = next_signal();
  if (first == 0) return;
  stop.request_drain(first);
  if (next_signal() == 0) return;
  stop.request_cancel();
  restore();
}

void SignalGuard::Impl::restore() const {
  ::sigaction(SIGINT, &old_int, nullptr);
  ::sigaction(SIGTERM, &old_term, nullptr);
}

SignalGuard::SignalGuard(Stop& stop) : impl_(new Impl(stop)) {
  VOY_ASSERT(g_signal_pipe[0] == -1);
  VOY_ASSERT(::pipe2(g_signal_pipe.data(), O_CLOEXEC) == 0);
  struct sigaction action = {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGINT, &action, &impl_->old_int);
  ::sigaction(SIGTERM, &action, &impl_->old_term);
  action.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &action, &impl_->old_pipe);
  impl_->listener = std::thread([this] { impl_->listen(); });
}

SignalGuard::~SignalGuard() {
  impl_->restore();
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

#include "report/painter.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <optional>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "base/text.h"
#include "report/live_area.h"
#include "report/progress_feed.h"

namespace voyager::report {

namespace {

constexpr std::chrono::milliseconds kDrawEvery{100};
constexpr std::chrono::milliseconds kLookEvery{200};

/// Writes all of `bytes` unless the stream is gone. A terminal set to non-blocking is waited for.
bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      pollfd ready{.fd = fd, .events = POLLOUT, .revents = 0};
      ::poll(&ready, 1, 100);
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

}  // namespace

/// One thread writes: the painter's own until `finish` has joined it, from then on whoever calls.
struct Painter::Impl {
  Impl(const model::ProgressBoard& watched, PainterOptions asked)
      : board(watched),
        options(std::move(asked)),
        start(options.clock->now()),
        feed({.mode = options.mode,
              .colour = options.colour,
              .ascii = options.ascii,
              .interval_s = std::chrono::duration<double>(options.interval).count(),
              .title = options.title,
              .migration = options.migration,
              .run = options.run}) {}

  const model::ProgressBoard& board;
  const PainterOptions options;
  const base::Clock::Instant start;

  // The writing thread's.
  ProgressFeed feed;
  LiveArea area = {};
  bool gone = false;

  base::Mutex mutex;
  std::condition_variable changed;
  std::optional<base::Stop> pause VOY_GUARDED_BY(mutex) = {};  // of the writing thread, for others to cut short
  std::vector<std::string> pending VOY_GUARDED_BY(mutex) = {};
  int holds VOY_GUARDED_BY(mutex) = 0;
  bool cleared VOY_GUARDED_BY(mutex) = false;  // the writer has seen the hold
  bool ending VOY_GUARDED_BY(mutex) = false;
  bool finished VOY_GUARDED_BY(mutex) = false;
  std::thread thread = {};

  Moment moment() const {
    return {.seconds = std::chrono::duration<double>(options.clock->now() - start).count(),
            .timestamp = base::utc_now(),
            .size = terminal_size(options.fd),
            .stopping = options.stop != nullptr && options.stop->draining()};
  }

  void put(const std::string& bytes) {
    if (!gone && !bytes.empty()) gone = !write_all(options.fd, bytes);
  }

  void put(const FeedOutput& output, const Moment& at) {
    if (options.mode == ProgressMode::kTty) {
      put(area.update(output.lines, output.live, at.size.columns));
      return;
    }
    std::string bytes;
    for (const std::string& line : output.lines) bytes += line + "\n";
    put(bytes);
  }

  /// Foreign lines first: they speak of what the board shows afterwards.
  void draw(const std::vector<std::string>& foreign, bool last, bool failed = false) {
    const Moment at = moment();
    FeedOutput output = last ? feed.end(at, board.snapshot(), failed) : feed.take(at, board.snapshot());
    output.lines.insert(output.lines.begin(), foreign.begin(), foreign.end());
    put(output, at);
  }

  std::vector<std::string> dressed(std::vector<std::string> texts) const {
    const Moment at = texts.empty() ? Moment{} : moment();
    for (std::string& text : texts) text = feed.foreign_line(text, at);
    return texts;
  }

  /// A line does not cut it short: many lines in a row make one draw.
  void rest() VOY_REQUIRES(mutex) {
    const base::Stop& until = pause.emplace();
    mutex.unlock();
    (void)options.clock->sleep_for(options.mode == ProgressMode::kTty ? kDrawEvery : kLookEvery, until);
    mutex.lock();
  }
  void wake() VOY_REQUIRES(mutex) {
    if (pause) pause->request_drain();
    changed.notify_all();
  }

  void run() {
    base::MutexLock lock(mutex);
    while (!ending) {
      if (holds > 0) {
        if (!cleared) {
          lock.unlock();
          put(area.clear(terminal_size(options.fd).columns));
          lock.lock();
          cleared = true;
          changed.notify_all();
        }
        if (holds > 0 && !ending) rest();
        continue;
      }
      std::vector<std::string> texts;
      texts.swap(pending);
      lock.unlock();
      draw(dressed(std::move(texts)), false);
      lock.lock();
      if (holds == 0 && !ending) rest();
    }
    cleared = true;
    changed.notify_all();
  }

  void finish(bool failed) {
    {
      const base::MutexLock lock(mutex);
      if (ending) return;
      ending = true;
      wake();
    }
    thread.join();
    std::vector<std::string> texts;
    const base::MutexLock lock(mutex);
    texts.swap(pending);
    draw(dressed(std::move(texts)), true, failed);
    finished = true;
  }
};

Painter::Painter(const model::ProgressBoard& board, PainterOptions options)
    : impl_(std::make_unique<Impl>(board, std::move(options))) {
  impl_->thread = std::thread([impl = impl_.get()] { impl->run(); });
}

Painter::~Painter() {
  finish();
}

void Painter::print_line(std::string_view given) {
  while (!given.empty() && given.back() == '\n') given.remove_suffix(1);
  std::string text(given);
  for (std::size_t at = text.find('\t'); at != std::string::npos; at = text.find('\t', at)) text.replace(at, 1, "    ");
  std::vector<std::string> lines =
      impl_->options.mode == ProgressMode::kJson ? std::vector<std::string>{text} : base::split(text, '\n');
  const base::MutexLock lock(impl_->mutex);
  if (impl_->finished) {
    impl_->put({.lines = impl_->dressed(std::move(lines))}, impl_->moment());
    return;
  }
  for (std::string& line : lines) impl_->pending.push_back(std::move(line));
}

void Painter::finish(bool failed) {
  impl_->finish(failed);
}

Painter::Hold::Hold(Painter& painter) : painter_(painter) {
  Impl& impl = *painter_.impl_;
  base::MutexLock lock(impl.mutex);
  if (impl.holds++ == 0) impl.cleared = impl.finished;
  impl.wake();
  while (!impl.cleared && !impl.finished) lock.wait(impl.changed);
}

Painter::Hold::~Hold() {
  Impl& impl = *painter_.impl_;
  const base::MutexLock lock(impl.mutex);
  --impl.holds;
  impl.wake();
}

}  // namespace voyager::report

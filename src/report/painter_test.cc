#include "report/painter.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/secret.h"
#include "base/text.h"
#include "report/vt_screen_testing.h"

namespace voyager::report {
namespace {

using model::ProgressBoard;
using model::WorkState;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using testing::VtScreen;

/// Reads what a painter wrote, on a thread, until the writing end is closed.
class Reader {
 public:
  explicit Reader(int fd) : fd_(fd), thread_([this] { read_all(); }) {}
  ~Reader() {
    if (thread_.joinable()) thread_.join();
    ::close(fd_);
  }
  /// Returns as soon as `text` has come; the test fails when it does not within ten seconds.
  void wait_for(const std::string& text) {
    std::unique_lock lock(mutex_);
    const bool came =
        changed_.wait_for(lock, std::chrono::seconds(10), [&] { return text_.find(text) != std::string::npos; });
    EXPECT_TRUE(came) << "never came: " << text << "\nin: " << text_;
  }
  /// All there is; the writing end must be closed.
  std::string all() {
    thread_.join();
    return text_;
  }

 private:
  void read_all() {
    char buffer[4096];
    ssize_t got = 0;
    while ((got = ::read(fd_, buffer, sizeof buffer)) > 0) {
      const std::lock_guard lock(mutex_);
      text_.append(buffer, static_cast<std::size_t>(got));
      changed_.notify_all();
    }
  }

  int fd_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string text_ = {};  // guarded by mutex_
  std::thread thread_;
};

/// Lets a painter's pauses pass one by one.
class StepClock final : public base::Clock {
 public:
  Instant now() const override { return {}; }
  std::chrono::system_clock::time_point wall() const override { return {}; }
  bool sleep_for(std::chrono::milliseconds duration, const base::Stop& stop) const override {
    std::unique_lock lock(mutex_);
    longest_ = std::max(longest_, duration);
    asleep_ = true;
    changed_.notify_all();
    while (!stop.draining() && allowed_ == 0) changed_.wait_for(lock, std::chrono::milliseconds(1));
    asleep_ = false;
    if (stop.draining()) return false;
    --allowed_;
    return true;
  }
  /// Returns when they are over and the painter pauses again.
  void let_pass(int pauses) {
    std::unique_lock lock(mutex_);
    allowed_ += pauses;
    changed_.wait(lock, [this] { return allowed_ == 0 && asleep_; });
  }
  std::chrono::milliseconds longest() const { return longest_; }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  mutable std::chrono::milliseconds longest_{0};
  mutable int allowed_ = 0;
  mutable bool asleep_ = false;
};

struct Pipe {
  Pipe() { EXPECT_EQ(::pipe(ends), 0); }
  int ends[2] = {-1, -1};
};

/// What a mode writes once it has seen that a table runs and that it is done.
struct Signs {
  std::string running = {};
  std::string done = {};
};

/// Two tables that run through their lives while `painter` looks on.
void live(ProgressBoard& board, Painter& painter, Reader& reader, const Signs& signs) {
  const std::size_t a = board.add_item("public.orders", 100, 4096, true);
  const std::size_t b = board.add_item("public.items", 100, 4096, true);
  board.set_state(a, WorkState::kRunning);
  board.set_state(b, WorkState::kRunning);
  board.add_done(a, 50, 2048);
  reader.wait_for(signs.running);
  painter.print_line("a notice");
  board.add_done(a, 50, 2048);
  board.set_state(a, WorkState::kDone);
  reader.wait_for(signs.done);
  board.add_done(b, 100, 4096);
  board.set_state(b, WorkState::kDone);
}

std::string painted_into_pipe(PainterOptions options, const Signs& signs) {
  Pipe pipe;
  Reader reader(pipe.ends[0]);
  options.fd = pipe.ends[1];
  ProgressBoard board("import-data");
  {
    Painter painter(board, options);
    live(board, painter, reader, signs);
  }
  ::close(pipe.ends[1]);
  return reader.all();
}

TEST(Painter, PlainModeHasOneLinePerChangeAndNoControlBytes) {
  const std::string text = painted_into_pipe({.mode = ProgressMode::kPlain, .interval = std::chrono::milliseconds(300)},
                                             {"total=25%", "orders state=done"});
  for (const char c : text) EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20) << static_cast<int>(c);
  const std::vector<std::string> lines = base::split(text, '\n');
  EXPECT_THAT(lines, Not(Contains(HasSubstr("state=running"))));
  EXPECT_THAT(lines, Contains(HasSubstr("import-data table=public.orders state=done rows=100 bytes=4.0KiB")));
  EXPECT_THAT(lines, Contains("a notice"));
  EXPECT_THAT(lines, Contains(HasSubstr(" import-data total=25% ")));
  EXPECT_THAT(lines[lines.size() - 2], HasSubstr("total=100% bytes=8.0KiB/8.0KiB"));
  EXPECT_EQ(lines.back(), "");
  EXPECT_THAT(lines[0], ::testing::MatchesRegex("20..-..-..T..:..:..Z import-data .*"));
}

TEST(Painter, JsonModeIsOneObjectALine) {
  const std::string text = painted_into_pipe({.mode = ProgressMode::kJson, .migration = "shop", .run = "3"},
                                             {"table.progress", "table.done"});
  std::vector<std::string> events;
  for (const std::string& line : base::split(text, '\n')) {
    if (line.empty()) continue;
    const nlohmann::json event = nlohmann::json::parse(line);
    EXPECT_EQ(event.at("migration"), "shop");
    events.push_back(event.at("event"));
  }
  EXPECT_EQ(events.front(), "run.start");
  EXPECT_EQ(events.back(), "run.end");
  EXPECT_THAT(events, Contains("notice"));
  EXPECT_EQ(std::count(events.begin(), events.end(), "table.done"), 2);
}

TEST(Painter, NoneModeSaysOnlyWhatOthersPrint) {
  EXPECT_EQ(painted_into_pipe({.mode = ProgressMode::kNone}, {}), "a notice\n");
}

/// A pseudo-terminal of a given size whose other end is read.
class Pty {
 public:
  Pty(unsigned short columns, unsigned short lines) {
    master_ = ::posix_openpt(O_RDWR | O_NOCTTY);
    EXPECT_GE(master_, 0);
    EXPECT_EQ(::grantpt(master_), 0);
    EXPECT_EQ(::unlockpt(master_), 0);
    slave = ::open(::ptsname(master_), O_RDWR | O_NOCTTY);
    EXPECT_GE(slave, 0);
    resize(columns, lines);
    reader_ = std::make_unique<Reader>(::dup(master_));
  }
  ~Pty() { ::close(master_); }

  void resize(unsigned short columns, unsigned short lines) const {
    const winsize size{.ws_row = lines, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
    EXPECT_EQ(::ioctl(slave, TIOCSWINSZ, &size), 0);
  }
  Reader& reader() const { return *reader_; }
  std::string all() {
    ::close(slave);
    return reader_->all();
  }

  int slave = -1;

 private:
  int master_ = -1;
  std::unique_ptr<Reader> reader_ = {};
};

TEST(Painter, TerminalKeepsFinishedItemsNoticesAndTheTotal) {
  Pty pty(80, 24);
  ProgressBoard board("import-data");
  {
    Painter painter(board, {.mode = ProgressMode::kTty, .fd = pty.slave, .title = "Import data"});
    live(board, painter, pty.reader(), {" 50 %", "done    public.orders"});
  }
  VtScreen screen(80, 24);
  screen.write(pty.all());
  EXPECT_EQ(screen.unknown(), "");
  EXPECT_TRUE(screen.cursor_visible());
  const std::vector<std::string> lines = screen.visible();
  ASSERT_EQ(lines.size(), 6U) << ::testing::PrintToString(lines);
  EXPECT_EQ(lines[0], "a notice");
  EXPECT_THAT(lines[1], StartsWith("done    public.orders  100 rows  4.0 KiB"));
  EXPECT_THAT(lines[2], StartsWith("done    public.items  100 rows  4.0 KiB"));
  EXPECT_EQ(lines[3], "Import data");
  EXPECT_THAT(lines[4], HasSubstr("100 %"));
  EXPECT_THAT(lines[5], StartsWith(" 2 done"));
  EXPECT_EQ(screen.cursor_row(), 6U);
}

/// Columns that the widest line of one draw takes.
std::size_t width_of(const std::string& draw) {
  VtScreen screen(300, 24);
  screen.write(draw);
  std::size_t widest = 0;
  for (const std::string& line : screen.visible()) widest = std::max(widest, testing::columns_of_text(line));
  return widest;
}

TEST(Painter, FollowsTheTerminalsSize) {
  Pty pty(120, 24);
  ProgressBoard board("import-data");
  const std::size_t a = board.add_item("public.orders", 100, 4096, true);
  board.set_state(a, WorkState::kRunning);
  {
    Painter painter(board, {.mode = ProgressMode::kTty, .fd = pty.slave});
    pty.reader().wait_for("\x1b[?25h");
    pty.resize(60, 24);
  }
  const std::string bytes = pty.all();
  EXPECT_GE(width_of(bytes.substr(0, bytes.find("\x1b[?25h"))), 100U);
  EXPECT_LT(width_of(bytes.substr(bytes.rfind("\x1b[?25l"))), 60U);
}

TEST(Painter, AHoldClearsTheScreenForAQuestion) {
  StepClock clock;
  Pty pty(80, 24);
  ProgressBoard board("import-data");
  const std::size_t a = board.add_item("public.orders", 100, 4096, true);
  board.set_state(a, WorkState::kRunning);
  {
    Painter painter(board, {.mode = ProgressMode::kTty, .fd = pty.slave, .clock = &clock});
    pty.reader().wait_for("public.orders");
    {
      const Painter::Hold hold(painter);
      painter.print_line("said meanwhile");
      EXPECT_EQ(::write(pty.slave, "QUESTION? ", 10), 10);
      clock.let_pass(3);
      EXPECT_EQ(::write(pty.slave, "ANSWER\n", 7), 7);
    }
  }
  const std::string bytes = pty.all();
  EXPECT_THAT(bytes, HasSubstr("QUESTION? ANSWER")) << "something was drawn in between";
  VtScreen screen(80, 24);
  screen.write(bytes.substr(0, bytes.find("QUESTION")));
  EXPECT_TRUE(screen.visible().empty());
  screen.write(bytes.substr(bytes.find("QUESTION")));
  EXPECT_EQ(screen.visible()[0], "QUESTION? ANSWER");
  EXPECT_EQ(screen.visible()[1], "said meanwhile");
}

TEST(Painter, DrawsOnceAPauseHoweverManyLinesThereAre) {
  StepClock clock;
  Pty pty(80, 24);
  ProgressBoard board("import-data");
  const std::size_t a = board.add_item("public.orders", 1'000'000, 1 << 30, true);
  board.set_state(a, WorkState::kRunning);
  constexpr std::size_t kPauses = 10;
  {
    Painter painter(board, {.mode = ProgressMode::kTty, .fd = pty.slave, .clock = &clock});
    clock.let_pass(0);
    for (std::size_t i = 0; i < 10 * kPauses; ++i) {
      board.add_done(a, 100, 1 << 22);
      painter.print_line("line " + std::to_string(i));
      if (i % 10 == 9) clock.let_pass(1);
    }
  }
  EXPECT_EQ(clock.longest(), std::chrono::milliseconds(100));
  const std::string bytes = pty.all();
  std::size_t draws = 0;
  for (std::size_t at = bytes.find("\x1b[?25l"); at != std::string::npos; at = bytes.find("\x1b[?25l", at + 1)) ++draws;
  EXPECT_EQ(draws, 2 + kPauses) << "the first, one for each pause, and the last";
  VtScreen screen(80, 24);
  screen.write(bytes);
  std::vector<std::string> lines = screen.scrolled();
  for (const std::string& line : screen.visible()) lines.push_back(line);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(lines[static_cast<std::size_t>(i)], "line " + std::to_string(i));
}

TEST(Painter, WhatIsDoneBeforeAnybodyLooksIsToldAndWhatEarlierRunsDidIsNot) {
  Pipe pipe;
  Reader reader(pipe.ends[0]);
  ProgressBoard board("export-data");
  board.set_state(board.add_item("public.quick", 1, 1, true), WorkState::kDone);
  board.set_state(board.add_item("public.earlier", 1, 1, true), WorkState::kSkipped);
  {
    Painter painter(board, {.mode = ProgressMode::kJson, .fd = pipe.ends[1]});
    painter.finish();
  }
  ::close(pipe.ends[1]);
  const std::string text = reader.all();
  EXPECT_THAT(text, HasSubstr(R"("event":"table.done","table":"public.quick")"));
  EXPECT_THAT(text, Not(HasSubstr("public.earlier")));
}

TEST(Painter, AClosedPipeSilencesIt) {
  struct sigaction ignore {};
  struct sigaction before {};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &ignore, &before);
  Pipe pipe;
  ::close(pipe.ends[0]);
  ProgressBoard board("import-data");
  const int heard = ::memfd_create("heard", 0);
  {
    Painter painter(board, {.mode = ProgressMode::kPlain, .fd = pipe.ends[1], .title = "t"});
    painter.print_line("x");
    painter.finish();
    // Where somebody would listen again, there is nothing to hear.
    EXPECT_EQ(::dup2(heard, pipe.ends[1]), pipe.ends[1]);
    painter.print_line("y");
  }
  EXPECT_EQ(::lseek(heard, 0, SEEK_END), 0) << "it wrote on after the pipe was closed";
  ::close(heard);
  ::close(pipe.ends[1]);
  ::sigaction(SIGPIPE, &before, nullptr);
}

TEST(Painter, PrintsAfterTheEndAndMasks) {
  const base::Secret secret("CANARY-painter");
  Pipe pipe;
  Reader reader(pipe.ends[0]);
  ProgressBoard board("import-data");
  Painter painter(board, {.mode = ProgressMode::kPlain, .fd = pipe.ends[1]});
  painter.print_line("with CANARY-painter\x1b[2J\tinside\n");
  painter.finish();
  painter.finish();
  painter.print_line("two\nlines CANARY-painter");
  ::close(pipe.ends[1]);
  const std::string text = reader.all();
  EXPECT_THAT(text, HasSubstr("with ********\\x1b[2J    inside\n"));
  EXPECT_THAT(text, ::testing::EndsWith("two\nlines ********\n"));
  EXPECT_THAT(text, Not(HasSubstr("CANARY")));
}

}  // namespace
}  // namespace voyager::report

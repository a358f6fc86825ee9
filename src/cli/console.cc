#include "cli/console.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/mutex.h"
#include "base/text.h"
#include "cli/event_context.h"
#include "report/progress_view.h"
#include "report/text_width.h"

namespace voyager::cli {
namespace {

/// Why not all was written; 0 when it was.
int write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EAGAIN) {
      pollfd room = {.fd = fd, .events = POLLOUT, .revents = 0};
      ::poll(&room, 1, -1);
      continue;
    }
    if (written < 0) return errno;  // A closed pipe ends the talking, not the migration.
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

std::string dressed(model::NoticeLevel level, const std::string& text, bool colour) {
  switch (level) {
    case model::NoticeLevel::kSuccess:
      return colour ? "\x1b[32m" + text + "\x1b[0m" : text;
    case model::NoticeLevel::kWarning:
      return (colour ? "\x1b[33mwarning:\x1b[0m " : "warning: ") + text;
    case model::NoticeLevel::kInfo:
      break;
  }
  return text;
}

// Prose in lines of whole words. What begins with a blank or holds a command is there to be pasted; rows of tables,
// documents of other programs, and what is coloured, stay as they are.
std::string in_lines(const std::string& text, std::size_t width) {
  const auto stays = [](const std::string& line) {
    return line.empty() || std::string_view(" |{[#").find(line.front()) != std::string_view::npos ||
           line.find("  ") != std::string::npos || line.find('\x1b') != std::string::npos ||
           line.find("yb-voyager ") != std::string::npos;
  };
  std::vector<std::string> out;
  for (const std::string& line : base::split(text, '\n')) {
    const std::vector<std::string> pieces = stays(line) ? std::vector{line} : report::wrapped(line, width);
    out.insert(out.end(), pieces.begin(), pieces.end());
  }
  return base::join(out, "\n");
}

std::size_t columns_of(int terminal) {
  return static_cast<std::size_t>(std::max(report::terminal_size(terminal).columns, 40));
}

base::Mutex g_context_mutex;
report::EventContext g_context VOY_GUARDED_BY(g_context_mutex);

report::EventContext event_context() {
  const base::MutexLock lock(g_context_mutex);
  report::EventContext out = g_context;
  out.timestamp = base::utc_now();
  return out;
}

// Switches the terminal's echo off for its lifetime.
class NoEcho {
 public:
  explicit NoEcho(int fd) : fd_(fd) {
    known_ = ::tcgetattr(fd_, &before_) == 0;
    struct termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    if (known_) ::tcsetattr(fd_, TCSAFLUSH, &silent);
  }
  ~NoEcho() {
    if (known_) ::tcsetattr(fd_, TCSAFLUSH, &before_);
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;

 private:
  int fd_;
  bool known_ = false;
  struct termios before_ = {};
};

}  // namespace

void set_event_context(std::string migration, std::string run) {
  const base::MutexLock lock(g_context_mutex);
  g_context = {.migration = std::move(migration), .run = std::move(run)};
}

Console::Console() {
  const report::TerminalFacts facts = report::look_at_terminal();
  message_style_ = {.colour = report::choose_colour(facts, report::ColourChoice::kAuto, facts.stderr_is_tty),
                    .ascii = report::choose_ascii(facts, false)};
  answer_style_ = {.colour = report::choose_colour(facts, report::ColourChoice::kAuto, facts.stdout_is_tty),
                   .ascii = message_style_.ascii,
                   .grouped_digits = facts.stdout_is_tty};
}

Console::Console(const Values& values, const base::Stop& stop) : stop_(&stop) {
  const report::TerminalFacts facts = report::look_at_terminal();
  const auto colour = report::parse_colour_choice(values.text("color")).value_or(report::ColourChoice::kAuto);
  const bool ascii = report::choose_ascii(facts, values.on("ascii"));
  machine_output_ = values.text("output-format") == "json";
  mode_ = report::choose_mode(facts, {.progress = report::parse_progress_mode(values.text("progress")),
                                      .disable_bars = values.on("disable-pb"),
                                      .machine_output = machine_output_});
  for_person_ = facts.stderr_is_tty && mode_ != report::ProgressMode::kJson;
  answer_style_ = {.colour = report::choose_colour(facts, colour, facts.stdout_is_tty),
                   .ascii = ascii,
                   .grouped_digits = facts.stdout_is_tty};
  message_style_ = {.colour = report::choose_colour(facts, colour, facts.stderr_is_tty), .ascii = ascii};
  if (values.number("progress-interval") > 0) interval_ = std::chrono::seconds(values.number("progress-interval"));
  yes_ = values.on("yes");
  no_input_ = values.on("no-input");
}

void Console::set_painter(report::Painter* painter) {
  const base::MutexLock lock(mutex_);
  painter_ = painter;
}

void Console::line(std::string_view text) {
  const base::MutexLock lock(mutex_);
  if (painter_ != nullptr) {
    painter_->print_line(text);
    return;
  }
  const std::string safe = base::mask_secrets(text);
  if (!live_.empty()) {
    write_all(STDERR_FILENO,
              area_.update(base::split(safe, '\n'), live_, report::terminal_size(STDERR_FILENO).columns));
    return;
  }
  write_all(STDERR_FILENO,
            mode_ == report::ProgressMode::kJson ? report::json_notice("", safe, event_context()) + "\n" : safe + "\n");
}

void Console::show_live(const std::vector<std::string>& lines) {
  const base::MutexLock lock(mutex_);
  if (mode_ != report::ProgressMode::kTty) return;
  const int columns = report::terminal_size(STDERR_FILENO).columns;
  write_all(STDERR_FILENO, lines.empty() ? area_.clear(columns) : area_.update({}, lines, columns));
  live_ = lines;
}

void Console::waiting(const std::string& text) {
  show_live(text.empty() ? std::vector<std::string>() : std::vector{text});
}

void Console::event(const std::string& json) {
  const base::MutexLock lock(mutex_);
  if (mode_ == report::ProgressMode::kJson) write_all(STDERR_FILENO, base::mask_secrets(json) + "\n");
}

void Console::answer(std::string_view text) {
  // Not masked by value: free text in it is masked where it is made, and a password that equals a table's name must not
  // change what scripts read.
  const bool to_person = answer_style_.grouped_digits && !machine_output_;  // a terminal
  const int fault =
      write_all(STDOUT_FILENO, to_person ? in_lines(std::string(text), columns_of(STDOUT_FILENO)) : std::string(text));
  // Who closed the pipe has read enough; a file that holds half of an answer is read by a script later.
  if (fault != 0 && fault != EPIPE)
    base::fail(base::ExitCode::kFailure, "the answer cannot be written", std::strerror(fault));
}

void Console::notice(model::NoticeLevel level, const std::string& text) {
  if (level == model::NoticeLevel::kWarning) {
    base::log_warn(text);
  } else {
    base::log_info(text);
  }
  std::string shown = text;
  if (for_person_) {
    const std::size_t mark = level == model::NoticeLevel::kWarning ? std::string_view("warning: ").size() : 0;
    shown = in_lines(base::mask_secrets(text), columns_of(STDERR_FILENO) - mark);
  }
  line(dressed(level, shown, message_style_.colour && mode_ != report::ProgressMode::kJson));
}

bool Console::somebody_there() const {
  return !no_input_ && ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1;
}

// Waits in short steps so that a signal is seen; nothing at the end of the input.
std::optional<std::string> Console::read_line(int fd) const {
  std::string text;
  while (true) {
    if (stop_ != nullptr) base::throw_if_draining(*stop_, "stopped while waiting for an answer", "nothing was changed");
    struct pollfd waiting = {.fd = fd, .events = POLLIN, .revents = 0};
    const int ready = ::poll(&waiting, 1, 100);
    if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
    char c = 0;
    const ssize_t got = ::read(fd, &c, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text.empty() ? std::nullopt : std::optional(text);
    if (c == '\n') return text;
    text += c;
  }
}

bool Console::confirm(const model::Question& question) {
  const base::MutexLock lock(mutex_);
  if (yes_) {
    base::log_info(question.text + " yes (--yes)");
    return true;
  }
  if (!somebody_there()) {
    const std::string flag = question.flag.empty() ? "--yes" : question.flag;
    throw base::Error({.code = "CLI-010",
                       .exit = base::ExitCode::kNoAnswer,
                       .title = "an answer is needed: " + question.text,
                       .cause = no_input_ ? "--no-input forbids asking" : "there is no terminal to ask on",
                       .fix = {"to answer yes, run it again with " + flag},
                       .then = "nothing was changed"});
  }
  std::optional<report::Painter::Hold> hold;
  if (painter_ != nullptr) hold.emplace(*painter_);
  write_all(STDERR_FILENO, base::mask_secrets(question.text) + " [y/N] ");
  const std::string word = base::lower(base::trim(read_line(STDIN_FILENO).value_or("no")));
  const bool agreed = word == "y" || word == "yes";
  base::log_info(fmt::format("{} {}", question.text, agreed ? "yes" : "no"));
  return agreed;
}

std::optional<base::Secret> Console::ask_secret(const std::string& prompt) {
  const base::MutexLock lock(mutex_);
  if (!somebody_there()) return std::nullopt;
  const int fd = ::open("/dev/tty", O_RDWR | O_CLOEXEC);
  if (fd < 0) return std::nullopt;
  std::optional<std::string> typed;
  try {
    const NoEcho silent(fd);
    write_all(fd, prompt);
    typed = read_line(fd);
    write_all(fd, "\n");
  } catch (...) {
    ::close(fd);
    throw;
  }
  ::close(fd);
  return base::Secret(typed.value_or(""));
}

}  // namespace voyager::cli

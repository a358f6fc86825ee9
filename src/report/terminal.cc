#include "report/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

#include "base/text.h"

namespace voyager::report {

namespace {

constexpr int kWidthMin = 60;  ///< Below it a live picture helps nobody.

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string{} : std::string(value);
}

int positive_number(const std::string& text, int otherwise) {
  if (text.empty() || text.size() > 5 || text.find_first_not_of("0123456789") != std::string::npos) return otherwise;
  const int number = std::atoi(text.c_str());
  return number > 0 ? number : otherwise;
}

std::string first_set(std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (std::string value = environment(name); !value.empty()) return value;
  }
  return {};
}

bool forces_colour(const std::string& value) {
  return !value.empty() && value != "0";
}

}  // namespace

TerminalFacts look_at_terminal() {
  const TerminalSize size = terminal_size(STDERR_FILENO);
  return {.stdout_is_tty = ::isatty(STDOUT_FILENO) == 1,
          .stderr_is_tty = ::isatty(STDERR_FILENO) == 1,
          .columns = size.columns,
          .lines = size.lines,
          .term = environment("TERM"),
          .no_color = environment("NO_COLOR"),
          .clicolor_force = environment("CLICOLOR_FORCE"),
          .force_color = environment("FORCE_COLOR"),
          .locale = first_set({"LC_ALL", "LC_CTYPE", "LANG"})};
}

TerminalSize terminal_size(int fd) {
  winsize asked{};
  if (::ioctl(fd, TIOCGWINSZ, &asked) == 0 && asked.ws_col > 0 && asked.ws_row > 0) {
    return {asked.ws_col, asked.ws_row};
  }
  return {positive_number(environment("COLUMNS"), 80), positive_number(environment("LINES"), 24)};
}

std::optional<ProgressMode> parse_progress_mode(std::string_view word) {
  const std::string low = base::lower(word);
  if (low == "tty") return ProgressMode::kTty;
  if (low == "plain") return ProgressMode::kPlain;
  if (low == "json") return ProgressMode::kJson;
  if (low == "none") return ProgressMode::kNone;
  return std::nullopt;
}

std::optional<ColourChoice> parse_colour_choice(std::string_view word) {
  const std::string low = base::lower(word);
  if (low == "auto") return ColourChoice::kAuto;
  if (low == "always") return ColourChoice::kAlways;
  if (low == "never") return ColourChoice::kNever;
  return std::nullopt;
}

ProgressMode choose_mode(const TerminalFacts& facts, const ModeRequest& request) {
  if (request.progress) return *request.progress;
  if (request.machine_output && !facts.stderr_is_tty) return ProgressMode::kJson;
  const bool can_draw = facts.stderr_is_tty && facts.term != "dumb" && facts.columns >= kWidthMin;
  return can_draw && !request.disable_bars ? ProgressMode::kTty : ProgressMode::kPlain;
}

bool choose_colour(const TerminalFacts& facts, ColourChoice choice, bool stream_is_tty) {
  if (choice != ColourChoice::kAuto) return choice == ColourChoice::kAlways;
  if (!facts.no_color.empty()) return false;
  if (forces_colour(facts.clicolor_force) || forces_colour(facts.force_color)) return true;
  return facts.term != "dumb" && stream_is_tty;
}

bool choose_ascii(const TerminalFacts& facts, bool asked) {
  if (asked) return true;
  const std::string locale = base::lower(facts.locale);
  return locale.find("utf-8") == std::string::npos && locale.find("utf8") == std::string::npos;
}

}  // namespace voyager::report

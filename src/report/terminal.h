// What the terminal can do, and what follows from it: progress mode, colour, signs.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace voyager::report {

enum class ProgressMode { kTty, kPlain, kJson, kNone };
enum class ColourChoice { kAuto, kAlways, kNever };

/// Everything the choices below depend on, as a value. Empty text = the variable is not set.
struct TerminalFacts {
  bool stdout_is_tty = false;
  bool stderr_is_tty = false;
  int columns = 80;  ///< Of stderr.
  int lines = 24;
  std::string term = {};            ///< TERM
  std::string no_color = {};        ///< NO_COLOR
  std::string clicolor_force = {};  ///< CLICOLOR_FORCE
  std::string force_color = {};     ///< FORCE_COLOR
  std::string locale = {};          ///< The first of LC_ALL, LC_CTYPE, LANG that is set and not empty.
};

struct TerminalSize {
  int columns = 80;
  int lines = 24;
};

TerminalFacts look_at_terminal();
/// Asks the terminal behind `fd`; else COLUMNS and LINES; else 80x24.
TerminalSize terminal_size(int fd);

/// "tty", "plain", "json", "none". Nothing for "auto" and for any other word.
std::optional<ProgressMode> parse_progress_mode(std::string_view word);
/// "auto", "always", "never".
std::optional<ColourChoice> parse_colour_choice(std::string_view word);

struct ModeRequest {
  std::optional<ProgressMode> progress = {};  ///< --progress, when it is not auto.
  bool disable_bars = false;                  ///< --disable-pb: plain instead of tty.
  bool machine_output = false;                ///< --output-format json or ndjson.
};
ProgressMode choose_mode(const TerminalFacts& facts, const ModeRequest& request);
/// For one stream; `stream_is_tty` is that very stream's.
bool choose_colour(const TerminalFacts& facts, ColourChoice choice, bool stream_is_tty);
/// True when only bytes below 0x80 may be shown: asked for, or the locale is not UTF-8.
bool choose_ascii(const TerminalFacts& facts, bool asked);

}  // namespace voyager::report

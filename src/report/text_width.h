// How wide text is on a terminal, and fitting it into a column.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace voyager::report {

/// Columns that `text` takes: East Asian wide characters and emoji count 2, combining marks 0, a byte that is not UTF-8
/// counts 1. Colour sequences (ESC [ ... m) count 0.
std::size_t display_width(std::string_view text);
/// Control characters become "\n", "\x1b" and so on, invalid bytes "\xff": a table's name cannot move the cursor.
/// With `keep_colour` colour sequences stay as they are.
std::string printable(std::string_view text, bool keep_colour = false);
/// As above for a text of many lines, whose ends and tabs stay.
std::string printable_lines(std::string_view text);
/// `text` unchanged when it fits, else cut to `width` columns with "…" ("~" when `ascii`) as its last one. Plain text
/// only.
std::string fit(std::string_view text, std::size_t width, bool ascii);
std::string pad_right(std::string_view text, std::size_t width);
std::string pad_left(std::string_view text, std::size_t width);
/// Lines of at most `width` columns, broken at blanks; a word longer than that keeps a line of its own, whole.
std::vector<std::string> wrapped(const std::string& text, std::size_t width);
/// Our own signs (→ · … – ✓ ✗ box lines and bars) by their ASCII neighbours, every other character above 0x7f by "?".
std::string to_ascii(std::string_view text);

}  // namespace voyager::report

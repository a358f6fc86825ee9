#include "report/live_area.h"

#include <algorithm>
#include <cstddef>

#include "report/text_width.h"

namespace voyager::report {

namespace {

constexpr const char* kHideCursor = "\x1b[?25l";
constexpr const char* kShowCursor = "\x1b[?25h";
constexpr const char* kClearLine = "\x1b[2K";
constexpr const char* kClearBelow = "\x1b[J";

std::size_t rows_taken(const std::vector<std::string>& lines, int columns) {
  const auto width = static_cast<std::size_t>(std::max(columns, 1));
  std::size_t rows = 0;
  for (const std::string& line : lines) rows += std::max<std::size_t>(1, (display_width(line) + width - 1) / width);
  return rows;
}

/// To the first column of the area's first line.
std::string back_to_start(std::size_t rows) {
  return rows == 0 ? "\r" : "\x1b[" + std::to_string(rows) + "A\r";
}

}  // namespace

std::string LiveArea::update(const std::vector<std::string>& lines, const std::vector<std::string>& live, int columns) {
  if (lines.empty() && live == drawn_) return {};
  std::string out = kHideCursor + back_to_start(rows_taken(drawn_, columns));
  // Lines that stay may wrap, so the ground is cleared for them; the area alone is overwritten line by line, which does
  // not flicker.
  if (!lines.empty()) out += kClearBelow;
  for (const std::string& line : lines) out += line + "\r\n";
  for (const std::string& line : live) out += kClearLine + line + "\r\n";
  out += std::string(kClearBelow) + kShowCursor;
  drawn_ = live;
  return out;
}

std::string LiveArea::clear(int columns) {
  if (drawn_.empty()) return {};
  return update({}, {}, columns);
}

}  // namespace voyager::report

#include "report/table.h"

#include <algorithm>
#include <cstddef>

#include "report/style.h"
#include "report/text_width.h"

namespace voyager::report {

namespace {

std::string cell_text(const std::string& cell, bool ascii) {
  const std::string shown = printable(cell);
  return ascii ? to_ascii(shown) : shown;
}

std::string aligned(const std::string& cell, std::size_t width, Align align, bool last) {
  if (align == Align::kRight) return pad_left(cell, width);
  return last ? cell : pad_right(cell, width);  // No blanks at the end of a line.
}

}  // namespace

std::string table_text(const TextTable& table, const TextStyle& style) {
  const std::size_t count = table.columns.size();
  std::vector<std::vector<std::string>> cells(table.rows.size(), std::vector<std::string>(count));
  std::vector<std::size_t> widths(count);
  for (std::size_t c = 0; c < count; ++c) {
    widths[c] = display_width(table.columns[c].title);
    for (std::size_t r = 0; r < table.rows.size(); ++r) {
      if (c < table.rows[r].size()) cells[r][c] = cell_text(table.rows[r][c], style.ascii);
      widths[c] = std::max(widths[c], display_width(cells[r][c]));
    }
  }
  std::string out;
  for (std::size_t c = 0; c < count; ++c) {
    // Only the title is underlined, so the blanks before and after it are added outside of the colour.
    const std::string& title = table.columns[c].title;
    out += aligned(painted(title, Paint::kHeader, style.colour), widths[c], table.columns[c].align, c + 1 == count);
    out += c + 1 == count ? "\n" : "  ";
  }
  for (const std::vector<std::string>& row : cells) {
    std::string line;
    for (std::size_t c = 0; c < count; ++c) {
      line += aligned(row[c], widths[c], table.columns[c].align, c + 1 == count);
      if (c + 1 < count) line += "  ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

}  // namespace voyager::report

// The columns of the live picture: one row for the total, one for each item at work.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/style.h"

namespace voyager::report {

/// One line of the picture. `message` stands in for all cells but the name; `reason` for the remaining time.
struct GridRow {
  std::string name = {};
  Paint name_paint = Paint::kNone;
  std::optional<double> share = {};  ///< 0..1 for the bar; nothing draws no bar.
  std::string percent = {};
  std::string bytes = {};
  std::string byte_rate = {};
  std::string row_rate = {};
  std::string eta = {};
  std::string mark = {};
  std::string reason = {};
  std::string message = {};
};

/// Lines of at most `width` columns. When room is short, long marks and names are cut by what is missing, then rows/s
/// go, marks, the byte rate and the byte counts; bars take what is left.
std::vector<std::string> grid_lines(const std::vector<GridRow>& rows, int width, bool colour, bool ascii);

/// "██████▌░░░░" or "######.....": `columns` wide.
std::string bar_text(double share, int columns, bool ascii);

}  // namespace voyager::report

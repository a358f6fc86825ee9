#include "report/grid.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "report/text_width.h"

namespace voyager::report {

namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kBarMin = 8;
constexpr std::size_t kMarkMin = 20;    // What is left of a long mark before it is left out.
constexpr std::size_t kReasonMin = 30;  // And of a reason, which reaches over the time and the mark.

/// Widths of the columns; 0 = left out.
struct Widths {
  std::size_t name = 0, bar = 0, percent = 0, bytes = 0, byte_rate = 0, row_rate = 0, eta = 0, mark = 0;

  std::size_t without_bar() const {
    std::size_t sum = name;
    for (const std::size_t one : {percent, bytes, byte_rate, row_rate, eta, mark}) sum += one == 0 ? 0 : one + kGap;
    return sum;
  }
};

Widths natural_widths(const std::vector<GridRow>& rows) {
  Widths out;
  std::size_t reason = 0;
  for (const GridRow& row : rows) {
    out.name = std::max(out.name, display_width(row.name));
    out.percent = std::max(out.percent, display_width(row.percent));
    out.bytes = std::max(out.bytes, display_width(row.bytes));
    out.byte_rate = std::max(out.byte_rate, display_width(row.byte_rate));
    out.row_rate = std::max(out.row_rate, display_width(row.row_rate));
    out.eta = std::max(out.eta, display_width(row.eta));
    out.mark = std::max(out.mark, display_width(row.mark));
    reason = std::max(reason, std::min(display_width(row.reason), kReasonMin));
  }
  // A reason reaches over the time and the mark.
  if (reason > out.eta + out.mark) out.eta = reason - out.mark;
  return out;
}

/// Gives room away, the least useful first, until a bar of the least size fits.
Widths fitted_widths(const std::vector<GridRow>& rows, std::size_t width) {
  Widths out = natural_widths(rows);
  const std::size_t natural_name = out.name;
  const auto missing = [&] {
    const std::size_t needed = out.without_bar() + kGap + kBarMin;
    return needed > width ? needed - width : 0;
  };
  const auto fits = [&] { return missing() == 0; };
  // By as many columns as are missing, as long as `least` are left.
  const auto shorten = [&](std::size_t& column, std::size_t least) {
    if (column > least) column = std::max(least, column - std::min(column, missing()));
  };
  shorten(out.mark, kMarkMin);
  shorten(out.name, 28);
  if (!fits()) out.row_rate = 0;
  shorten(out.name, 20);
  if (!fits()) out.mark = 0;
  shorten(out.name, 14);
  if (!fits()) out.byte_rate = 0;
  if (!fits()) out.bytes = 0;
  if (out.without_bar() > width) out.eta = 0;
  if (out.without_bar() > width) out.percent = 0;
  out.name = std::min(out.name, width);
  // What a later cut has freed too many goes back to the names.
  if (fits()) out.name = std::min(natural_name, width - (out.without_bar() - out.name) - kGap - kBarMin);
  const bool bars = std::any_of(rows.begin(), rows.end(), [](const GridRow& row) { return row.share.has_value(); });
  if (bars && fits()) out.bar = width - out.without_bar() - kGap;
  return out;
}

/// One line under construction: text with colours and the columns used so far.
class Line {
 public:
  Line(std::size_t width, bool colour, bool ascii) : width_(width), colour_(colour), ascii_(ascii) {}

  void cell(const std::string& text, std::size_t columns, bool right, Paint paint = Paint::kNone) {
    if (columns == 0) return;
    const std::string shown = fit(text, columns, ascii_);
    const std::string blanks(columns - display_width(shown), ' ');
    gap();
    if (right) text_ += blanks;
    text_ += painted(shown, paint, colour_);
    if (!right) text_ += blanks;
    used_ += columns;
  }

  /// Free text up to the end of the line.
  void rest(const std::string& text, Paint paint) {
    if (text.empty() || used_ + kGap >= width_) return;
    gap();
    text_ += painted(fit(text, width_ - used_, ascii_), paint, colour_);
    used_ = width_;
  }

  std::string take() {
    text_.erase(text_.find_last_not_of(' ') + 1);
    return std::move(text_);
  }

 private:
  void gap() {
    if (used_ == 0) return;
    text_.append(kGap, ' ');
    used_ += kGap;
  }

  const std::size_t width_;
  const bool colour_;
  const bool ascii_;
  std::string text_ = {};
  std::size_t used_ = 0;
};

std::string row_text(const GridRow& row, const Widths& widths, std::size_t width, bool colour, bool ascii) {
  Line line(width, colour, ascii);
  line.cell(row.name, widths.name, false, row.name_paint);
  if (!row.message.empty()) {
    line.rest(row.message, Paint::kWarn);
    return line.take();
  }
  const int bar = static_cast<int>(widths.bar);
  line.cell(row.share ? bar_text(*row.share, bar, ascii) : "", widths.bar, false, Paint::kGood);
  line.cell(row.percent, widths.percent, true);
  line.cell(row.bytes, widths.bytes, true);
  line.cell(row.byte_rate, widths.byte_rate, true);
  line.cell(row.row_rate, widths.row_rate, true);
  if (!row.reason.empty()) {
    line.rest(row.reason, Paint::kWarn);
    return line.take();
  }
  line.cell(row.eta, widths.eta, true);
  if (widths.mark > 0) line.rest(row.mark, Paint::kWarn);
  return line.take();
}

}  // namespace

std::string bar_text(double share, int columns, bool ascii) {
  constexpr std::array kParts{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  if (columns <= 0) return {};
  const int steps = ascii ? 1 : 8;
  const int filled = static_cast<int>(std::floor(std::clamp(share, 0.0, 1.0) * columns * steps));
  std::string out;
  for (int i = 0; i < filled / steps; ++i) out += ascii ? "#" : "█";
  const int part = filled % steps;
  out += kParts[static_cast<std::size_t>(part)];
  for (int i = filled / steps + (part > 0 ? 1 : 0); i < columns; ++i) out += ascii ? "." : "░";
  return out;
}

std::vector<std::string> grid_lines(const std::vector<GridRow>& rows, int width, bool colour, bool ascii) {
  const auto columns = static_cast<std::size_t>(std::max(width, 10));
  const Widths widths = fitted_widths(rows, columns);
  std::vector<std::string> out;
  out.reserve(rows.size());
  for (const GridRow& row : rows) out.push_back(row_text(row, widths, columns, colour, ascii));
  return out;
}

}  // namespace voyager::report

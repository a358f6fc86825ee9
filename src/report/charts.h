// Pictures that need no script: inline SVG. Whoever shows one shows its numbers in a table too. Titles, labels and
// values are plain text; colours come from page.css, by class.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace voyager::report {

/// What the parts of bars are called, and their class in page.css: clean, automatic, hand, first, second.
struct BarPart {
  std::string name = {};
  std::string style = {};
};

struct Bar {
  std::string label = {};
  std::vector<double> parts = {};  ///< One for each BarPart.
  std::string value = {};          ///< Written behind the bar.
};

/// Bars from left to right, one below the other, with a legend where there are several parts. `title` is read to who
/// cannot see it. Empty for no bars.
std::string bars_svg(std::string_view title, const std::vector<BarPart>& parts, const std::vector<Bar>& bars);

struct Column {
  std::string label = {};
  std::size_t count = 0;
};
/// Columns from bottom to top, side by side.
std::string columns_svg(std::string_view title, std::string_view label, const std::vector<Column>& columns);

struct ScatterPoint {
  double x = 0;
  double y = 0;
  std::string label = {};
  bool marked = false;  ///< A square instead of a circle.
};
struct Scatter {
  std::string title = {};
  std::string x_label = {};
  std::string y_label = {};
  std::string plain_name = {};   ///< What circles are, for the legend.
  std::string marked_name = {};  ///< What squares are.
  std::vector<ScatterPoint> points = {};
  std::optional<double> cut = {};  ///< A line from bottom to top at this x.
  std::string cut_label = {};
  double x_base = 10;     ///< What lies between two marks of the axis: 10 times as much, or 16 times for bytes.
  bool diagonal = false;  ///< A line where x = y; both axes then have the same range.
  std::string (*x_text)(double) = nullptr;  ///< For the axes' marks; null: a number.
  std::string (*y_text)(double) = nullptr;
};
/// Both axes are logarithmic; what is not above zero sits on the axis.
std::string scatter_svg(const Scatter& scatter);

struct CurvePoint {
  double x = 0;  ///< 0 to 1
  double y = 0;
};
/// Shares against shares, both from 0 to 100 %.
std::string curve_svg(std::string_view title, std::string_view x_label, std::string_view y_label,
                      const std::vector<CurvePoint>& points);

/// Half a circle in three parts; `part` 0 to 2 is the one the needle is in, -1 for none. `value` stands in the middle.
std::string gauge_svg(std::string_view title, int part, std::string_view value);

}  // namespace voyager::report

#include "report/charts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

#include "base/text.h"
#include "report/page.h"
#include "report/text_width.h"

namespace voyager::report {
namespace {

/// The frame of every picture: its size, and the title for who cannot see it.
std::string framed(std::string_view style, int width, int height, std::string_view title, const std::string& content) {
  const std::string safe = escape_html(title);
  return fmt::format(
      "<div class=\"picture\"><svg class=\"{}\" viewBox=\"0 0 {} {}\" role=\"img\" "
      "aria-label=\"{}\"><title>{}</title>{}</svg></div>\n",
      style, width, height, safe, safe, content);
}

std::string text_at(double x, double y, std::string_view text, std::string_view style = {}) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" class=\"{}\">{}</text>", x, y, style, escape_html(text));
}

std::string line_at(double x1, double y1, double x2, double y2, std::string_view style) {
  return fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" class=\"{}\"/>", x1, y1, x2, y2,
                     style);
}

std::string rectangle(double x, double y, double width, double height, std::string_view style, std::string_view title) {
  return fmt::format(
      "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" class=\"{}\"><title>{}</title></rect>", x, y,
      width, height, style, escape_html(title));
}

/// At most so wide is `text` in the pictures' letters, whatever font the reader's system has.
double label_width(std::string_view text) {
  double width = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80) {
      width += byte >= 0xC0 ? 13 : 0;  // Once for each character of several bytes.
    } else if (std::string_view("mwMW@%").find(c) != std::string_view::npos) {
      width += 12.5;
    } else if (std::string_view("fijlrt.,:;|!'()[] ").find(c) != std::string_view::npos) {
      width += 5.5;
    } else {
      width += c >= 'A' && c <= 'Z' ? 9.5 : 7.7;
    }
  }
  return width;
}

/// `text`, cut at its end until it is no wider than `width_max`.
std::string fit_label(const std::string& text, double width_max) {
  std::string label = text;
  for (std::size_t columns = display_width(text); columns > 1 && label_width(label) > width_max;)
    label = fit(text, --columns, false);
  return label;
}

/// Small squares with names, from `x` on.
std::string legend(double x, double y, const std::vector<BarPart>& parts) {
  std::string svg;
  for (const BarPart& part : parts) {
    svg += rectangle(x, y - 10, 11, 11, part.style, part.name) + text_at(x + 17, y, part.name);
    x += 40 + 7.0 * static_cast<double>(display_width(part.name));
  }
  return svg;
}

}  // namespace

// --- bars and columns ---

std::string bars_svg(std::string_view title, const std::vector<BarPart>& parts, const std::vector<Bar>& bars) {
  if (bars.empty()) return {};
  constexpr int kRow = 26;
  constexpr int kWidth = 800;
  constexpr int kValue = 240;  // Behind the longest bar.
  constexpr double kLabelMin = 106;
  constexpr double kLabelMax = 350;
  double longest = kLabelMin;
  for (const Bar& bar : bars) longest = std::max(longest, std::min(label_width(bar.label), kLabelMax));
  const int left = static_cast<int>(longest) + 14;
  const int bars_width = kWidth - kValue - left;
  const int top = parts.size() > 1 ? 30 : 4;
  double most = 0;
  for (const Bar& bar : bars) {
    double sum = 0;
    for (const double part : bar.parts) sum += part;
    most = std::max(most, sum);
  }
  std::string svg = parts.size() > 1 ? legend(left, 14, parts) : "";
  double y = top;
  for (const Bar& bar : bars) {
    svg += fmt::format("<text x=\"{}\" y=\"{:.1f}\" class=\"end\">{}<title>{}</title></text>", left - 10, y + 16,
                       escape_html(fit_label(bar.label, kLabelMax)), escape_html(bar.label));
    double x = left;
    for (std::size_t i = 0; i < bar.parts.size() && i < parts.size(); ++i) {
      const double width = most > 0 ? bar.parts[i] * bars_width / most : 0;
      if (width <= 0) continue;
      svg += rectangle(x, y + 3, std::max(width - 1, 1.0), kRow - 8, parts[i].style, parts[i].name);
      x += width;
    }
    svg += text_at(x + 8, y + 16, bar.value, "value");
    y += kRow;
  }
  return framed("chart", kWidth, static_cast<int>(y) + 4, title, svg);
}

std::string columns_svg(std::string_view title, std::string_view label, const std::vector<Column>& columns) {
  if (columns.empty()) return {};
  constexpr double kWidth = 760;
  constexpr double kBase = 210;
  constexpr double kHeight = 170;
  std::size_t most = 1;
  for (const Column& column : columns) most = std::max(most, column.count);
  const double step = kWidth / static_cast<double>(columns.size());
  std::string svg;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const double middle = step * (static_cast<double>(i) + 0.5);
    const double height = static_cast<double>(columns[i].count) * kHeight / static_cast<double>(most);
    const std::string count = base::format_count(columns[i].count);
    if (height > 0)
      svg += rectangle(middle - step * 0.36, kBase - height, step * 0.72, height, "first",
                       columns[i].label + ": " + count);
    svg += text_at(middle, kBase - height - 6, count, columns[i].count == 0 ? "middle dim" : "middle value");
    svg += text_at(middle, kBase + 18, columns[i].label, "middle");
  }
  svg += line_at(0, kBase, kWidth, kBase, "axis") + text_at(kWidth / 2, kBase + 42, label, "middle dim");
  return framed("chart", static_cast<int>(kWidth), static_cast<int>(kBase) + 52, title, svg);
}

// --- scatter ---

namespace {

/// Powers of the base that hold all values above zero; what is not above zero sits on the axis itself.
struct LogAxis {
  int low = 0;
  int high = 1;
  double base = 10;

  static LogAxis of(const std::vector<ScatterPoint>& points, double ScatterPoint::*value, double base) {
    LogAxis axis{std::numeric_limits<int>::max(), std::numeric_limits<int>::min(), base};
    for (const ScatterPoint& point : points) {
      if (!(point.*value > 0)) continue;
      axis.low = std::min(axis.low, static_cast<int>(std::floor(axis.power_of(point.*value))));
      axis.high = std::max(axis.high, static_cast<int>(std::ceil(axis.power_of(point.*value))));
    }
    if (axis.low > axis.high) return {0, 1, base};
    if (axis.low == axis.high) ++axis.high;
    return axis;
  }
  /// Exact for powers of the two bases that there are.
  double power_of(double value) const { return base == 10 ? std::log10(value) : std::log2(value) / std::log2(base); }
  double value_of(int power) const { return std::pow(base, power); }
  /// 0 at the left, 1 at the right.
  double place(double value) const {
    if (!(value > 0)) return 0;
    return std::clamp((power_of(value) - low) / (high - low), 0.0, 1.0) * 0.96 + 0.04;
  }
};

constexpr double kPlotLeft = 80;
constexpr double kPlotTop = 30;
constexpr double kPlotWidth = 650;
constexpr double kPlotHeight = 300;

double plot_x(double share) {
  return kPlotLeft + share * kPlotWidth;
}
double plot_y(double share) {
  return kPlotTop + (1 - share) * kPlotHeight;
}

std::string plain_number(double value) {
  return fmt::format("{:g}", value);
}

std::string axes_svg(const Scatter& scatter, const LogAxis& x, const LogAxis& y) {
  const auto x_text = scatter.x_text != nullptr ? scatter.x_text : plain_number;
  const auto y_text = scatter.y_text != nullptr ? scatter.y_text : plain_number;
  std::string svg = line_at(kPlotLeft, plot_y(0), plot_x(1), plot_y(0), "axis") +
                    line_at(kPlotLeft, plot_y(0), kPlotLeft, plot_y(1), "axis");
  const int x_step = std::max(1, (x.high - x.low + 7) / 8);
  for (int power = x.low; power <= x.high; power += x_step) {
    const double at = plot_x(x.place(x.value_of(power)));
    svg += line_at(at, plot_y(0), at, plot_y(1), "grid") +
           text_at(at, plot_y(0) + 18, x_text(x.value_of(power)), "middle dim");
  }
  const int y_step = std::max(1, (y.high - y.low + 5) / 6);
  for (int power = y.low; power <= y.high; power += y_step) {
    const double at = plot_y(y.place(y.value_of(power)));
    svg += line_at(kPlotLeft, at, plot_x(1), at, "grid") +
           text_at(kPlotLeft - 8, at + 4, y_text(y.value_of(power)), "end dim");
  }
  if (std::ranges::any_of(scatter.points, [](const ScatterPoint& point) { return !(point.y > 0); }))
    svg += text_at(kPlotLeft - 8, plot_y(0) + 4, "0", "end dim");
  return svg + text_at(plot_x(0.5), plot_y(0) + 40, scatter.x_label, "middle") +
         text_at(4, kPlotTop - 14, scatter.y_label);
}

std::string mark_svg(double x, double y, bool square, std::string_view title) {
  const std::string safe = escape_html(title);
  return square ? fmt::format(
                      "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"8\" height=\"8\" class=\"second "
                      "point\"><title>{}</title></rect>",
                      x - 4, y - 4, safe)
                : fmt::format(
                      "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4.5\" class=\"first point\"><title>{}</title></circle>",
                      x, y, safe);
}

std::string scatter_legend(const Scatter& scatter) {
  std::string svg;
  double x = kPlotLeft + kPlotWidth;
  for (const auto& [square, name] : {std::pair(true, scatter.marked_name), std::pair(false, scatter.plain_name)}) {
    if (name.empty()) continue;
    x -= 7.0 * static_cast<double>(display_width(name));
    svg += text_at(x, kPlotTop - 14, name) + mark_svg(x - 12, kPlotTop - 18, square, name);
    x -= 34;
  }
  return svg;
}

}  // namespace

std::string scatter_svg(const Scatter& scatter) {
  LogAxis x = LogAxis::of(scatter.points, &ScatterPoint::x, scatter.x_base);
  LogAxis y = LogAxis::of(scatter.points, &ScatterPoint::y, 10);
  if (scatter.diagonal) x = y = {std::min(x.low, y.low), std::max(x.high, y.high), 10};
  std::string svg = axes_svg(scatter, x, y) + scatter_legend(scatter);
  if (scatter.diagonal) svg += line_at(plot_x(0.04), plot_y(0.04), plot_x(1), plot_y(1), "cut");
  if (scatter.cut) {
    const double at = plot_x(x.place(*scatter.cut));
    const bool right = at > kPlotLeft + kPlotWidth * 0.6;
    svg += line_at(at, plot_y(0), at, plot_y(1), "cut") +
           text_at(right ? at - 8 : at + 8, plot_y(1) + 12, scatter.cut_label, right ? "end" : "");
  }
  for (const ScatterPoint& point : scatter.points)
    svg += mark_svg(plot_x(x.place(point.x)), plot_y(y.place(point.y)), point.marked, point.label);
  return framed("chart", static_cast<int>(kPlotLeft + kPlotWidth) + 30, static_cast<int>(plot_y(0)) + 50, scatter.title,
                svg);
}

// --- curve and gauge ---

std::string curve_svg(std::string_view title, std::string_view x_label, std::string_view y_label,
                      const std::vector<CurvePoint>& points) {
  constexpr double kLeft = 52;
  constexpr double kTop = 28;
  constexpr double kWidth = 400;
  constexpr double kHeight = 200;
  std::string svg;
  for (const int percent : {0, 25, 50, 75, 100}) {
    const double share = percent / 100.0;
    svg += line_at(kLeft, kTop + (1 - share) * kHeight, kLeft + kWidth, kTop + (1 - share) * kHeight,
                   percent == 0 ? "axis" : "grid") +
           text_at(kLeft - 8, kTop + (1 - share) * kHeight + 4, fmt::format("{} %", percent), "end dim") +
           text_at(kLeft + share * kWidth, kTop + kHeight + 18, fmt::format("{} %", percent), "middle dim");
  }
  std::string path;
  for (const CurvePoint& point : points) {
    path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : " L", kLeft + std::clamp(point.x, 0.0, 1.0) * kWidth,
                        kTop + (1 - std::clamp(point.y, 0.0, 1.0)) * kHeight);
  }
  if (!path.empty()) svg += fmt::format("<path d=\"{}\" class=\"curve\"/>", path);
  svg += text_at(kLeft + kWidth / 2, kTop + kHeight + 40, x_label, "middle") + text_at(4, kTop - 12, y_label);
  return framed("chart small", static_cast<int>(kLeft + kWidth) + 28, static_cast<int>(kTop + kHeight) + 50, title,
                svg);
}

std::string gauge_svg(std::string_view title, int part, std::string_view value) {
  constexpr double kMiddle = 90;
  constexpr double kBase = 88;
  constexpr double kRadius = 66;
  constexpr double kThird = std::numbers::pi / 3;
  constexpr double kGap = 0.035;
  const auto at = [](double angle, double radius) {
    return std::pair(kMiddle - std::cos(angle) * radius, kBase - std::sin(angle) * radius);
  };
  std::string svg;
  for (int i = 0; i < 3; ++i) {
    const auto [x1, y1] = at(i * kThird + kGap, kRadius);
    const auto [x2, y2] = at((i + 1) * kThird - kGap, kRadius);
    svg += fmt::format("<path d=\"M{:.1f} {:.1f} A{} {} 0 0 1 {:.1f} {:.1f}\" class=\"arc part{}{}\"/>", x1, y1,
                       kRadius, kRadius, x2, y2, i + 1, i == part ? " on" : "");
  }
  if (part >= 0) {
    const double angle = (part + 0.5) * kThird;
    const auto [x1, y1] = at(angle, kRadius - 24);
    const auto [x2, y2] = at(angle, kRadius + 9);
    svg += line_at(x1, y1, x2, y2, "needle");
  }
  svg += text_at(kMiddle, kBase - 6, value, "middle big") + text_at(18, kBase + 14, "low", "dim") +
         text_at(kMiddle, 11, "medium", "middle dim") + text_at(162, kBase + 14, "high", "end dim");
  return framed("gauge", 180, 106, title, svg);
}

}  // namespace voyager::report

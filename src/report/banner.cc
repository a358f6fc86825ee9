#include "report/banner.h"

#include <algorithm>
#include <string_view>

#include "report/style.h"
#include "report/text_width.h"

namespace voyager::report {
namespace {

std::string repeated(std::string_view text, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

}  // namespace

std::string banner_text(const std::string& title, const std::vector<std::pair<std::string, std::string>>& facts,
                        const TextStyle& style) {
  std::vector<std::pair<std::string, std::string>> shown;
  for (const auto& [label, value] : facts) {
    if (!value.empty()) shown.emplace_back(label, style.ascii ? to_ascii(printable(value)) : printable(value));
  }
  std::size_t labels = 0;
  std::size_t values = 0;
  for (const auto& [label, value] : shown) {
    labels = std::max(labels, display_width(label));
    values = std::max(values, display_width(value));
  }
  const std::size_t width = std::max(display_width(title), labels + 2 + values);
  const std::string rule = repeated(style.ascii ? "-" : "─", width + 2);
  const std::string side = style.ascii ? "|" : "│";
  std::string out = (style.ascii ? "+" : "╭") + rule + (style.ascii ? "+" : "╮") + "\n";
  const auto row = [&](const std::string& text) { out += side + " " + text + " " + side + "\n"; };
  row(painted(pad_right(title, width), Paint::kBold, style.colour));
  for (const auto& [label, value] : shown) {
    row(painted(pad_right(label, labels), Paint::kDim, style.colour) + "  " + pad_right(value, width - labels - 2));
  }
  return out + (style.ascii ? "+" : "╰") + rule + (style.ascii ? "+" : "╯") + "\n";
}

}  // namespace voyager::report

#include "report/page.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/sha256.h"
#include "report/page/embedded.h"

namespace voyager::report {

std::string escape_html(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        if ((byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7F) {
          out += "\xEF\xBF\xBD";
        } else {
          out += c;
        }
    }
  }
  return out;
}

std::string stacked_bars_svg(std::string_view title, const std::vector<StackedBar>& bars) {
  constexpr int kRow = 26;
  constexpr int kLeft = 150;
  constexpr int kWidth = 480;
  std::size_t most = 1;
  for (const StackedBar& bar : bars) most = std::max(most, bar.clean + bar.hand);
  const auto width = [most](std::size_t count) {
    return static_cast<double>(count) * kWidth / static_cast<double>(most);
  };
  std::string svg =
      fmt::format("<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\" width=\"{}\">", kLeft + kWidth + 110,
                  static_cast<int>(bars.size()) * kRow + 4, escape_html(title), kLeft + kWidth + 110);
  svg += fmt::format("<title>{}</title>", escape_html(title));
  int y = 2;
  for (const StackedBar& bar : bars) {
    svg +=
        fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>", kLeft - 8, y + 16, escape_html(bar.label));
    svg += fmt::format("<rect class=\"clean\" x=\"{}\" y=\"{}\" width=\"{:.1f}\" height=\"18\"/>", kLeft, y + 2,
                       width(bar.clean));
    svg += fmt::format("<rect class=\"hand\" x=\"{:.1f}\" y=\"{}\" width=\"{:.1f}\" height=\"18\"/>",
                       kLeft + width(bar.clean), y + 2, width(bar.hand));
    svg += fmt::format("<text x=\"{:.1f}\" y=\"{}\">{} / {}</text>", kLeft + width(bar.clean + bar.hand) + 8, y + 16,
                       bar.hand, bar.clean + bar.hand);
    y += kRow;
  }
  return svg + "</svg>";
}

void Page::head(const std::vector<std::pair<std::string, std::string>>& facts) {
  body_ += fmt::format("<header><h1>{}</h1><dl class=\"facts\">", escape_html(title_));
  for (const auto& [label, value] : facts) {
    if (!value.empty()) body_ += fmt::format("<dt>{}</dt><dd>{}</dd>", escape_html(label), escape_html(value));
  }
  body_ += "</dl></header>\n<main id=\"main\">\n";
}

void Page::tiles(const std::vector<Tile>& tiles) {
  body_ += "<div class=\"tiles\">";
  for (const Tile& tile : tiles) {
    body_ += fmt::format(
        "<div class=\"tile\"><div class=\"label\">{}</div><div class=\"value\">{}</div><div "
        "class=\"note\">{}</div></div>",
        escape_html(tile.label), escape_html(tile.value), escape_html(tile.note));
  }
  body_ += "</div>\n";
}

void Page::section(std::string_view id, std::string_view heading, std::string_view html) {
  body_ +=
      fmt::format("<section id=\"{}\" aria-labelledby=\"{}-heading\"><h2 id=\"{}-heading\">{}</h2>\n{}\n</section>\n",
                  id, id, id, escape_html(heading), html);
}

std::string Page::finish() const {
  const std::string script = std::string(kFilterJs) + std::string(kPageJs);
  std::string html = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  html += fmt::format(
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{}'; script-src "
      "'sha256-{}'; "
      "base-uri 'none'; form-action 'none'\">\n",
      base::sha256_base64(kPageCss), base::sha256_base64(script));
  html +=
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"referrer\" "
      "content=\"no-referrer\">\n";
  html += fmt::format("<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n", escape_html(title_), kPageCss);
  html += "<a class=\"skip\" href=\"#main\">Skip to the content</a>\n";
  html += body_;
  html += fmt::format("</main>\n<script>{}</script>\n</body>\n</html>\n", script);
  return html;
}

}  // namespace voyager::report

#include "report/page.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/sha256.h"
#include "base/text.h"
#include "base/utf8.h"
#include "report/line_diff.h"
#include "report/page/embedded.h"

namespace voyager::report {

std::string escape_html(std::string_view text) {
  if (base::first_bad_byte(text)) return escape_html(base::with_bad_bytes_replaced(text));
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

std::string link_html(std::string_view url, std::string_view text) {
  if (!url.starts_with("https://")) return escape_html(url);
  return fmt::format("<a href=\"{}\" rel=\"noreferrer\">{}</a>", escape_html(url), escape_html(text));
}

std::string list_html(const std::vector<std::string>& lines) {
  std::string html = "<ul>";
  for (const std::string& line : lines) html += fmt::format("<li>{}</li>", escape_html(line));
  return html + "</ul>";
}

std::string names_html(const std::vector<std::string>& names, std::size_t shown_max) {
  const std::size_t shown = std::min(names.size(), shown_max);
  std::string text = base::join(std::span(names).first(shown), ", ");
  if (shown < names.size()) text += fmt::format(", and {} more", base::format_count(names.size() - shown));
  return escape_html(text);
}

std::string facts_html(const std::vector<std::pair<std::string, std::string>>& facts) {
  std::string html = "<dl class=\"facts\">";
  for (const auto& [label, value] : facts) {
    if (!value.empty()) html += fmt::format("<dt>{}</dt><dd>{}</dd>", escape_html(label), value);
  }
  return html + "</dl>";
}

std::string folded_html(std::string_view summary, std::string_view html, bool open) {
  return fmt::format("<details{}><summary>{}</summary><div>{}</div></details>\n", open ? " open" : "",
                     escape_html(summary), html);
}

// Each line is a block of its own (page.css) with its line end inside: behind it, it would show as an empty line.
std::string diff_html(std::string_view before, std::string_view after) {
  std::string html = "<pre class=\"diff\"><code>";
  for (const DiffLine& line : line_diff(before, after)) {
    const std::string text = escape_html(line.text);
    switch (line.change) {
      case LineChange::kKept:
        html += fmt::format("<span>  {}\n</span>", text);
        break;
      case LineChange::kRemoved:
        html += fmt::format("<del>- {}\n</del>", text);
        break;
      case LineChange::kAdded:
        html += fmt::format("<ins>+ {}\n</ins>", text);
        break;
    }
  }
  return html + "</code></pre>";
}

void Page::head(const std::vector<std::pair<std::string, std::string>>& facts) {
  std::vector<std::pair<std::string, std::string>> escaped;
  for (const auto& [label, value] : facts) escaped.emplace_back(label, escape_html(value));
  head_ += facts_html(escaped);
}

void Page::tiles(const std::vector<Tile>& tiles) {
  body_ += "<div class=\"tiles\">";
  for (const Tile& tile : tiles) {
    const std::string value =
        tile.picture.empty() ? fmt::format("<div class=\"value\">{}</div>", escape_html(tile.value)) : tile.picture;
    body_ += fmt::format("<div class=\"tile\"><div class=\"label\">{}</div>{}<div class=\"note\">{}</div></div>",
                         escape_html(tile.label), value, escape_html(tile.note));
  }
  body_ += "</div>\n";
}

void Page::block(std::string_view html) {
  body_ += html;
}

void Page::section(std::string_view id, std::string_view heading, std::string_view html) {
  contents_ += fmt::format("<li><a href=\"#{}\">{}</a></li>", id, escape_html(heading));
  body_ +=
      fmt::format("<section id=\"{}\" aria-labelledby=\"{}-heading\"><h2 id=\"{}-heading\">{}</h2>\n{}\n</section>\n",
                  id, id, id, escape_html(heading), html);
}

std::string Page::finish() const {
  const std::string script = std::string(kFilterJs) + std::string(kPageJs) + std::string(kTablesJs);
  std::string html = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  html += fmt::format(
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{}'; script-src "
      "'sha256-{}'; base-uri 'none'; form-action 'none'\">\n",
      base::sha256_base64(kPageCss), base::sha256_base64(script));
  html +=
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"referrer\" "
      "content=\"no-referrer\">\n";
  html += fmt::format("<title>{}{}{}</title>\n<style>{}</style>\n</head>\n<body>\n", escape_html(title_),
                      subtitle_.empty() ? "" : ": ", escape_html(subtitle_), kPageCss);
  html += "<a class=\"skip\" href=\"#main\">Skip to the content</a>\n";
  html += fmt::format("<header><h1>{}</h1>", escape_html(title_));
  if (!subtitle_.empty()) html += fmt::format("<p class=\"subtitle\">{}</p>", escape_html(subtitle_));
  html += head_ + "</header>\n<div class=\"layout\">\n";
  html += fmt::format("<nav aria-label=\"Sections\"><ul>{}</ul></nav>\n<main id=\"main\">\n", contents_);
  html += body_;
  html += fmt::format("</main>\n</div>\n<script>{}</script>\n</body>\n</html>\n", script);
  return html;
}

}  // namespace voyager::report

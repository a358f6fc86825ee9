#include "report/page_table.h"

#include <fmt/format.h>

#include <utility>

#include "report/page.h"

namespace voyager::report {

PageTable::PageTable(std::string caption, std::vector<PageColumn> columns)
    : caption_(std::move(caption)), columns_(std::move(columns)) {}

void PageTable::add(std::string& to, const std::vector<std::string>& cells) const {
  to += "<tr>";
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const std::string cell = i < cells.size() ? cells[i] : "";
    const char* kind = columns_[i].number ? " class=\"number\"" : "";
    to += i == 0 ? fmt::format("<th scope=\"row\"{}>{}</th>", kind, cell) : fmt::format("<td{}>{}</td>", kind, cell);
  }
  to += "</tr>\n";
}

std::string PageTable::html() const {
  std::string html;
  if (search_) {
    html += fmt::format(
        "<div class=\"filters script-only\"><label for=\"search\">Search</label><input id=\"search\" type=\"search\" "
        "data-table=\"{}\" placeholder=\"words of a row; key /\"></div><p id=\"{}-shown\" class=\"dim script-only\" "
        "aria-live=\"polite\"></p>\n",
        id_, id_);
  }
  const std::string kind = id_.empty() ? "" : fmt::format(" id=\"{}\" class=\"sortable\"", id_);
  html += fmt::format("<div class=\"scroll\"><table{}><caption>{}</caption><thead><tr>", kind, escape_html(caption_));
  for (const PageColumn& column : columns_) {
    html +=
        fmt::format("<th scope=\"col\"{}>{}</th>", column.number ? " class=\"number\"" : "", escape_html(column.title));
  }
  html += "</tr></thead><tbody>\n" + body_ + "</tbody>";
  if (!foot_.empty()) html += "<tfoot>" + foot_ + "</tfoot>";
  return html + "</table></div>\n";
}

}  // namespace voyager::report

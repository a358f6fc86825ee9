// The page of analyze-schema.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/text.h"
#include "report/page.h"
#include "report/schema_report.h"

namespace voyager::report {
namespace {

using model::AnalysisIssue;
using model::SchemaAnalysis;

// A page with more would load slowly; the JSON form has all of them.
constexpr std::size_t kIssuesMax = 5000;
constexpr std::size_t kTodoMax = 10;
constexpr std::size_t kNamesMax = 200;

/// A button that shows only what has these fields; none shows everything.
std::string filter_button(const std::map<std::string, std::string>& wanted, std::string_view text) {
  const std::string json = nlohmann::json(wanted).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
  return fmt::format(
      "<button type=\"button\" aria-pressed=\"false\" data-filter=\"{}\" data-jump=\"issues\">{}</button>",
      escape_html(json), escape_html(text));
}

// --- what to do ---

struct Group {
  const AnalysisIssue* first = nullptr;
  std::size_t count = 0;
};

std::vector<Group> groups_of(const SchemaAnalysis& analysis) {
  std::map<std::string_view, Group> by_type;
  for (const AnalysisIssue& issue : analysis.issues) {
    Group& group = by_type[issue.type];
    if (group.first == nullptr) group.first = &issue;
    ++group.count;
  }
  std::vector<Group> groups;
  for (const auto& [type, group] : by_type) groups.push_back(group);
  std::ranges::stable_sort(groups, [](const Group& a, const Group& b) {
    return std::pair(a.first->level, a.count) > std::pair(b.first->level, b.count);
  });
  return groups;
}

std::string todo_html(const SchemaAnalysis& analysis) {
  const std::vector<Group> groups = groups_of(analysis);
  if (groups.empty()) return "<p>Nothing: no issue was found.</p>";
  std::string html = "<ol class=\"todo\">";
  for (std::size_t i = 0; i < groups.size() && i < kTodoMax; ++i) {
    const AnalysisIssue& first = *groups[i].first;
    html += fmt::format(
        "<li><span class=\"level level{}\">level {}</span> <strong>{} × {}</strong>{}{} <span "
        "class=\"script-only\">{}</span></li>",
        first.level, first.level, groups[i].count, escape_html(first.name), first.suggestion.empty() ? "" : ": ",
        escape_html(first.suggestion), filter_button({{"type", first.type}}, "show"));
  }
  html += "</ol>";
  if (groups.size() > kTodoMax)
    html +=
        fmt::format("<p class=\"dim\">{} other kinds of issues are in the list below.</p>", groups.size() - kTodoMax);
  return html;
}

// --- matrix ---

std::string matrix_row(std::string_view title, const std::string& category, const std::array<std::size_t, 4>& counts) {
  std::map<std::string, std::string> wanted;
  if (!category.empty()) wanted["category"] = category;
  std::string html = fmt::format("<tr><th scope=\"row\">{}</th>", escape_html(title));
  for (std::size_t level = 1; level <= 3; ++level) {
    std::map<std::string, std::string> cell = wanted;
    cell["level"] = std::to_string(level);
    html += fmt::format("<td class=\"number\">{}</td>", filter_button(cell, std::to_string(counts[level])));
  }
  return html + fmt::format("<td class=\"number\">{}</td></tr>", filter_button(wanted, std::to_string(counts[0])));
}

std::string matrix_html(const SchemaAnalysis& analysis) {
  std::map<std::pair<std::string, std::string>, std::array<std::size_t, 4>> rows;
  std::array<std::size_t, 4> sums{};
  for (const AnalysisIssue& issue : analysis.issues) {
    auto& row = rows[{issue.category_title, issue.category}];
    for (auto* counts : {&row, &sums}) {
      ++(*counts)[0];
      ++(*counts)[static_cast<std::size_t>(std::clamp(issue.level, 1, 3))];
    }
  }
  std::string html =
      "<div class=\"scroll\"><table><caption>Level 1: a change of DDL only. Level 2: queries and the application too. "
      "Level 3: no simple "
      "way round. A number shows its issues.</caption><thead><tr><th scope=\"col\">Category</th><th scope=\"col\" "
      "class=\"number\">Level 1</th>"
      "<th scope=\"col\" class=\"number\">Level 2</th><th scope=\"col\" class=\"number\">Level 3</th><th scope=\"col\" "
      "class=\"number\">All"
      "</th></tr></thead><tbody>";
  for (const auto& [key, counts] : rows) html += matrix_row(key.first, key.second, counts);
  return html + matrix_row("All", "", sums) + "</tbody></table></div>";
}

// --- issues ---

/// The statement with the line of the finding marked.
std::string sql_html(const AnalysisIssue& issue) {
  if (issue.sql.empty()) return {};
  const std::vector<std::string> lines = base::split(issue.sql, '\n');
  // The last line of the text is known; the first of it follows.
  const int first_line = issue.end_line - static_cast<int>(lines.size()) + 1;
  std::string html = "<pre><code>";
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const bool marked = lines.size() > 1 && first_line + static_cast<int>(i) == issue.line;
    html += fmt::format("{}{}{}{}", i == 0 ? "" : "\n", marked ? "<mark>" : "", escape_html(lines[i]),
                        marked ? "</mark>" : "");
  }
  return html + "</code></pre>";
}

std::string link(std::string_view url, std::string_view text) {
  // Only what the table of issues holds can come here; anything else is shown and not linked.
  if (!url.starts_with("https://")) return escape_html(url);
  return fmt::format("<a href=\"{}\" rel=\"noreferrer\">{}</a>", escape_html(url), escape_html(text));
}

std::string row_html(std::string_view label, const std::string& html) {
  return html.empty() ? "" : fmt::format("<dt>{}</dt><dd>{}</dd>", escape_html(label), html);
}

std::string percent_encoded(std::string_view path) {
  std::string out;
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
                       c == '.' || c == '_' || c == '-';
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

std::string place_html(const AnalysisIssue& issue) {
  if (issue.line == 0) return "the schema as a whole";
  const std::string place = fmt::format("{}:{}", issue.file, issue.line);
  return fmt::format(
      "<a href=\"../{}\"><code>{}</code></a> <button type=\"button\" class=\"copy script-only\" "
      "data-text=\"{}:{}\">copy</button>",
      percent_encoded(issue.file), escape_html(place), escape_html(issue.file_path), issue.line);
}

std::string issue_html(const AnalysisIssue& issue, bool compared) {
  const char* state = !compared ? "" : issue.is_new ? "new" : "unchanged";
  std::string html = fmt::format(
      "<details class=\"issue\" id=\"issue-{}\" data-category=\"{}\" data-level=\"{}\" data-object=\"{}\" "
      "data-type=\"{}\" data-state=\"{}\">",
      escape_html(issue.id), escape_html(issue.category), issue.level, escape_html(issue.object_type),
      escape_html(issue.type), state);
  html +=
      fmt::format("<summary><span class=\"level level{}\">level {}</span> {} <strong>{}</strong> — {}{}</summary><div>",
                  issue.level, issue.level, escape_html(issue.object_type), escape_html(issue.object_name),
                  escape_html(issue.name), compared && issue.is_new ? "<span class=\"badge new\">new</span>" : "");
  html += fmt::format("<p>{}</p>", escape_html(issue.reason)) + sql_html(issue) + "<dl class=\"facts\">";
  html += row_html("where", place_html(issue)) + row_html("what to do", escape_html(issue.suggestion)) +
          row_html("fixed in", escape_html(issue.fixed_in_text)) +
          row_html("more", issue.docs.empty() ? "" : link(issue.docs, "documentation")) +
          row_html("request", issue.tracker.empty() ? "" : link(issue.tracker, issue.tracker)) +
          row_html("category", escape_html(issue.category_title)) +
          row_html("type, id",
                   fmt::format("<code>{}</code>, <code>{}</code>", escape_html(issue.type), escape_html(issue.id)));
  return html + "</dl></div></details>\n";
}

std::string object_buttons(const SchemaAnalysis& analysis) {
  std::map<std::string, std::size_t> types;
  for (const AnalysisIssue& issue : analysis.issues) ++types[issue.object_type];
  std::string html;
  for (const auto& [type, count] : types)
    html += filter_button({{"object", type}}, fmt::format("{} ({})", type, count));
  if (analysis.change.known) html += filter_button({{"state", "new"}}, fmt::format("new ({})", analysis.change.added));
  return html;
}

std::string issues_html(const SchemaAnalysis& analysis) {
  if (analysis.issues.empty()) return "<p>None.</p>";
  std::string html =
      "<div class=\"filters script-only\"><label for=\"search\">Search</label><input id=\"search\" type=\"search\" "
      "placeholder=\"words of object, statement, reason (key /)\">" +
      filter_button({}, "show all") + object_buttons(analysis) +
      "</div><p id=\"shown\" class=\"dim\" aria-live=\"polite\"></p>\n";
  std::vector<const AnalysisIssue*> sorted;
  for (const AnalysisIssue& issue : analysis.issues) sorted.push_back(&issue);
  std::ranges::stable_sort(sorted, [](const AnalysisIssue* a, const AnalysisIssue* b) { return a->level > b->level; });
  if (sorted.size() > kIssuesMax) {
    html += fmt::format("<p>The first {} of {} issues; the JSON form of this report has all.</p>", kIssuesMax,
                        sorted.size());
    sorted.resize(kIssuesMax);
  }
  for (const AnalysisIssue* issue : sorted) html += issue_html(*issue, analysis.change.known);
  return html;
}

// --- inventory ---

std::string names_html(const std::vector<std::string>& names) {
  const std::size_t shown = std::min(names.size(), kNamesMax);
  std::string text = base::join(std::span(names).first(shown), ", ");
  if (shown < names.size()) text += fmt::format(", and {} more", names.size() - shown);
  return escape_html(text);
}

std::string inventory_html(const SchemaAnalysis& analysis) {
  std::vector<StackedBar> bars;
  std::string rows;
  std::array<std::size_t, 3> sums{};
  for (const model::AnalysisObjects& one : analysis.objects) {
    const std::size_t hand = std::min(one.total, one.invalid);
    bars.push_back({one.type, one.total - hand, hand});
    sums[0] += one.total;
    sums[1] += one.total - hand;
    sums[2] += one.invalid;
    rows += fmt::format(
        "<tr><th scope=\"row\">{}</th><td class=\"number\">{}</td><td class=\"number\">{}</td><td "
        "class=\"number\">{}</td>"
        "<td class=\"names\">{}</td><td>{}</td></tr>",
        escape_html(one.type), one.total, one.total - hand, one.invalid, names_html(one.names),
        escape_html(base::join(one.details, " ")));
  }
  if (bars.empty()) return "<p>The files hold no objects.</p>";
  return stacked_bars_svg("Objects by kind: with issues of all", bars) +
         "<div class=\"scroll\"><table><caption>Objects by kind</caption><thead><tr><th scope=\"col\">Object</th><th "
         "scope=\"col\" class=\"number\">Total"
         "</th><th scope=\"col\" class=\"number\">Without issues</th><th scope=\"col\" class=\"number\">With "
         "issues</th><th scope=\"col\">Names</th>"
         "<th scope=\"col\">Details</th></tr></thead><tbody>" +
         rows +
         fmt::format(
             "</tbody><tfoot><tr><th scope=\"row\">All</th><td class=\"number\">{}</td><td class=\"number\">{}</td><td "
             "class=\"number\">{}</td>"
             "<td></td><td></td></tr></tfoot></table></div>",
             sums[0], sums[1], sums[2]);
}

std::string list_html(const std::vector<std::string>& lines) {
  std::string html = "<ul>";
  for (const std::string& line : lines) html += fmt::format("<li>{}</li>", escape_html(line));
  return html + "</ul>";
}

std::vector<Tile> tiles_of(const SchemaAnalysis& analysis) {
  std::set<std::string> objects;
  std::size_t total = 0;
  for (const AnalysisIssue& issue : analysis.issues) objects.insert(issue.object_type + " " + issue.object_name);
  for (const model::AnalysisObjects& one : analysis.objects) total += one.total;
  const model::AnalysisChange& change = analysis.change;
  return {
      {"Issues", base::format_count(analysis.issues.size()),
       fmt::format("{} of level 3, {} of level 2, {} of level 1", analysis.count(3), analysis.count(2),
                   analysis.count(1))},
      {"Objects with issues", base::format_count(objects.size()),
       fmt::format("{} objects in the schema", base::format_count(total))},
      {"Since the last run",
       change.known ? fmt::format("{:+}", static_cast<long>(change.added) - static_cast<long>(change.fixed.size()))
                    : "–",
       change.known ? fmt::format("{} new, {} fixed, {} unchanged", change.added, change.fixed.size(), change.unchanged)
                    : "this is the first run"},
      {"Read", base::format_count(analysis.statements), fmt::format("statements in {} files", analysis.files)}};
}

}  // namespace

std::string schema_report_html(const SchemaAnalysis& analysis) {
  Page page("Schema analysis report");
  page.head({{"target", analysis.target},
             {"database", analysis.database},
             {"version", analysis.database_version},
             {"schemas", base::join(analysis.schemas, ", ")},
             {"made", fmt::format("{} by yb-voyager {}", analysis.made_at, analysis.program_version)}});
  page.tiles(tiles_of(analysis));
  page.section("todo", "What to do, in order", todo_html(analysis));
  page.section("matrix", "Issues by category and level", matrix_html(analysis));
  page.section("issues", "Issues", issues_html(analysis));
  if (!analysis.change.fixed.empty())
    page.section("fixed", "Fixed since the last run", list_html(analysis.change.fixed));
  page.section("inventory", "Inventory", inventory_html(analysis));
  if (!analysis.notes.empty()) page.section("notes", "Notes", list_html(analysis.notes));
  return page.finish();
}

}  // namespace voyager::report

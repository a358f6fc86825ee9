#include "report/issue_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

#include "base/text.h"
#include "report/assessment_figures.h"
#include "report/equal_issues.h"
#include "report/page.h"

namespace voyager::report {
namespace {

using model::AnalysisIssue;
using Issues = std::span<const AnalysisIssue* const>;

// More values than these are chosen from a list instead of chips.
constexpr std::size_t kChipsMax = 8;
constexpr std::size_t kGroupObjectsMax = 20;

std::string filter_attribute(const IssueFilter& wanted) {
  return escape_html(nlohmann::json(wanted).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace));
}

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

std::string percent_encoded(std::string_view path) {
  std::string out;
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
                       c == '.' || c == '_' || c == '-';
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

std::string place_html(const AnalysisIssue& issue, const std::string& root) {
  if (issue.line == 0) return issue.category == kQueryCategory ? "a query of the application" : "the schema as a whole";
  return fmt::format(
      "<a href=\"{}{}\"><code>{}:{}</code></a> <button type=\"button\" class=\"copy script-only\" "
      "data-text=\"{}:{}\">copy path</button>",
      escape_html(root), percent_encoded(issue.file), escape_html(issue.file), issue.line,
      escape_html(issue.file_path.empty() ? issue.file : issue.file_path), issue.line);
}

std::string details_html(const AnalysisIssue& issue) {
  std::string html;
  for (const auto& [key, value] : issue.details)
    html += fmt::format("{}{}: <code>{}</code>", html.empty() ? "" : "<br>", escape_html(key), escape_html(value));
  return html;
}

const char* state_of(const AnalysisIssue& issue, bool compared) {
  if (!compared) return "open";
  return issue.is_new ? "new" : "unchanged";
}

std::string object_words(const AnalysisIssue& issue) {
  if (issue.object_name.empty()) return issue.category == kQueryCategory ? "query" : escape_html(issue.object_type);
  return fmt::format("<span class=\"kind\">{}</span> {}", escape_html(base::lower(issue.object_type)),
                     escape_html(issue.object_name));
}

double hours_of(const EqualIssues& row) {
  double hours = 0;
  for (const AnalysisIssue* issue : row) hours += issue->effort_hours;
  return hours;
}

std::string badges_html(const EqualIssues& row, bool compared) {
  const AnalysisIssue& issue = *row.front();
  std::string html;
  if (row.size() > 1) html += fmt::format("<span class=\"badge\">{} times</span>", base::format_count(row.size()));
  if (compared && issue.is_new) html += "<span class=\"badge new\">new</span>";
  if (!issue.usage.empty())
    html += fmt::format("<span class=\"badge usage\">{}</span>", escape_html(base::lower(issue.usage)));
  if (!issue.caused_by.empty()) html += "<span class=\"badge\">goes with its cause</span>";
  if (const double hours = hours_of(row); hours > 0)
    html += fmt::format("<span class=\"badge\">~{}</span>", short_effort(hours));
  return html;
}

std::string data_html(const EqualIssues& row, const IssueListOptions& options) {
  const AnalysisIssue& issue = *row.front();
  std::string html = fmt::format(
      "data-category=\"{}\" data-level=\"{}\" data-object=\"{}\" data-type=\"{}\" data-state=\"{}\" data-schema=\"{}\" "
      "data-usage=\"{}\" data-hours=\"{:g}\"",
      escape_html(issue.category), issue.level, escape_html(issue.object_type), escape_html(issue.type),
      state_of(issue, options.compared), escape_html(schema_of(issue.object_name, options.schemas)),
      escape_html(issue.usage), hours_of(row));
  if (row.size() > 1) html += fmt::format(" data-count=\"{}\"", row.size());
  return html;
}

std::string cause_html(const AnalysisIssue& issue) {
  if (issue.caused_by.empty()) return {};
  return fmt::format("<a href=\"#issue-{}\">the issue that this one goes away with</a>", escape_html(issue.caused_by));
}

std::string statement_html(const AnalysisIssue& issue) {
  return issue.fix_text.empty() ? sql_html(issue)
                                : "<p class=\"dim\">Suggested rewrite: lines with − go, lines with + come.</p>" +
                                      diff_html(issue.sql, issue.fix_text);
}

/// Where one of several equal issues stands. Links lead to it by its id, as to the others; the first one's is the
/// row's.
std::string one_place_html(const AnalysisIssue& issue, const std::string& root, bool first) {
  const std::string id = first ? "" : fmt::format(" id=\"issue-{}\"", escape_html(issue.id));
  return fmt::format("<li{}>{}", id, statement_html(issue)) +
         facts_html({{"where", place_html(issue, root)},
                     {"details", details_html(issue)},
                     {"caused by", cause_html(issue)},
                     {"id", fmt::format("<code>{}</code>", escape_html(issue.id))}}) +
         "</li>";
}

std::string issue_html(const EqualIssues& row, const IssueListOptions& options) {
  const AnalysisIssue& issue = *row.front();
  const bool single = row.size() == 1;
  std::string html =
      fmt::format("<details class=\"issue\" id=\"issue-{}\" {}>", escape_html(issue.id), data_html(row, options));
  html += fmt::format(
      "<summary>{}<span class=\"what\"><strong>{}</strong> <span class=\"object\">{}</span></span><span "
      "class=\"badges\">{}</span></summary><div>",
      level_html(issue.level), escape_html(issue.name), object_words(issue), badges_html(row, options.compared));
  html += fmt::format("<p>{}</p>", escape_html(issue.reason));
  if (!issue.suggestion.empty())
    html += fmt::format("<p><strong>What to do.</strong> {}</p>", escape_html(issue.suggestion));
  if (single) {
    html += statement_html(issue);
  } else {
    html += fmt::format("<p>It is found {} times:</p><ol>", base::format_count(row.size()));
    for (const AnalysisIssue* one : row) html += one_place_html(*one, options.root, one == &issue);
    html += "</ol>";
  }
  const std::string type = fmt::format("<code>{}</code>", escape_html(issue.type));
  html += facts_html({{"where", single ? place_html(issue, options.root) : ""},
                      {"details", single ? details_html(issue) : ""},
                      {"supported in", escape_html(issue.fixed_in->text)},
                      {"shows in", escape_html(issue.phase)},
                      {"caused by", single ? cause_html(issue) : ""},
                      {"more", issue.docs.empty() ? "" : link_html(issue.docs, "documentation")},
                      {"request", issue.tracker.empty() ? "" : link_html(issue.tracker, issue.tracker)},
                      {"category", escape_html(issue.category_title)},
                      {single ? "type, id" : "type",
                       single ? fmt::format("{}, <code>{}</code>", type, escape_html(issue.id)) : type}});
  return html + "</div></details>\n";
}

// --- groups, where there are too many rows ---

struct Group {
  const AnalysisIssue* first = nullptr;
  std::vector<std::string> objects = {};
  std::size_t count = 0;
  double hours = 0;
};

std::vector<Group> groups_of(Issues issues) {
  std::map<std::tuple<std::string_view, std::string_view, int, std::string_view>, std::size_t> place;
  std::vector<Group> groups;
  for (const AnalysisIssue* issue : issues) {
    const auto [at, added] =
        place.try_emplace({issue->type, issue->category, issue->level, issue->object_type}, groups.size());
    if (added) groups.push_back({issue});
    Group& group = groups[at->second];
    ++group.count;
    group.hours += issue->effort_hours;
    if (group.objects.size() < kGroupObjectsMax && !issue->object_name.empty())
      group.objects.push_back(issue->object_name);
  }
  return groups;
}

std::string group_html(const Group& group) {
  const AnalysisIssue& first = *group.first;
  std::string html = fmt::format(
      "<details class=\"issue\" id=\"issue-{}\" data-category=\"{}\" data-level=\"{}\" data-object=\"{}\" "
      "data-type=\"{}\" data-hours=\"{:g}\" data-count=\"{}\">",
      escape_html(first.id), escape_html(first.category), first.level, escape_html(first.object_type),
      escape_html(first.type), group.hours, group.count);
  html += fmt::format(
      "<summary>{}<span class=\"what\"><strong>{}</strong> <span class=\"object\"><span "
      "class=\"kind\">{}</span></span></span><span class=\"badges\"><span class=\"badge\">{} "
      "{}</span></span></summary><div>",
      level_html(first.level), escape_html(first.name), escape_html(base::lower(first.object_type)),
      base::format_count(group.count), group.count == 1 ? "time" : "times");
  html += fmt::format("<p>{}</p>", escape_html(first.reason));
  if (!first.suggestion.empty())
    html += fmt::format("<p><strong>What to do.</strong> {}</p>", escape_html(first.suggestion));
  std::string objects = names_html(group.objects, kGroupObjectsMax);
  if (group.count > group.objects.size() && !group.objects.empty())
    objects += fmt::format(", and {} more", base::format_count(group.count - group.objects.size()));
  html += facts_html({{"objects", objects},
                      {"supported in", escape_html(first.fixed_in->text)},
                      {"more", first.docs.empty() ? "" : link_html(first.docs, "documentation")},
                      {"type", fmt::format("<code>{}</code>", escape_html(first.type))}});
  return html + "</div></details>\n";
}

// --- chips ---

std::string chips_html(Issues issues, std::string_view field, std::string_view label,
                       std::string (*value_of)(const AnalysisIssue&, const IssueListOptions&),
                       const IssueListOptions& options) {
  std::map<std::string, std::size_t> counts;
  for (const AnalysisIssue* issue : issues) {
    const std::string value = value_of(*issue, options);
    if (!value.empty()) ++counts[value];
  }
  if (counts.size() < 2) return {};
  std::string html;
  if (counts.size() <= kChipsMax) {
    for (const auto& [value, count] : counts) {
      html += filter_button({{std::string(field), value}},
                            fmt::format("{} ({})", base::lower(value), base::format_count(count)), "");
    }
    return fmt::format("<div class=\"chips\" role=\"group\" aria-label=\"{}\"><span class=\"dim\">{}</span>{}</div>",
                       escape_html(label), escape_html(label), html);
  }
  for (const auto& [value, count] : counts) {
    html += fmt::format("<option value=\"{}\">{} ({})</option>", escape_html(value), escape_html(value),
                        base::format_count(count));
  }
  return fmt::format(
      "<div class=\"chips\"><label class=\"dim\">{} <select data-field=\"{}\"><option "
      "value=\"\">all</option>{}</select></label></div>",
      escape_html(label), field, html);
}

}  // namespace

std::string filter_button(const IssueFilter& wanted, std::string_view text, std::string_view jump) {
  return fmt::format("<button type=\"button\" aria-pressed=\"false\" data-filter=\"{}\" data-jump=\"{}\">{}</button>",
                     filter_attribute(wanted), jump, escape_html(text));
}

std::string filter_link(const IssueFilter& wanted, std::string_view text, const AnalysisIssue& first,
                        std::string_view jump) {
  return fmt::format("<a class=\"button\" href=\"#issue-{}\" data-filter=\"{}\" data-jump=\"{}\">{}</a>",
                     escape_html(first.id), filter_attribute(wanted), jump, escape_html(text));
}

std::string level_html(int level) {
  if (level == 0) return "<span class=\"level\">no level</span>";
  return fmt::format("<span class=\"level level{}\">level {}</span>", level, level);
}

std::string schema_of(std::string_view object_name, std::span<const std::string> schemas) {
  if (schemas.size() == 1) return schemas.front();
  // An index is named with its table: "i ON sales.orders".
  if (const std::size_t on = object_name.find(" ON "); on != std::string_view::npos) object_name.remove_prefix(on + 4);
  for (const std::string& schema : schemas) {
    for (const std::string& prefix : {schema + ".", "\"" + schema + "\"."}) {
      if (object_name.starts_with(prefix)) return schema;
    }
  }
  return {};
}

std::string issue_filters_html(Issues issues, const IssueListOptions& options) {
  std::string html =
      "<div class=\"filters script-only\"><div class=\"chips\"><label for=\"search\">Search</label><input "
      "id=\"search\" "
      "type=\"search\" placeholder=\"words of object, statement, reason; key /\">"
      "<label>Sort by <select id=\"sort\"><option value=\"\">weight</option><option "
      "value=\"level\">level</option><option "
      "value=\"hours\">hours</option><option value=\"type\">type</option><option "
      "value=\"object\">object</option></select></label>"
      "<button type=\"button\" id=\"unfold\">open all</button>" +
      filter_button({}, "clear filter", "") + "</div>\n";
  html += chips_html(
      issues, "level", "Level",
      [](const AnalysisIssue& issue, const IssueListOptions&) { return std::to_string(issue.level); }, options);
  html += chips_html(
      issues, "object", "Object", [](const AnalysisIssue& issue, const IssueListOptions&) { return issue.object_type; },
      options);
  if (issues.size() <= options.rows_max) {
    html += chips_html(
        issues, "schema", "Schema",
        [](const AnalysisIssue& issue, const IssueListOptions& all) {
          return schema_of(issue.object_name, all.schemas);
        },
        options);
    html += chips_html(
        issues, "usage", "Usage", [](const AnalysisIssue& issue, const IssueListOptions&) { return issue.usage; },
        options);
    html += chips_html(
        issues, "state", "State",
        [](const AnalysisIssue& issue, const IssueListOptions& all) {
          return std::string(state_of(issue, all.compared));
        },
        options);
  }
  return html + "</div>\n";
}

std::string issue_rows_html(Issues issues, const IssueListOptions& options) {
  std::string html;
  if (issues.size() > options.rows_max) {
    html += fmt::format(
        "<p>There are {} issues; a page of them all would be slow, so they are told in groups. The JSON form of this "
        "report has all.</p>",
        base::format_count(issues.size()));
  }
  html +=
      fmt::format("<p class=\"shown dim script-only\" data-list=\"{}-list\" aria-live=\"polite\"></p>\n", options.id);
  html += fmt::format("<div class=\"issues\" id=\"{}-list\">\n", options.id);
  if (issues.size() > options.rows_max) {
    for (const Group& group : groups_of(issues)) html += group_html(group);
  } else {
    for (const EqualIssues& row : fold_equal(issues)) html += issue_html(row, options);
  }
  return html + "</div>\n";
}

}  // namespace voyager::report

#include "report/issue_overview.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/text.h"
#include "report/assessment_figures.h"
#include "report/charts.h"
#include "report/issue_list.h"
#include "report/page.h"
#include "report/page_table.h"

namespace voyager::report {
namespace {

using model::AnalysisIssue;
using Issues = std::span<const AnalysisIssue>;

constexpr std::size_t kTodoMax = 10;
constexpr std::size_t kNamesMax = 200;

// --- what to do ---

/// Issues of one type that are their own cause.
struct Group {
  const AnalysisIssue* first = nullptr;
  std::size_t count = 0;
  double hours = 0;
  std::map<std::string_view, std::size_t> incidental = {};  ///< Names of what goes away with them.
};

std::vector<Group> groups_of(Issues issues) {
  std::unordered_map<std::string_view, const AnalysisIssue*> by_id;
  for (const AnalysisIssue& issue : issues) by_id.emplace(issue.id, &issue);
  std::map<std::string_view, Group> by_type;
  for (const AnalysisIssue& issue : issues) {
    if (is_performance(issue)) continue;
    const auto cause = by_id.find(issue.caused_by);
    if (!issue.caused_by.empty() && cause != by_id.end()) {
      ++by_type[cause->second->type].incidental[issue.name];
      continue;
    }
    Group& group = by_type[issue.type];
    if (group.first == nullptr || issue.level > group.first->level) group.first = &issue;
    ++group.count;
    group.hours += issue.effort_hours;
  }
  std::vector<Group> groups;
  for (const auto& [type, group] : by_type) {
    if (group.first != nullptr) groups.push_back(group);
  }
  std::ranges::stable_sort(groups, [](const Group& a, const Group& b) {
    return std::tuple(a.first->level, a.hours, a.count) > std::tuple(b.first->level, b.hours, b.count);
  });
  return groups;
}

std::string incidental_html(const Group& group) {
  if (group.incidental.empty()) return {};
  std::size_t count = 0;
  std::vector<std::string> lines;
  for (const auto& [name, times] : group.incidental) {
    count += times;
    lines.push_back(fmt::format("{} × {}", times, name));
  }
  return folded_html(fmt::format("{} more {} away with it", count, count == 1 ? "goes" : "go"), list_html(lines));
}

std::string group_html(const Group& group) {
  const AnalysisIssue& first = *group.first;
  const std::string hours = group.hours > 0 ? "~" + short_effort(group.hours) : "";
  return fmt::format(
      "<li>{}<div><p><strong>{}</strong> <span class=\"dim\">{} {}</span></p><p>{}</p>{}</div><span "
      "class=\"hours\">{}</span>{}</li>\n",
      level_html(first.level), escape_html(first.name), base::format_count(group.count),
      group.count == 1 ? "time" : "times", escape_html(first.suggestion.empty() ? first.reason : first.suggestion),
      incidental_html(group), hours, filter_link({{"type", std::string(first.type)}}, "show", first));
}

// --- matrix ---

using LevelCounts = std::array<std::size_t, 4>;  ///< All, level 1, 2, 3.

std::string cell(const IssueFilter& wanted, std::size_t count, std::string_view jump) {
  return count == 0 ? "<span class=\"zero\">0</span>" : filter_button(wanted, base::format_count(count), jump);
}

std::vector<std::string> matrix_row(std::string_view title, std::string_view category, const LevelCounts& counts) {
  const std::string_view jump = category == kPerformanceCategory ? "performance" : "issues";
  IssueFilter wanted;
  if (!category.empty()) wanted["category"] = category;
  std::vector<std::string> cells = {escape_html(title)};
  for (std::size_t level = 1; level <= 3; ++level) {
    IssueFilter both = wanted;
    both["level"] = std::to_string(level);
    cells.push_back(cell(both, counts[level], jump));
  }
  cells.push_back(cell(wanted, counts[0], jump));
  return cells;
}

// --- inventory ---

struct Split {
  std::size_t total = 0;
  std::size_t automatic = 0;
  std::size_t hand = 0;
  std::size_t clean() const { return total - automatic - hand; }
};

Split split_of(const model::AnalysisObjects& one, std::size_t redundant_indexes) {
  Split split{.total = one.total, .hand = std::min(one.total, one.invalid)};
  if (one.type == "INDEX") split.automatic = std::min(split.total - split.hand, redundant_indexes);
  return split;
}

/// Leads to the issues of this kind of object.
std::string issues_link(const model::AnalysisObjects& one, Issues issues) {
  const auto first = std::ranges::find(issues, one.type, &AnalysisIssue::object_type);
  return first == issues.end() ? "" : filter_link({{"object", one.type}}, "show its issues", *first);
}

std::string names_cell(const model::AnalysisObjects& one, Issues issues) {
  std::string html = one.names.empty() ? "" : folded_html("names", names_html(one.names, kNamesMax));
  if (!one.details.empty()) html += fmt::format("<p>{}</p>", escape_html(base::join(one.details, " ")));
  return html + issues_link(one, issues);
}

std::string bar_value(const Split& split) {
  std::string text = base::format_count(split.total);
  if (split.hand > 0) text += fmt::format(", {} by hand", base::format_count(split.hand));
  if (split.automatic > 0) text += fmt::format(", {} automatic", base::format_count(split.automatic));
  return text;
}

}  // namespace

std::string todo_html(Issues issues) {
  const std::vector<Group> groups = groups_of(issues);
  const auto slow = static_cast<std::size_t>(std::ranges::count_if(issues, is_performance));
  std::string more;
  if (slow > 0) {
    more = fmt::format("<p class=\"dim\">Afterwards: <a href=\"#performance\">{} {} about performance</a>.</p>",
                       base::format_count(slow), slow == 1 ? "issue" : "issues");
  }
  if (groups.empty())
    return (slow > 0 ? "<p>Nothing that stops the migration.</p>" : "<p>Nothing: no issue was found.</p>") + more;
  std::string html = "<ol class=\"todo\">";
  for (std::size_t i = 0; i < groups.size() && i < kTodoMax; ++i) html += group_html(groups[i]);
  html += "</ol>";
  if (groups.size() > kTodoMax)
    html +=
        fmt::format("<p class=\"dim\">{} other kinds of issues are in the list below.</p>", groups.size() - kTodoMax);
  return html + more;
}

std::string matrix_html(Issues issues) {
  // Categories, as titles and keys, in the order of the issues.
  std::vector<std::pair<std::pair<std::string_view, std::string_view>, LevelCounts>> rows;
  LevelCounts sums{};
  for (const AnalysisIssue& issue : issues) {
    const std::pair key(issue.category_title, issue.category);
    auto row = std::ranges::find(rows, key, &decltype(rows)::value_type::first);
    if (row == rows.end()) row = rows.insert(rows.end(), {key, {}});
    for (LevelCounts* counts : {&row->second, &sums}) {
      ++(*counts)[0];
      if (issue.level >= 1 && issue.level <= 3) ++(*counts)[static_cast<std::size_t>(issue.level)];
    }
  }
  PageTable table("Issues by category and level. A number is a button that shows its issues.",
                  {{"Category"}, {"Level 1", true}, {"Level 2", true}, {"Level 3", true}, {"All", true}});
  for (const auto& [key, counts] : rows)
    table.row(matrix_row(key.first.empty() ? key.second : key.first, key.second, counts));
  table.sums(matrix_row("All", "", sums));
  return "<div class=\"matrix\">" + table.html() +
         "</div><p class=\"dim\">Level 1: a change of DDL only. Level 2: queries and the application too. Level 3: no "
         "simple way round.</p>";
}

std::string inventory_html(const model::SchemaAnalysis& analysis, std::size_t redundant_indexes) {
  if (analysis.objects.empty()) return "<p>The files hold no objects.</p>";
  const bool with_automatic = redundant_indexes > 0;
  std::vector<BarPart> parts = {{"as it is", "clean"}};
  std::vector<PageColumn> columns = {{"Object"}, {"Total", true}, {"As it is", true}};
  if (with_automatic) parts.push_back({"changed by export schema", "automatic"});
  if (with_automatic) columns.push_back({"Changed by export schema", true});
  parts.push_back({"with issues", "hand"});
  columns.insert(columns.end(), {{"With issues", true}, {"Names and remarks"}});
  std::vector<Bar> bars;
  PageTable table("Objects by kind", columns);
  Split sums;
  const auto cells = [with_automatic](const std::string& title, const Split& split, const std::string& last) {
    std::vector<std::string> row = {title, base::format_count(split.total), base::format_count(split.clean())};
    if (with_automatic) row.push_back(base::format_count(split.automatic));
    row.insert(row.end(), {base::format_count(split.hand), last});
    return row;
  };
  for (const model::AnalysisObjects& one : analysis.objects) {
    const Split split = split_of(one, redundant_indexes);
    std::vector<double> lengths = {static_cast<double>(split.clean())};
    if (with_automatic) lengths.push_back(static_cast<double>(split.automatic));
    lengths.push_back(static_cast<double>(split.hand));
    const std::string kind = one.type == "MVIEW" ? "materialized view" : base::lower(one.type);
    bars.push_back({kind, lengths, bar_value(split)});
    sums = {sums.total + split.total, sums.automatic + split.automatic, sums.hand + split.hand};
    table.row(cells(escape_html(kind), split, names_cell(one, analysis.issues)));
  }
  table.sums(cells("all", sums, ""));
  return bars_svg("Objects by kind: as they are, and with issues", parts, bars) + table.html();
}

}  // namespace voyager::report

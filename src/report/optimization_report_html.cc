// The page of the Schema Optimization Report.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "report/charts.h"
#include "report/optimization_report.h"
#include "report/page.h"
#include "report/page_table.h"

namespace voyager::report {
namespace {

using model::Optimization;
using model::SchemaOptimization;
using model::StatementChange;

constexpr std::size_t kChangesMax = 500;
constexpr std::size_t kNamesMax = 1000;
// So many are shown unfolded: a reader sees at once what a change looks like.
constexpr std::size_t kOpenMax = 2;

/// The description with the first mention of each link's text as a link.
std::string description_html(const Optimization& one) {
  std::string html = escape_html(one.description);
  std::string others;
  for (const auto& [text, url] : one.links) {
    const std::string safe = escape_html(text);
    const std::size_t at = html.find(safe);
    if (at == std::string::npos) {
      others += " " + link_html(url, text) + ".";
    } else {
      html.replace(at, safe.size(), link_html(url, text));
    }
  }
  return "<p>" + html + others + "</p>";
}

std::string names_fold(std::string_view what, const std::vector<std::string>& names) {
  if (names.empty()) return {};
  return folded_html(fmt::format("{}: {}", what, base::format_count(names.size())),
                     "<p>" + names_html(names, kNamesMax) + "</p>");
}

std::string indexes_fold(const Optimization& one) {
  if (one.indexes.empty()) return {};
  PageTable table("Indexes by table", {{"Table"}, {"Indexes"}});
  std::size_t count = 0;
  std::size_t rows = 0;
  for (const auto& [name, indexes] : one.indexes) {
    count += indexes.size();
    if (++rows <= kNamesMax) table.row({escape_html(name), names_html(indexes, kNamesMax)});
  }
  return folded_html(
      fmt::format("Indexes: {} of {} tables", base::format_count(count), base::format_count(one.indexes.size())),
      table.html());
}

std::string change_html(const StatementChange& change, bool done, bool open) {
  std::string html = change.reason.empty() ? "" : fmt::format("<p>{}</p>", escape_html(change.reason));
  if (done && change.after.empty()) html += "<p class=\"dim\">Moved out of the file.</p>";
  html += done ? diff_html(change.before, change.after) : "<pre><code>" + escape_html(change.before) + "</code></pre>";
  return folded_html(change.object, html, open);
}

std::string changes_html(std::string_view heading, const std::vector<StatementChange>& changes, bool done) {
  if (changes.empty()) return {};
  std::string html = fmt::format("<h3>{}: {}</h3>", escape_html(heading), base::format_count(changes.size()));
  for (std::size_t i = 0; i < changes.size() && i < kChangesMax; ++i)
    html += change_html(changes[i], done, done && i < kOpenMax);
  if (changes.size() > kChangesMax)
    html += fmt::format("<p class=\"dim\">{} more are in the JSON form of this report.</p>",
                        base::format_count(changes.size() - kChangesMax));
  return html;
}

std::string reference_html(const Optimization& one) {
  if (one.reference_file.empty()) return {};
  const std::string path = escape_html(one.reference_file);
  return fmt::format("<a href=\"{}\"><code>{}</code></a>", path, path);
}

std::string optimization_section(const Optimization& one) {
  const char* badge =
      one.applied ? "<span class=\"badge yes\">✓ applied</span>" : "<span class=\"badge no\">– not applied</span>";
  std::string html = fmt::format("<p>{}</p>", badge) + description_html(one);
  html += facts_html(
      {{one.applied ? "to refuse it" : "flag", one.flag.empty() ? "" : "<code>" + escape_html(one.flag) + "</code>"},
       {"see", reference_html(one)}});
  html += names_fold("Tables", one.tables) + names_fold("Sharded", one.sharded) +
          names_fold("Colocated", one.colocated) + indexes_fold(one);
  html += changes_html(one.applied ? "Statements, before and after" : "Statements, as they would have become",
                       one.changes, true);
  return html + changes_html("Left as they were", one.left, false);
}

std::string overview_html(const SchemaOptimization& optimization) {
  std::vector<Bar> bars;
  PageTable table(
      "Kinds of changes",
      {{"Change"}, {"Applied"}, {"Statements", true}, {"Left as they were", true}, {"Flag that refuses it"}});
  for (const Optimization& one : optimization.optimizations) {
    bars.push_back({one.title, {static_cast<double>(one.changes.size())}, base::format_count(one.changes.size())});
    table.row({fmt::format("<a href=\"#{}\">{}</a>", escape_html(one.key), escape_html(one.title)),
               one.applied ? "yes" : "no", base::format_count(one.changes.size()), base::format_count(one.left.size()),
               one.flag.empty() ? "" : "<code>" + escape_html(one.flag) + "</code>"});
  }
  if (bars.empty()) return "<p>Nothing in the schema had to be changed.</p>";
  return bars_svg("Statements by kind of change", {{"statements", "first"}}, bars) + table.html();
}

std::vector<Tile> tiles_of(const SchemaOptimization& optimization) {
  std::size_t applied = 0;
  std::size_t changed = 0;
  std::size_t refused = 0;
  std::size_t moved = 0;
  std::size_t left = 0;
  for (const Optimization& one : optimization.optimizations) {
    applied += one.applied ? 1U : 0U;
    (one.applied ? changed : refused) += one.changes.size();
    left += one.left.size();
    if (one.applied)
      moved += static_cast<std::size_t>(
          std::ranges::count_if(one.changes, [](const StatementChange& change) { return change.after.empty(); }));
  }
  return {{"Kinds of changes", fmt::format("{} of {}", applied, optimization.optimizations.size()), "applied"},
          {"Statements changed", base::format_count(changed),
           fmt::format("{} of them moved out of their file", base::format_count(moved))},
          {"Changes refused", base::format_count(refused), "told here, not made"},
          {"Left as they were", base::format_count(left), "because a change would not have been safe"}};
}

}  // namespace

std::string optimization_html(const SchemaOptimization& optimization) {
  Page page("Schema optimization report");
  page.subtitle(optimization.database.empty() ? optimization.target
                                              : fmt::format("{} for {}", optimization.database, optimization.target));
  page.head({{"database", optimization.database},
             {"version", optimization.database_version},
             {"schemas", base::join(optimization.schemas, ", ")},
             {"target", optimization.target},
             {"made", fmt::format("{} by yb-voyager {}", optimization.made_at, optimization.program_version)}});
  page.tiles(tiles_of(optimization));
  page.section("overview", "What export schema changed", overview_html(optimization));
  for (const Optimization& one : optimization.optimizations)
    page.section(one.key, one.title, optimization_section(one));
  return page.finish();
}

}  // namespace voyager::report

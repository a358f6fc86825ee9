// The page of the Schema Optimization Report.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "report/charts.h"
#include "report/numbers.h"
#include "report/optimization_report.h"
#include "report/page.h"
#include "report/page_table.h"
#include "report/server_version.h"

namespace voyager::report {
namespace {

using model::Optimization;
using model::SchemaOptimization;
using model::StatementChange;

constexpr std::size_t kChangesMax = 500;
constexpr std::size_t kNamesMax = 1000;
// So many are shown unfolded: a reader sees at once what a change looks like.
constexpr std::size_t kOpenMax = 2;

/// The title without its outcome: "Redundant Indexes" of "Redundant Indexes - Removed". A badge tells the outcome.
std::string_view heading_of(const Optimization& one) {
  const std::string_view title = one.title;
  return title.substr(0, title.find(" - "));
}

std::string target_name(const std::string& product) {
  return product == "yugabytedb" ? "YugabyteDB" : product == "postgresql" ? "PostgreSQL" : product;
}

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
      fmt::format("Indexes: {} of {}", base::format_count(count), counted(one.indexes.size(), "table", "tables")),
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
  PageTable table("Kinds of changes", {{"Change"},
                                       {"Applied"},
                                       {"Objects", true},
                                       {"Statements", true},
                                       {"Left as they were", true},
                                       {"What refuses it"}});
  for (const Optimization& one : optimization.optimizations) {
    const std::size_t objects = objects_of(one);
    bars.push_back({std::string(heading_of(one)), {static_cast<double>(objects)}, base::format_count(objects)});
    table.row({fmt::format("<a href=\"#{}\">{}</a>", escape_html(one.key), escape_html(heading_of(one))),
               one.applied ? "yes" : "no", base::format_count(objects), base::format_count(one.changes.size()),
               base::format_count(one.left.size()),
               one.flag.empty() ? "" : "<code>" + escape_html(one.flag) + "</code>"});
  }
  if (bars.empty()) return "<p>Nothing in the schema had to be changed.</p>";
  return bars_svg("Tables and indexes by kind of change", {{"objects", "first"}}, bars) + table.html();
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
           moved == 0 ? "none moved out of its file" : base::format_count(moved) + " of them moved out of their file"},
          {"Changes refused", base::format_count(refused), "told here, not made"},
          {"Left as they were", base::format_count(left), "because a change would not have been safe"}};
}

}  // namespace

std::string optimization_html(const SchemaOptimization& optimization) {
  Page page("Schema optimization report");
  const std::string target = target_name(optimization.target);
  page.subtitle(optimization.database.empty() ? target : fmt::format("{} for {}", optimization.database, target));
  page.head(
      {{"database", optimization.database},
       {"version", short_version(optimization.database_version)},
       {"schemas", base::join(optimization.schemas, ", ")},
       {"target", target},
       {"made", fmt::format("{} by yb-voyager {}", moment_text(optimization.made_at), optimization.program_version)}});
  page.tiles(tiles_of(optimization));
  page.section("overview", "What export schema changed", overview_html(optimization));
  for (const Optimization& one : optimization.optimizations)
    page.section(one.key, heading_of(one), optimization_section(one));
  return page.finish();
}

}  // namespace voyager::report

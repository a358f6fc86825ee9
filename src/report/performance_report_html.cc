// The page of compare-performance.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "report/charts.h"
#include "report/numbers.h"
#include "report/page.h"
#include "report/page_table.h"
#include "report/performance_report.h"
#include "report/server_version.h"

namespace voyager::report {
namespace {

using model::MatchKind;
using model::MatchStatus;
using model::PerformanceComparison;
using model::QueryComparison;
using model::QueryStatistics;

// A page with more would load slowly; the JSON form has all of them.
constexpr std::size_t kRowsMax = 5000;
constexpr std::size_t kPointsMax = 2000;
constexpr std::size_t kHeadWidth = 100;
// Below this ratio a difference is within what two runs of one workload differ by.
constexpr double kNotablySlower = 1.5;

using Rows = std::vector<const QueryComparison*>;

std::string calls_text(std::int64_t calls) {
  return base::format_count(static_cast<std::uint64_t>(std::max<std::int64_t>(calls, 0)));
}

// --- lists ---

std::string statistics_text(const QueryStatistics& one) {
  return fmt::format("{} calls, {} rows, total {} ms, mean {} ms, least {} ms, most {} ms", calls_text(one.calls),
                     calls_text(one.rows), milliseconds_text(one.total_ms), milliseconds_text(one.mean_ms),
                     milliseconds_text(one.min_ms), milliseconds_text(one.max_ms));
}

std::string code_html(std::string_view sql) {
  return fmt::format("<pre><code>{}</code></pre>", escape_html(sql));
}

/// What a side knows of the query; its text only where it differs from the one that is shown already.
std::string side_html(std::string_view name, const QueryComparison& one, const std::optional<QueryStatistics>& side,
                      std::size_t texts) {
  if (!side) return fmt::format("<p><strong>{}</strong>: not called</p>", name);
  std::string html = fmt::format("<p><strong>{}</strong>: {}", name, escape_html(statistics_text(*side)));
  if (texts > 1) html += fmt::format("; the sum of {} texts that are one query", texts);
  html += "</p>";
  return side->query == one.query ? html : html + code_html(side->query);
}

std::string query_html(const QueryComparison& one) {
  return folded_html(query_head(one.query, kHeadWidth), code_html(one.query) +
                                                            side_html("source", one, one.source, one.source_texts) +
                                                            side_html("target", one, one.target, one.target_texts));
}

std::string_view match_text(const QueryComparison& one) {
  if (one.status == MatchStatus::kSourceOnly) return "source only";
  if (one.status == MatchStatus::kTargetOnly) return "target only";
  return one.kind == MatchKind::kExact ? "exact" : "normalised";
}

std::string list_of(const std::string& id, std::string caption, const Rows& rows) {
  PageTable table(std::move(caption), {{"query"},
                                       {"lost, ms", true},
                                       {"slowdown", true},
                                       {"calls, source", true},
                                       {"calls, target", true},
                                       {"mean ms, source", true},
                                       {"mean ms, target", true},
                                       {"match"}});
  table.sortable(id + "-table", id == "all");
  const auto calls = [](const auto& side) { return side ? calls_text(side->calls) : std::string("–"); };
  const auto mean = [](const auto& side) { return side ? milliseconds_text(side->mean_ms) : std::string("–"); };
  for (const QueryComparison* one : rows) {
    const bool matched = one->status == MatchStatus::kMatched;
    table.row({query_html(*one), matched ? milliseconds_text(one->impact_ms) : "–",
               matched ? fmt::format("{:.2f}", one->slowdown) : "–", calls(one->source), calls(one->target),
               mean(one->source), mean(one->target), std::string(match_text(*one))});
  }
  return table.html();
}

std::string top_html(const PerformanceComparison& comparison, const std::vector<std::size_t>& places,
                     const std::string& id, std::string caption) {
  if (places.empty()) return "<p>No query was found on both sides.</p>";
  Rows rows;
  for (const std::size_t place : places) rows.push_back(&comparison.all.at(place));
  return list_of(id, std::move(caption), rows);
}

int rank_of(MatchStatus status) {
  return status == MatchStatus::kMatched ? 0 : status == MatchStatus::kTargetOnly ? 1 : 2;
}

std::int64_t calls_of(const QueryComparison& one) {
  return one.source ? one.source->calls : one.target ? one.target->calls : 0;
}

/// Matched ones, then those of the target alone, then those of the source alone; the most called first.
std::string all_html(const PerformanceComparison& comparison) {
  Rows rows;
  for (const QueryComparison& one : comparison.all) rows.push_back(&one);
  std::ranges::stable_sort(rows, [](const QueryComparison* a, const QueryComparison* b) {
    return std::pair(rank_of(a->status), -calls_of(*a)) < std::pair(rank_of(b->status), -calls_of(*b));
  });
  std::string html;
  if (rows.size() > kRowsMax) {
    html =
        fmt::format("<p>The first {} of {} queries; the JSON form of this report has all.</p>", kRowsMax, rows.size());
    rows.resize(kRowsMax);
  }
  return html + list_of("all",
                        "Matched queries, those that only the target ran, those that only the source ran; the most "
                        "called first. – : this side did not run the query.",
                        rows);
}

// --- picture ---

std::string scatter_html(const PerformanceComparison& comparison) {
  Rows rows;
  for (const QueryComparison& one : comparison.all) {
    if (one.status == MatchStatus::kMatched) rows.push_back(&one);
  }
  if (rows.empty()) return "<p>No query was found on both sides, so there is nothing to draw.</p>";
  const std::size_t matched = rows.size();
  std::ranges::stable_sort(rows, [](const QueryComparison* a, const QueryComparison* b) {
    return a->target->total_ms > b->target->total_ms;
  });
  rows.resize(std::min(rows.size(), kPointsMax));
  Scatter scatter{.title = "Mean time of each matched query on source and target",
                  .x_label = "source: mean, ms",
                  .y_label = "target: mean, ms",
                  .plain_name = "exact match",
                  .marked_name = "normalised match",
                  .diagonal = true};
  for (const QueryComparison* one : rows) {
    scatter.points.push_back(
        {.x = one->source->mean_ms,
         .y = one->target->mean_ms,
         .label = fmt::format("{} — source {} ms, target {} ms", query_head(one->query, kHeadWidth),
                              milliseconds_text(one->source->mean_ms), milliseconds_text(one->target->mean_ms)),
         .marked = one->kind == MatchKind::kNormalised});
  }
  std::string html =
      "<p>Each point is a query. On the line it takes as long on the target as on the source; above it, "
      "longer.</p>";
  if (rows.size() < matched)
    html += fmt::format("<p class=\"dim\">The {} of {} queries that take most of the target's time.</p>", rows.size(),
                        matched);
  return html + scatter_svg(scatter);
}

// --- page ---

/// By the means as they were measured: the damped ratio of the ranking would hide what is quick on both sides.
bool is_slower(const QueryComparison& one) {
  return one.target->mean_ms > 0 && one.target->mean_ms >= kNotablySlower * one.source->mean_ms;
}

std::vector<Tile> tiles_of(const PerformanceComparison& comparison) {
  const std::size_t matched = comparison.count(MatchStatus::kMatched);
  std::size_t slower = 0;
  double lost = 0;
  for (const QueryComparison& one : comparison.all) {
    if (one.status != MatchStatus::kMatched) continue;
    lost += one.impact_ms;
    if (is_slower(one)) ++slower;
  }
  return {{"Queries", base::format_count(comparison.all.size()), "compared"},
          {"Matched", base::format_count(matched),
           fmt::format("{} by the exact text, {} normalised", comparison.count(MatchKind::kExact),
                       comparison.count(MatchKind::kNormalised))},
          {"Slower on the target", base::format_count(slower),
           fmt::format("mean at least {} times the source's; {} ms {} over all matched calls", kNotablySlower,
                       milliseconds_text(std::max(lost, -lost)), lost < 0 ? "saved" : "lost")},
          {"One side only", base::format_count(comparison.all.size() - matched),
           fmt::format("{} source, {} target", comparison.count(MatchStatus::kSourceOnly),
                       comparison.count(MatchStatus::kTargetOnly))}};
}

std::string_view how_html() {
  return "<ul><li>Times come from pg_stat_statements of both sides: the source's as the assessment noted them, the "
         "target's as they are now. Reset the target's before a workload that you want to compare.</li>"
         "<li>Time lost: total time on the target − mean on the source × calls on the target. Below zero, time was "
         "saved.</li>"
         "<li>Slowdown: (mean on the target + 2 ms) / (mean on the source + 2 ms). The 2 ms keep queries of "
         "microseconds from leading the list because of noise.</li>"
         "<li>What migrations send themselves is left out: definitions, settings, bulk copies, and statements that "
         "read "
         "catalogues only, as pg_dump's.</li>"
         "<li>An exact match has the same text on both sides. What is left is matched by its normalised text: white "
         "space, comments, letter case and literals do not count, nor does the length of a list behind IN. Texts of "
         "one "
         "side that are one query then are added up.</li></ul>";
}

}  // namespace

std::string performance_html(const PerformanceComparison& comparison) {
  Page page("Performance comparison report");
  page.head(
      {{"source", comparison.source_database},
       {"source version", short_version(comparison.source_version)},
       {"target", comparison.target_database},
       {"target version", comparison.target_version},
       {"made", fmt::format("{} by yb-voyager {}", moment_text(comparison.made_at), comparison.program_version)}});
  page.tiles(tiles_of(comparison));
  page.section("picture", "Source and target", scatter_html(comparison));
  page.section("impact", "Top by Impact",
               top_html(comparison, comparison.top_by_impact, "impact",
                        "The matched queries that lost most time over all calls."));
  page.section("slowdown", "Top by Slowdown",
               top_html(comparison, comparison.top_by_slowdown, "slowdown",
                        "The matched queries whose single call became slowest, compared with the source."));
  page.section("all", "All Queries", all_html(comparison));
  page.section("how", "How the numbers were made", how_html());
  return page.finish();
}

}  // namespace voyager::report

// Sizes and load of the source's tables.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <numeric>

#include "base/text.h"
#include "report/assessment_figures.h"
#include "report/assessment_sections.h"
#include "report/charts.h"
#include "report/numbers.h"
#include "report/page.h"
#include "report/page_table.h"

namespace voyager::report {
namespace {

using model::Assessment;
using model::ObjectFigures;

constexpr std::size_t kLargestMax = 20;
constexpr std::size_t kPointsMax = 200;
constexpr std::size_t kQueriesMax = 20;
constexpr std::size_t kQueryTextMax = 2000;

std::string bytes_cell(std::int64_t bytes) {
  return short_bytes(static_cast<double>(bytes));
}

std::string count_cell(const std::optional<std::int64_t>& count) {
  if (!count) return "–";
  return *count < 0 ? std::to_string(*count) : base::format_count(static_cast<std::uint64_t>(*count));
}

/// "0.021 ms", "340 ms", "2h 07m"
std::string duration_text(double ms) {
  return ms < 1000 ? fmt::format("{:.3g} ms", ms) : base::format_duration(ms / 1000);
}

std::string percent_cell(double share) {
  return fmt::format("{:.1f} %", share * 100);
}

// --- sizes ---

struct SizeClass {
  std::string_view label = {};
  double below = 0;  ///< Bytes.
};
constexpr double kKib = 1024;
constexpr std::array<SizeClass, 8> kSizeClasses = {{{"empty", 1},
                                                    {"< 64 KiB", 64 * kKib},
                                                    {"< 1 MiB", kKib* kKib},
                                                    {"< 16 MiB", 16 * kKib* kKib},
                                                    {"< 256 MiB", 256 * kKib* kKib},
                                                    {"< 4 GiB", 4 * kKib* kKib* kKib},
                                                    {"< 64 GiB", 64 * kKib* kKib* kKib},
                                                    {"≥ 64 GiB", 1e300}}};

std::string histogram_html(const std::vector<TableSize>& sizes, double all) {
  std::array<std::size_t, kSizeClasses.size()> counts{};
  std::array<double, kSizeClasses.size()> bytes{};
  for (const TableSize& size : sizes) {
    const auto total = static_cast<double>(size.total());
    std::size_t at = 0;
    while (at + 1 < kSizeClasses.size() && total >= kSizeClasses[at].below) ++at;
    ++counts[at];
    bytes[at] += total;
  }
  std::vector<Column> columns;
  PageTable table("Tables by size", {{"Size with indexes"}, {"Tables", true}, {"In sum", true}, {"Share", true}});
  for (std::size_t i = 0; i < kSizeClasses.size(); ++i) {
    columns.push_back({std::string(kSizeClasses[i].label), counts[i]});
    table.row({escape_html(kSizeClasses[i].label), base::format_count(counts[i]), short_bytes(bytes[i]),
               all > 0 ? percent_cell(bytes[i] / all) : "–"});
  }
  table.sums({"All", base::format_count(sizes.size()), short_bytes(all), all > 0 ? "100.0 %" : "–"});
  return columns_svg("How many tables are how large",
                     "size of a table with its indexes; each class is 16 times the one before", columns) +
         folded_html("The numbers of the picture", table.html());
}

/// Largest tables until `share` of all bytes is reached.
std::size_t tables_until(const std::vector<TableSize>& sizes, double all, double share) {
  double sum = 0;
  std::size_t count = 0;
  while (count < sizes.size() && sum < all * share) sum += static_cast<double>(sizes[count++].total());
  return count;
}

std::string concentration_html(const std::vector<TableSize>& sizes, double all) {
  if (sizes.size() < 2 || all <= 0) return {};
  // At most a few hundred steps, however many tables there are.
  const std::size_t step = std::max<std::size_t>(1, sizes.size() / 200);
  std::vector<CurvePoint> points = {{0, 0}};
  double sum = 0;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    sum += static_cast<double>(sizes[i].total());
    if (i % step == 0 || i + 1 == sizes.size())
      points.push_back({static_cast<double>(i + 1) / static_cast<double>(sizes.size()), sum / all});
  }
  PageTable table("How the bytes are spread",
                  {{"Share of all bytes"}, {"Sits in the largest", true}, {"Of all tables", true}});
  for (const int percent : {50, 80, 90, 95, 99}) {
    const std::size_t count = tables_until(sizes, all, percent / 100.0);
    table.row({fmt::format("{} %", percent),
               fmt::format("{} {}", base::format_count(count), count == 1 ? "table" : "tables"),
               percent_cell(static_cast<double>(count) / static_cast<double>(sizes.size()))});
  }
  return "<div class=\"pair\">" +
         curve_svg("Share of all bytes that sits in the largest tables", "share of tables, largest first",
                   "share of bytes", points) +
         table.html() + "</div>";
}

std::string largest_html(const std::vector<TableSize>& sizes, double all) {
  std::vector<Bar> bars;
  PageTable table("The largest tables", {{"Table"},
                                         {"Rows", true},
                                         {"Columns", true},
                                         {"Table", true},
                                         {"Indexes", true},
                                         {"Index bytes", true},
                                         {"In sum", true},
                                         {"Share", true}});
  for (std::size_t i = 0; i < sizes.size() && i < kLargestMax && sizes[i].total() > 0; ++i) {
    const TableSize& size = sizes[i];
    bars.push_back({size.table->qualified(),
                    {static_cast<double>(size.bytes), static_cast<double>(size.index_bytes)},
                    bytes_cell(size.total())});
    table.row({escape_html(size.table->qualified()), count_cell(size.table->rows), count_cell(size.table->columns),
               bytes_cell(size.bytes), base::format_count(size.indexes), bytes_cell(size.index_bytes),
               bytes_cell(size.total()), percent_cell(static_cast<double>(size.total()) / all)});
  }
  return bars_svg("The largest tables, with their indexes", {{"table", "first"}, {"indexes", "second"}}, bars) +
         folded_html("The numbers of the picture", table.html());
}

// --- load ---

std::string axis_bytes(double value) {
  return short_bytes(value);
}

/// Those that write most, then the largest: a picture of thousands of points would say less.
std::vector<TableSize> points_of(std::vector<TableSize> sizes) {
  std::ranges::stable_sort(sizes, [](const TableSize& a, const TableSize& b) {
    return a.table->writes_per_second.value_or(0) > b.table->writes_per_second.value_or(0);
  });
  if (sizes.size() > kPointsMax) sizes.resize(kPointsMax);
  return sizes;
}

std::string load_html(const Assessment& assessment) {
  std::map<std::string_view, const model::Placement*> placements;
  std::int64_t largest_colocated = -1;
  for (const model::Placement& one : assessment.sizing.placements) {
    placements.emplace(one.table, &one);
    if (one.colocated) largest_colocated = std::max(largest_colocated, one.bytes);
  }
  Scatter scatter{.title = "Tables by size and rate of writes",
                  .x_label = "size of the table with its indexes",
                  .y_label = "writes per second",
                  .plain_name = "colocated",
                  .marked_name = "sharded",
                  .x_base = 16,
                  .x_text = axis_bytes};
  PageTable table("Load of the tables",
                  {{"Table"}, {"Size", true}, {"Reads/s", true}, {"Writes/s", true}, {"Placement"}});
  const std::vector<TableSize> points = points_of(table_sizes(assessment));
  for (const TableSize& size : points) {
    const std::string name = size.table->qualified();
    const auto at = placements.find(name);
    const bool colocated = at != placements.end() && at->second->colocated;
    const auto writes = static_cast<double>(size.table->writes_per_second.value_or(0));
    scatter.points.push_back({static_cast<double>(size.total()), writes,
                              fmt::format("{}: {}, {:g} writes/s", name, bytes_cell(size.total()), writes),
                              !colocated});
    table.row({escape_html(name), bytes_cell(size.total()), count_cell(size.table->reads_per_second),
               count_cell(size.table->writes_per_second),
               at == placements.end() ? "–"
               : colocated            ? "colocated"
                                      : "sharded"});
  }
  std::string note;
  if (largest_colocated >= 0) {
    scatter.cut = static_cast<double>(largest_colocated);
    scatter.cut_label = "largest colocated: " + bytes_cell(largest_colocated);
  } else {
    note = "<p class=\"dim\">No table is colocated, so there is no cut to draw.</p>";
  }
  return scatter_svg(scatter) + note +
         folded_html(fmt::format("The numbers of the picture: {} tables that write most", points.size()), table.html());
}

std::string queries_html(const Assessment& assessment) {
  const std::vector<TouchedQuery> touched = touched_queries(assessment);
  if (touched.empty()) return {};
  PageTable table(fmt::format("Queries with issues, by the time that they take ({} of {})",
                              std::min(touched.size(), kQueriesMax), touched.size()),
                  {{"Query"}, {"Issues", true}, {"Calls", true}, {"Total", true}, {"Mean", true}});
  for (std::size_t i = 0; i < touched.size() && i < kQueriesMax; ++i) {
    const model::QueryStatistics& query = *touched[i].query;
    table.row({"<code>" + escape_html(query.query.substr(0, kQueryTextMax)) + "</code>",
               base::format_count(touched[i].issues), count_cell(query.calls), duration_text(query.total_ms),
               duration_text(query.mean_ms)});
  }
  return "<h3>Queries with issues</h3>" + table.html();
}

}  // namespace

std::string sizes_html(const Assessment& assessment) {
  const std::vector<TableSize> sizes = table_sizes(assessment);
  const double all = std::accumulate(sizes.begin(), sizes.end(), 0.0, [](double sum, const TableSize& size) {
    return sum + static_cast<double>(size.total());
  });
  if (sizes.empty()) return "<p>Nothing is known of the sizes of tables.</p>";
  std::string html = fmt::format("<p>{} {}, {} with indexes", base::format_count(sizes.size()),
                                 sizes.size() == 1 ? "table" : "tables", short_bytes(all));
  const std::size_t most = tables_until(sizes, all, 0.8);
  if (all > 0 && sizes.size() > 1) {
    html += fmt::format("; <strong>80 % of the bytes sit in {} of them</strong>", base::format_count(most));
  }
  html += ".</p>" + histogram_html(sizes, all);
  return all > 0 ? html + "<h3>The largest</h3>" + largest_html(sizes, all) + concentration_html(sizes, all) : html;
}

std::string workload_html(const Assessment& assessment) {
  const bool known = std::ranges::any_of(assessment.figures, [](const ObjectFigures& one) {
    return one.reads_per_second.value_or(0) > 0 || one.writes_per_second.value_or(0) > 0;
  });
  std::string html =
      known ? fmt::format("<p>Reads and writes were counted twice, {} seconds apart, and are means of that time.</p>",
                          assessment.iops_interval) +
                  load_html(assessment)
            : std::string(
                  "<p>No reads and writes were seen while the source was looked at: it was idle, or its counters "
                  "were read only once.") +
                  (assessment.sizing.vcpus > 0 ? " The sizing below stands on sizes alone." : "") + "</p>";
  return html + queries_html(assessment);
}

}  // namespace voyager::report

// The JSON form of compare-performance, and its lines for the terminal.
#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "report/format_versions.h"
#include "report/json_number.h"
#include "report/performance_report.h"
#include "report/server_version.h"
#include "report/text_width.h"

namespace voyager::report {
namespace {

using model::MatchKind;
using model::MatchStatus;
using model::PerformanceComparison;
using model::QueryComparison;
using nlohmann::ordered_json;

constexpr std::size_t kSummaryQueries = 5;
constexpr std::size_t kSummaryWidth = 90;

// A server's number of a query may exceed what a signed number holds, so it comes as text; the documented key is a
// number.
ordered_json id_json(const std::string& id) {
  const ordered_json value = ordered_json::parse(id, nullptr, false);
  return value.is_number_integer() ? value : ordered_json(0);
}

ordered_json statistics_json(const std::optional<model::QueryStatistics>& statistics) {
  if (!statistics) return nullptr;
  return {{"queryid", id_json(statistics->id)},
          {"query", statistics->query},
          {"calls", statistics->calls},
          {"rows", statistics->rows},
          {"total_exec_time", number_json(statistics->total_ms)},
          {"mean_exec_time", number_json(statistics->mean_ms)},
          {"min_exec_time", number_json(statistics->min_ms)},
          {"max_exec_time", number_json(statistics->max_ms)}};
}

const char* name_of(MatchStatus status) {
  switch (status) {
    case MatchStatus::kMatched:
      return "MATCHED";
    case MatchStatus::kSourceOnly:
      return "SOURCE_ONLY";
    case MatchStatus::kTargetOnly:
      break;
  }
  return "TARGET_ONLY";
}

ordered_json comparison_json(const QueryComparison& one) {
  ordered_json out = {{"Query", one.query},
                      {"SourceStats", statistics_json(one.source)},
                      {"TargetStats", statistics_json(one.target)},
                      {"ImpactScore", number_json(one.impact_ms)},
                      {"SlowdownRatio", number_json(one.slowdown)},
                      {"MatchStatus", name_of(one.status)}};
  if (one.status != MatchStatus::kMatched) return out;
  out["MatchKind"] = one.kind == MatchKind::kExact ? "EXACT" : "NORMALISED";
  if (one.source_texts > 1) out["SourceTexts"] = one.source_texts;
  if (one.target_texts > 1) out["TargetTexts"] = one.target_texts;
  return out;
}

ordered_json list_json(const PerformanceComparison& comparison, const std::vector<std::size_t>& places) {
  ordered_json out = ordered_json::array();
  for (const std::size_t place : places) out.push_back(comparison_json(comparison.all.at(place)));
  return out;
}

ordered_json summary_json(const PerformanceComparison& comparison) {
  return {{"VoyagerVersion", comparison.program_version},
          {"SourceDBVersion", own_version(comparison.source_version)},
          {"TargetDBVersion", comparison.target_version},
          {"SourceDBName", comparison.source_database},
          {"TargetDBName", comparison.target_database},
          {"TotalQueries", comparison.all.size()},
          {"MatchedQueries", comparison.count(MatchStatus::kMatched)},
          {"MatchedNormalisedQueries", comparison.count(MatchKind::kNormalised)},
          {"SourceOnlyQueries", comparison.count(MatchStatus::kSourceOnly)},
          {"TargetOnlyQueries", comparison.count(MatchStatus::kTargetOnly)}};
}

}  // namespace

std::string query_head(std::string_view query, std::size_t width) {
  // A character has four bytes at most; combining ones beyond that only make the head shorter.
  return fit(printable(base::beginning(base::one_line(query), 8 * width)), width, false);
}

std::string milliseconds_text(double milliseconds) {
  const double size = std::fabs(milliseconds);
  const char* sign = milliseconds < 0 ? "-" : "";
  if (size >= 1e15) return fmt::format("{}{:.3g}", sign, size);
  if (size >= 999.5) return sign + base::format_count(static_cast<std::uint64_t>(std::llround(size)));
  if (size >= 99.95) return fmt::format("{}{:.0f}", sign, size);
  if (size >= 9.995) return fmt::format("{}{:.1f}", sign, size);
  if (size >= 0.9995) return fmt::format("{}{:.2f}", sign, size);
  return size < 0.0005 ? "0" : fmt::format("{}{:.3f}", sign, size);
}

std::string performance_json(const PerformanceComparison& comparison) {
  std::vector<std::size_t> every;
  for (std::size_t i = 0; i < comparison.all.size(); ++i) every.push_back(i);
  const ordered_json report = {{"GeneratedAt", comparison.made_at},
                               {"SourceDBType", comparison.source_product},
                               {"Summary", summary_json(comparison)},
                               {"TopByImpact", list_json(comparison, comparison.top_by_impact)},
                               {"TopBySlowdown", list_json(comparison, comparison.top_by_slowdown)},
                               {"AllComparisons", list_json(comparison, every)},
                               {"FormatVersion", kPerformanceForm}};
  return report.dump(1, '\t', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string performance_summary(const PerformanceComparison& comparison, const TextStyle& style) {
  std::string text =
      fmt::format("{} queries matched ({} by their normalised text), {} on the source only, {} on the target only\n",
                  comparison.count(MatchStatus::kMatched), comparison.count(MatchKind::kNormalised),
                  comparison.count(MatchStatus::kSourceOnly), comparison.count(MatchStatus::kTargetOnly));
  TextTable table{
      .columns = {{"time lost, ms", Align::kRight}, {"slowdown", Align::kRight}, {"calls", Align::kRight}, {"query"}}};
  for (const std::size_t place : comparison.top_by_impact) {
    const QueryComparison& one = comparison.all.at(place);
    if (one.impact_ms <= 0 || table.rows.size() == kSummaryQueries) break;
    table.rows.push_back({milliseconds_text(one.impact_ms), fmt::format("{:.2f}", one.slowdown),
                          std::to_string(one.target->calls), query_head(one.query, kSummaryWidth)});
  }
  return table.rows.empty() ? text : text + table_text(table, style);
}

}  // namespace voyager::report

// The report of compare-performance in its forms. All are made from the same values and cannot disagree.
#pragma once

#include <string>
#include <string_view>

#include "model/performance_comparison.h"
#include "report/table.h"

namespace voyager::report {

/// Documented keys (docs/reference/performance-report.md), indented by tabs.
std::string performance_json(const model::PerformanceComparison& comparison);
/// One file without network access; readable without script, on paper and in the dark.
std::string performance_html(const model::PerformanceComparison& comparison);
/// For the terminal: the counts in one line, then the queries that lost most time.
std::string performance_summary(const model::PerformanceComparison& comparison, const TextStyle& style);

/// The beginning of a query in one line of at most `width` columns, "…" where it goes on.
std::string query_head(std::string_view query, std::size_t width);
/// "1,234", "12.3", "0.041": three digits below 1,000.
std::string milliseconds_text(double milliseconds);

}  // namespace voyager::report

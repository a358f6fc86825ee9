// Numbers that the forms of the assessment report share, so that none of them counts for itself.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "model/assessment.h"

namespace voyager::report {

inline constexpr std::string_view kPerformanceCategory = "performance_optimizations";
inline constexpr std::string_view kQueryCategory = "unsupported_query_constructs";

bool is_performance(const model::AnalysisIssue& issue);
/// One sentence about a category; its key where it is none of ours.
std::string category_description(std::string_view category);

/// "none" for 0, "small" below 2 hours, "medium" to 6, "large" above.
std::string_view effort_band(double hours);

struct EffortBandSum {
  std::string_view band = {};
  std::size_t issues = 0;
  double hours = 0;
};

/// Work by hand. An estimate is taken to be wrong by up to a half either way.
struct Effort {
  double hours = 0;
  double hours_min = 0;
  double hours_max = 0;
  std::array<EffortBandSum, 3> bands = {{{"small"}, {"medium"}, {"large"}}};
};
Effort effort_of(std::span<const model::AnalysisIssue> issues);
/// "0", "3.5", "120": halves below ten, whole hours above.
std::string hours_text(double hours);
/// "10 min", "2.5 h": what one issue takes.
std::string short_effort(double hours);
/// "4 to 12 h", "none".
std::string effort_text(const Effort& effort);

/// "~12 min", "~9 h 40 min": how long the import is thought to take.
std::string import_time_text(double minutes);

/// How much of the schema goes over as it is.
struct Share {
  std::size_t objects = 0;
  std::size_t objects_by_hand = 0;
  std::size_t statements = 0;
  std::size_t statements_with_issues = 0;
};
Share share_of(const model::SchemaAnalysis& analysis);
/// Of `total`, floored: 100 only when nothing is left over. 100 for nothing at all.
int percent_without(std::size_t total, std::size_t with);

/// Letter of the complexity (A low, B medium, C high) and a digit for what has to be rewritten: 1 nothing, and there
/// are no routines or triggers; 2 nothing, there are triggers; 3 nothing, there are routines; 4 something, but no
/// routine or trigger; 5 routines or triggers. Empty where the complexity is not known.
std::string grade_of(const model::Assessment& assessment);
std::string_view grade_words(std::string_view grade);

/// A query of the application that an issue was found in, with what the server noted of it.
struct TouchedQuery {
  const model::QueryStatistics* query = nullptr;
  std::size_t issues = 0;
};
/// Most total time first.
std::vector<TouchedQuery> touched_queries(const model::Assessment& assessment);

/// Figures of tables and materialized views only; indexes are added to their table's.
struct TableSize {
  const model::ObjectFigures* table = nullptr;
  std::int64_t bytes = 0;  ///< Of the table alone.
  std::int64_t index_bytes = 0;
  std::size_t indexes = 0;
  std::int64_t total() const { return bytes + index_bytes; }
};
/// Largest first.
std::vector<TableSize> table_sizes(const model::Assessment& assessment);

}  // namespace voyager::report

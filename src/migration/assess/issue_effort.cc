#include "migration/assess/issue_effort.h"

#include <array>
#include <set>

namespace voyager::migration {
namespace {

constexpr double kKnownText = 0.25;
constexpr double kRepeat = 0.1;

/// Hours for level 1, 2 and 3.
struct Band {
  std::string_view category = {};
  std::array<double, 3> hours = {};
};
constexpr std::array kBands = {
    Band{"unsupported_datatypes", {1, 3, 6}},        Band{"unsupported_features", {0.5, 2, 8}},
    Band{"unsupported_query_constructs", {1, 2, 8}}, Band{"unsupported_plpgsql_objects", {1, 2, 8}},
    Band{"migration_caveats", {0.5, 1, 4}},          Band{"performance_optimizations", {0.5, 1, 4}},
};

double hours_of(const model::AnalysisIssue& issue) {
  // Where no level is told, the middle one stands for all.
  const std::size_t level = issue.level >= 1 && issue.level <= 3 ? static_cast<std::size_t>(issue.level) - 1 : 1;
  for (const Band& band : kBands) {
    if (band.category == issue.category) return band.hours[level];
  }
  return 1;
}

}  // namespace

std::string phase_of(const model::AnalysisIssue& issue) {
  // Only these ask for a way back, whose changes are captured on the target.
  if (issue.type.starts_with("UNSUPPORTED_DATATYPE_LIVE_MIGRATION_WITH_FF_FB") || issue.type == "SAVEPOINT_USAGE")
    return "cutover";
  if (issue.type.starts_with("UNSUPPORTED_DATATYPE_LIVE_MIGRATION")) return "streaming";
  // The target knows the type but takes no values of it; an Oracle source does not give them.
  if (issue.type == "UNSUPPORTED_DATATYPE_XML" || (issue.category == "unsupported_datatypes" && issue.level == 0))
    return "snapshot";
  const bool running = issue.category == "unsupported_query_constructs" ||
                       issue.category == "unsupported_plpgsql_objects" || issue.category == "performance_optimizations";
  return running ? "queries" : "schema";
}

void estimate_effort(std::span<model::AnalysisIssue> issues) {
  std::set<std::pair<std::string, std::string>> seen;
  for (model::AnalysisIssue& issue : issues) {
    if (!issue.caused_by.empty()) {
      issue.effort_hours = 0;
    } else if (issue.fix_kind == "sql") {
      issue.effort_hours = kKnownText;
    } else {
      const bool first = seen.emplace(issue.type, issue.category).second;
      issue.effort_hours = hours_of(issue) * (first ? 1 : kRepeat);
    }
  }
}

}  // namespace voyager::migration

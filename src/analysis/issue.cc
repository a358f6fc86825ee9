#include "analysis/issue.h"

#include <fmt/format.h>

#include <iterator>
#include <unordered_map>

#include "analysis/issues_conversion.h"

namespace voyager::analysis {
namespace {

std::vector<Issue> all_issues() {
  std::vector<Issue> all;
  for (auto* part : {table_issues, object_issues, datatype_issues, key_issues, query_issues, performance_issues,
                     text_issues, oracle_issues, conversion_issues}) {
    std::vector<Issue> rows = part();
    std::move(rows.begin(), rows.end(), std::back_inserter(all));
  }
  for (Issue& issue : all) issue.fixed_told = fixed_versions(issue.fixed);
  return all;
}

}  // namespace

std::span<const Issue> issues() {
  static const std::vector<Issue> kAll = all_issues();
  return kAll;
}

const Issue* find_issue(std::string_view type) {
  static const std::unordered_map<std::string_view, const Issue*> kByType = [] {
    std::unordered_map<std::string_view, const Issue*> map;
    for (const Issue& issue : issues()) map.emplace(issue.type, &issue);
    return map;
  }();
  const auto found = kByType.find(type);
  return found == kByType.end() ? nullptr : found->second;
}

std::string_view to_string(Category category) {
  switch (category) {
    case Category::kFeature:
      return "unsupported_features";
    case Category::kDatatype:
      return "unsupported_datatypes";
    case Category::kBody:
      return "unsupported_plpgsql_objects";
    case Category::kCaveat:
      return "migration_caveats";
    case Category::kPerformance:
      return "performance_optimizations";
    case Category::kQuery:
      return "unsupported_query_constructs";
  }
  return {};
}

std::string_view describe(Category category) {
  switch (category) {
    case Category::kFeature:
      return "Unsupported features";
    case Category::kDatatype:
      return "Unsupported data types";
    case Category::kBody:
      return "In routine bodies";
    case Category::kCaveat:
      return "Migration caveats";
    case Category::kPerformance:
      return "Performance";
    case Category::kQuery:
      return "In queries";
  }
  return {};
}

std::string database_issue(int number) {
  return fmt::format("https://github.com/yugabyte/yugabyte-db/issues/{}", number);
}

std::string voyager_issue(int number) {
  return fmt::format("https://github.com/yugabyte/yb-voyager/issues/{}", number);
}

std::string known_issue(std::string_view anchor) {
  return fmt::format("{}#{}", kKnownIssues, anchor);
}

FixedIn since_pg15() {
  return {.supported = {"2.25.0.0", "2025.1.0.0", "2025.2.0.0", "2026.1.0.0"}};
}

}  // namespace voyager::analysis

// What export schema says on the terminal of the changes it made.
#include <fmt/format.h>

#include "base/text.h"
#include "report/optimization_report.h"

namespace voyager::report {
namespace {

std::size_t indexes_of(const model::Optimization& one) {
  std::size_t count = 0;
  for (const auto& [table, indexes] : one.indexes) count += indexes.size();
  return count;
}

std::string counted(std::size_t count, const char* singular, const char* plural) {
  return fmt::format("{} {}", base::format_count(count), count == 1 ? singular : plural);
}

/// "3 indexes", "2 tables"; empty where a number says nothing.
std::string extent(const model::Optimization& one) {
  if (!one.indexes.empty()) return counted(indexes_of(one), "index", "indexes");
  if (!one.sharded.empty()) return counted(one.sharded.size(), "object", "objects");
  if (!one.tables.empty()) return counted(one.tables.size(), "table", "tables");
  return {};
}

}  // namespace

std::string optimization_summary(const model::SchemaOptimization& optimization) {
  std::string text;
  std::size_t number = 0;
  for (const model::Optimization& one : optimization.optimizations) {
    text += fmt::format("{:>3}. {}", ++number, one.title);
    if (const std::string what = extent(one); !what.empty()) text += fmt::format(" ({})", what);
    if (!one.left.empty())
      text += fmt::format("; {} left as it was", counted(one.left.size(), "statement", "statements"));
    text += "\n";
  }
  return text;
}

}  // namespace voyager::report

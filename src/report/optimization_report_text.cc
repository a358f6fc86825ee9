// What export schema says on the terminal of the changes it made.
#include <fmt/format.h>

#include "report/numbers.h"
#include "report/optimization_report.h"

namespace voyager::report {
namespace {

/// "3 indexes", "2 tables"; empty where a number says nothing.
std::string extent(const model::Optimization& one) {
  const std::size_t count = objects_of(one);
  if (count == 0) return {};
  if (!one.indexes.empty()) return counted(count, "index", "indexes");
  return one.sharded.empty() ? counted(count, "table", "tables") : counted(count, "object", "objects");
}

}  // namespace

std::size_t objects_of(const model::Optimization& one) {
  std::size_t indexes = 0;
  for (const auto& [table, of_table] : one.indexes) indexes += of_table.size();
  if (indexes > 0) return indexes;
  return one.sharded.empty() ? one.tables.size() : one.sharded.size();
}

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

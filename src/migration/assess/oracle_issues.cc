#include "migration/assess/oracle_issues.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "base/text.h"

namespace voyager::migration {
namespace {

using analysis::Finding;
using analysis::Issue;

std::unordered_map<std::string, const Issue*> rows_by_catalog_type() {
  std::unordered_map<std::string, const Issue*> rows;
  for (const Issue& issue : analysis::issues()) {
    for (const std::string_view type : issue.catalog_types) rows.emplace(base::lower(type), &issue);
  }
  return rows;
}

/// "SCOTT.ORDERS" without its schema.
std::string_view bare(std::string_view qualified) {
  const std::size_t dot = qualified.find('.');
  return dot == std::string_view::npos ? qualified : qualified.substr(dot + 1);
}

std::string shown(const Issue& issue, std::string_view name, std::string_view type) {
  if (issue.type == "UNSUPPORTED_INDEXES") return fmt::format("Index Name: {}, Index Type={}", name, type);
  if (issue.type == "UNSUPPORTED_PARTITIONING_METHODS")
    return fmt::format("Table Name: {}, Partition Method: {}", name, type);
  return std::string(name);
}

Finding finding_of(const Issue& issue, std::string object_type, std::string name) {
  return {.issue = &issue,
          .category = issue.category,
          .object_type = std::move(object_type),
          .object_name = name,
          .object_key = std::move(name),
          .reason = issue.description,
          .suggestion = issue.suggestion};
}

}  // namespace

bool is_oracle(const SourceFacts& facts) {
  return std::ranges::any_of(facts.object_types, [](const auto& entry) {
    return std::ranges::any_of(entry.second, [](char c) { return c >= 'A' && c <= 'Z'; });
  });
}

std::vector<Finding> oracle_findings(const SourceFacts& facts) {
  const auto rows = rows_by_catalog_type();
  std::vector<Finding> findings;
  for (const auto& [name, type] : facts.object_types) {
    const auto row = rows.find(base::lower(type));
    if (row == rows.end() || row->second->category == analysis::Category::kDatatype) continue;
    findings.push_back(finding_of(*row->second, row->second->objects, shown(*row->second, bare(name), type)));
  }
  for (const format::ColumnType& column : facts.column_types) {
    const auto row = rows.find(base::lower(column.type));
    if (row == rows.end() || row->second->category != analysis::Category::kDatatype) continue;
    findings.push_back(
        finding_of(*row->second, "COLUMN", fmt::format("{}.{}.{}", column.schema, column.table, column.column)));
    findings.back().details = {{"ColumnName", column.column}, {"ColumnType", column.type}};
  }
  analysis::give_ids(findings);
  return findings;
}

}  // namespace voyager::migration

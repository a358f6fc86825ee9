#include "migration/assess/live_obstacles.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace voyager::migration {
namespace {

using analysis::Name;
using analysis::Schema;
using analysis::Table;

constexpr int kPartitionDepthMax = 32;
constexpr std::string_view kNoKey = "It has no primary key, so that a changed row cannot be found again.";
constexpr std::string_view kUnlogged = "It is unlogged: its changes are not in the log that a live migration reads.";

bool is_keyed(const Schema& schema, const Name& table) {
  return std::ranges::any_of(schema.keys_of(table),
                             [](const analysis::Constraint* key) { return key->kind == analysis::KeyKind::kPrimary; });
}

/// The table, the one above it, and so on to the top; the top itself when `name` is one.
std::vector<Name> upwards(const Schema& schema, const Name& name) {
  std::vector<Name> all = {name};
  for (int depth = 0; depth < kPartitionDepthMax; ++depth) {
    const Table* table = schema.table(all.back());
    if (table == nullptr || table->partition_of.empty()) break;
    all.push_back(table->partition_of);
  }
  return all;
}

bool holds_rows(const Table& table) {
  return !table.foreign && !table.in_body && !table.assumed && !table.partitioned;
}

void add_missing_keys(const Schema& schema, std::map<std::string, std::vector<std::string>>& reasons) {
  std::map<std::string, std::vector<std::string>> unkeyed;  // By the table at the top.
  std::map<std::string, std::size_t> leaves;
  for (const Table& table : schema.tables) {
    if (!holds_rows(table)) continue;
    const std::vector<Name> line = upwards(schema, table.name);
    const std::string top = line.back().key();
    ++leaves[top];
    if (std::ranges::none_of(line, [&](const Name& one) { return is_keyed(schema, one); }))
      unkeyed[top].push_back(table.name.key());
  }
  for (const auto& [top, tables] : unkeyed) {
    if (tables.size() == leaves[top]) {
      reasons[top].emplace_back(kNoKey);
    } else {
      for (const std::string& table : tables) reasons[table].emplace_back(kNoKey);
    }
  }
}

void add_columns(const AssessedFindings& found, std::map<std::string, std::vector<std::string>>& reasons) {
  for (std::size_t i = 0; i < found.issues.size(); ++i) {
    const model::AnalysisIssue& issue = found.issues[i];
    if (!issue.type.starts_with("UNSUPPORTED_DATATYPE_LIVE_MIGRATION")) continue;
    const auto column = issue.details.find("ColumnName");
    const auto type = issue.details.find("ColumnType");
    if (column == issue.details.end() || type == issue.details.end()) continue;
    const bool back = issue.type.starts_with("UNSUPPORTED_DATATYPE_LIVE_MIGRATION_WITH_FF_FB");
    const std::string& object = found.findings[i].object_key;
    const std::string table =
        issue.object_type == "COLUMN" ? object.substr(0, object.size() - column->second.size() - 1) : qualified(object);
    reasons[table].push_back(fmt::format("Changes of column {} ({}) are not captured{}.", column->second, type->second,
                                         back ? " for fall-forward or fall-back" : ""));
  }
}

}  // namespace

std::vector<model::LiveObstacle> live_obstacles(const Schema& schema, const AssessedFindings& found) {
  std::map<std::string, std::vector<std::string>> reasons;
  add_missing_keys(schema, reasons);
  for (const Table& table : schema.tables) {
    if (table.unlogged && holds_rows(table)) reasons[table.name.key()].emplace_back(kUnlogged);
  }
  add_columns(found, reasons);
  std::vector<model::LiveObstacle> obstacles;
  for (auto& [table, list] : reasons) obstacles.push_back({.table = table, .reasons = std::move(list)});
  return obstacles;
}

}  // namespace voyager::migration

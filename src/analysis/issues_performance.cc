// What works on the target but not well. Told by assess-migration only.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "analysis/detector.h"
#include "analysis/index_text.h"
#include "base/text.h"

namespace voyager::analysis {
namespace {

constexpr int kNullPercentMin = 40;
constexpr int kTopPercentMin = 60;
constexpr int kPartitionDepthMax = 32;

/// date, timestamp, or neither. "timestamp" stands for both kinds.
std::string_view time_like(const Type& type) {
  if (type.array) return {};
  const std::string base = type.base();
  if (base == "timestamp" || base == "timestamptz") return "timestamp";
  return base == "date" ? "date" : std::string_view{};
}

/// Children count each for themselves; an upper table has no rows of its own.
void hotspot_index(const Rows& rows, const Schema& schema, const Statistics& /*statistics*/, Findings& findings) {
  for (const Index& index : schema.indexes) {
    if (index.method != "btree" || index.keys.empty() || schema.is_partitioned(index.table)) continue;
    const Key& first = index.keys.front();
    const Column* column = first.column.empty() ? nullptr : schema.column(index.table, first.column);
    const Type* type = column != nullptr ? &column->type : first.cast ? &*first.cast : nullptr;
    const Issue* issue = type == nullptr ? nullptr : rows.find(time_like(*type));
    if (issue == nullptr) continue;
    findings.add(*issue, {.statement = index.statement,
                          .object_type = "INDEX",
                          .object_name = index.text(),
                          .details = {{"ColumnName", first.column}}});
  }
}
const Detector kHotspotIndex{.name = "hotspot_index", .schema = hotspot_index};

void hotspot_key(const Rows& rows, const Schema& schema, const Statistics& /*statistics*/, Findings& findings) {
  for (const Constraint& constraint : schema.constraints) {
    const bool key = constraint.kind == KeyKind::kPrimary || constraint.kind == KeyKind::kUnique;
    if (!key || constraint.columns.empty() || schema.is_partitioned(constraint.table)) continue;
    const Column* column = schema.column(constraint.table, constraint.columns.front());
    const Issue* issue = column == nullptr ? nullptr : rows.find(time_like(column->type));
    if (issue == nullptr) continue;
    findings.add(*issue, {.statement = constraint.statement,
                          .location = constraint.location,
                          .object_type = "TABLE",
                          .object_name = constraint.table.text(),
                          .constraint = constraint.name,
                          .quiet_constraint = true,
                          .details = {{"ColumnName", column->name}}});
  }
}
const Detector kHotspotKey{.name = "hotspot_key", .schema = hotspot_key};

const ColumnStatistics* statistics_of(const Statistics& statistics, const Name& table, std::string_view column) {
  const auto found = statistics.find(fmt::format("{}.{}", table.key(), column));
  return found == statistics.end() ? nullptr : &found->second;
}

// Both rows see the whole index, because both put their condition into one recommended text.
void skewed_index(const Rows& rows, const Schema& schema, const Statistics& statistics, Findings& findings) {
  for (const Index& index : schema.indexes) {
    if (index.method != "btree" || index.keys.empty() || index.keys.front().column.empty() ||
        schema.is_partitioned(index.table))
      continue;
    const std::string& column = index.keys.front().column;
    const ColumnStatistics* figures = statistics_of(statistics, index.table, column);
    if (figures == nullptr) continue;
    const Column* definition = schema.column(index.table, column);
    const bool nulls = has_many_nulls(*figures) && !index.conditions.contains(column + " is not null");
    const bool top =
        has_a_top_value(*figures) && !index.conditions.contains(fmt::format("{} <> {}", column, figures->top_value));
    std::vector<std::string> conditions;
    if (nulls) conditions.push_back(quoted_name(column) + " IS NOT NULL");
    if (top)
      conditions.push_back(quoted_name(column) + " <> " +
                           literal(figures->top_value, definition == nullptr ? "" : definition->type.base()));
    const auto tell = [&](std::string_view argument, std::map<std::string, std::string> details) {
      details["ColumnName"] = column;
      details["RecommendedSQL"] = base::join(conditions, "\x1f");  // The analyzer puts them into the statement's text.
      if (const Issue* issue = rows.find(argument)) {
        findings.add(*issue, {.statement = index.statement,
                              .object_type = "INDEX",
                              .object_name = index.text(),
                              .details = std::move(details)});
      }
    };
    if (nulls) tell("nulls", {{"FrequencyOfNulls", fmt::format("{}%", percent(figures->null_share))}});
    if (top) {
      tell("top",
           {{"Value", figures->top_value}, {"FrequencyOfTheValue", fmt::format("{}%", percent(figures->top_share))}});
    }
  }
}
const Detector kSkewedIndex{.name = "skewed_index", .schema = skewed_index};

// --- foreign keys ---

std::vector<std::string> referenced_columns(const Schema& schema, const Constraint& constraint) {
  if (!constraint.referenced_columns.empty()) return constraint.referenced_columns;
  for (const Constraint* key : schema.keys_of(constraint.referenced)) {
    if (key->kind == KeyKind::kPrimary) return key->columns;
  }
  return {};
}

void foreign_key_types(const Rows& rows, const Schema& schema, const Statistics& /*statistics*/, Findings& findings) {
  for (const Constraint& constraint : schema.constraints) {
    if (constraint.kind != KeyKind::kForeign) continue;
    const std::vector<std::string> upper = referenced_columns(schema, constraint);
    for (std::size_t i = 0; i < constraint.columns.size() && i < upper.size(); ++i) {
      const Column* own = schema.column(constraint.table, constraint.columns[i]);
      const Column* other = schema.column(constraint.referenced, upper[i]);
      if (own == nullptr || other == nullptr || own->type.base() == other->type.base()) continue;
      findings.add(
          rows.one(),
          {.object_type = "TABLE",
           .object_name = constraint.table.text(),
           .whole_schema = true,
           .details = {{"ColumnName", fmt::format("{}.{}", constraint.table.text(), own->name)},
                       {"ReferencedColumnName", fmt::format("{}.{}", constraint.referenced.text(), other->name)},
                       {"ColumnType", own->type.sql()},
                       {"ReferencedColumnType", other->type.sql()}}});
    }
  }
}
const Detector kForeignKeyTypes{.name = "foreign_key_types", .schema = foreign_key_types};

/// The first `columns.size()` keys, as a set, are these columns.
bool leads_with(const std::vector<std::string>& keys, const std::vector<std::string>& columns) {
  if (keys.size() < columns.size()) return false;
  const std::set<std::string> wanted(columns.begin(), columns.end());
  const std::set<std::string> leading(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(columns.size()));
  return wanted == leading;
}

bool is_indexed(const Schema& schema, const Constraint& foreign_key) {
  for (const Constraint* key : schema.keys_of(foreign_key.table)) {
    if (leads_with(key->columns, foreign_key.columns)) return true;
  }
  for (const Index* index : schema.indexes_of(foreign_key.table)) {
    std::vector<std::string> keys;
    for (const Key& key : index->keys) keys.push_back(key.column);  // An expression is an empty name and matches none.
    if (leads_with(keys, foreign_key.columns)) return true;
  }
  return false;
}

void missing_foreign_key_index(const Rows& rows, const Schema& schema, const Statistics& /*statistics*/,
                               Findings& findings) {
  for (const Constraint& constraint : schema.constraints) {
    if (constraint.kind != KeyKind::kForeign || constraint.columns.empty() || is_indexed(schema, constraint)) continue;
    std::vector<std::string> columns;
    for (const std::string& column : constraint.columns)
      columns.push_back(fmt::format("{}.{}", constraint.table.text(), column));
    findings.add(rows.one(), {.object_type = "TABLE",
                              .object_name = constraint.table.text(),
                              .whole_schema = true,
                              .details = {{"ForeignKeyColumnNames", base::join(columns, ", ")},
                                          {"ReferencedTableName", constraint.referenced.text()}}});
  }
}
const Detector kMissingForeignKeyIndex{.name = "missing_foreign_key_index", .schema = missing_foreign_key_index};

// --- missing primary keys ---

std::multimap<std::string, const Table*> partitions_by_parent(const Schema& schema) {
  std::multimap<std::string, const Table*> children;
  for (const Table& table : schema.tables) {
    if (!table.partition_of.empty()) children.emplace(table.partition_of.key(), &table);
  }
  return children;
}

bool has_primary_key(const Schema& schema, const Name& table) {
  return std::ranges::any_of(schema.keys_of(table),
                             [](const Constraint* key) { return key->kind == KeyKind::kPrimary; });
}

/// The table and all partitions below it.
void below(const Table& table, const std::multimap<std::string, const Table*>& children, std::vector<const Table*>& all,
           int depth) {
  all.push_back(&table);
  if (depth >= kPartitionDepthMax) return;
  const auto [first, last] = children.equal_range(table.name.key());
  for (auto child = first; child != last; ++child) below(*child->second, children, all, depth + 1);
}

bool fits_as_primary_key(const Schema& schema, const Table& table, const std::vector<std::string>& columns,
                         const std::set<std::string>& partition_columns) {
  if (columns.empty()) return false;
  const bool not_null = std::ranges::all_of(columns, [&](const std::string& name) {
    const Column* column = schema.column(table.name, name);
    return column != nullptr && column->not_null;
  });
  return not_null && std::ranges::all_of(partition_columns, [&](const std::string& name) {
           return std::ranges::find(columns, name) != columns.end();
         });
}

std::set<std::string> primary_key_options(const Schema& schema, const Table& table,
                                          const std::set<std::string>& partition_columns) {
  std::set<std::string> options;
  const auto consider = [&](const std::vector<std::string>& columns) {
    if (!fits_as_primary_key(schema, table, columns, partition_columns)) return;
    std::vector<std::string> names;
    for (const std::string& column : columns) names.push_back(fmt::format("{}.{}", table.name.text(), column));
    options.insert(base::join(names, ", "));
  };
  for (const Constraint* key : schema.keys_of(table.name)) consider(key->columns);
  for (const Index* index : schema.indexes_of(table.name)) {
    const bool plain = std::ranges::none_of(index->keys, [](const Key& key) { return key.column.empty(); });
    if (!index->unique || index->partial || !plain) continue;
    std::vector<std::string> columns;
    for (const Key& key : index->keys) columns.push_back(key.column);
    consider(columns);
  }
  return options;
}

void missing_primary_key(const Rows& rows, const Schema& schema, const Statistics& /*statistics*/, Findings& findings) {
  const auto children = partitions_by_parent(schema);
  for (const Table& table : schema.tables) {
    if (table.foreign || table.in_body || table.assumed || !table.parents.empty() || !table.partition_of.empty())
      continue;
    std::vector<const Table*> all;
    below(table, children, all, 0);
    std::set<std::string> partition_columns;
    bool keyed = false;
    for (const Table* one : all) {
      keyed = keyed || has_primary_key(schema, one->name);
      partition_columns.insert(one->partition_columns.begin(), one->partition_columns.end());
    }
    if (keyed) continue;
    const std::set<std::string> options = primary_key_options(schema, table, partition_columns);
    if (options.empty()) continue;
    std::vector<std::string> list(options.begin(), options.end());
    findings.add(rows.one(), {.statement = table.statement,
                              .object_type = "TABLE",
                              .object_name = table.name.text(),
                              .details = {{"PrimaryKeyColumnOptions", base::join(list, "; ")}}});
  }
}
const Detector kMissingPrimaryKey{.name = "missing_primary_key", .schema = missing_primary_key};

Issue performance(std::string_view type, std::string_view name, std::string_view objects, std::string_view anchor,
                  std::string_view description, std::string_view suggestion, const Detector& detector,
                  std::string_view argument) {
  return {.type = std::string(type),
          .name = std::string(name),
          .category = Category::kPerformance,
          .objects = std::string(objects),
          .docs = known_issue(anchor),
          .description = std::string(description),
          .suggestion = std::string(suggestion),
          .assessment_only = true,
          .invalidates = false,
          .detector = &detector,
          .argument = std::string(argument)};
}

constexpr std::string_view kHotspots = "hotspots-with-range-sharded-timestamp-date-indexes";
constexpr std::string_view kSpread =
    "Put a remainder of the value's hash first and keep the time behind it as an ascending key; for colocated tables "
    "there is nothing to do.";

Issue hotspot(std::string_view kind, std::string_view upper, bool index) {
  Issue row =
      performance(fmt::format("HOTSPOTS_ON_{}_{}", upper, index ? "INDEX" : "PK_UK"),
                  index ? fmt::format("Hotspots with indexes on {} as first column", kind)
                        : fmt::format("Hotspots with primary/unique key constraint on {} as first column", kind),
                  index ? "INDEX" : "TABLE", kHotspots,
                  fmt::format("New values of a {} are neighbours: they all go to one tablet.", kind), kSpread,
                  index ? kHotspotIndex : kHotspotKey, kind);
  if (index) {
    row.fixed = {.early_access = {"2025.2.2.0", "2026.1.0.0"}, .tech_preview = {"2025.2.1.0", "2026.1.0.0"}};
    row.flags = "yb_enable_derived_saops=true, yb_max_saop_merge_streams=64";
  }
  return row;
}

}  // namespace

int percent(double share) {
  // 0.55 * 100 is a hair below 55 in binary.
  return static_cast<int>(share * 100 + 1e-9);
}

bool has_many_nulls(const ColumnStatistics& column) {
  return percent(column.null_share) >= kNullPercentMin;
}

bool has_a_top_value(const ColumnStatistics& column) {
  return percent(column.top_share) >= kTopPercentMin && !column.top_value.empty();
}

std::vector<Issue> performance_issues() {
  return {
      hotspot("timestamp", "TIMESTAMP", true),
      hotspot("date", "DATE", true),
      hotspot("timestamp", "TIMESTAMP", false),
      hotspot("date", "DATE", false),
      performance("INDEX_ON_COLUMN_WITH_HIGH_PERCENTAGE_OF_NULL_VALUES",
                  "Index on column with a high percentage of NULL values", "INDEX",
                  "index-on-column-with-a-high-percentage-of-null-values",
                  "Most entries of the index are nulls: they all lie in one tablet.", "Leave nulls out of the index.",
                  kSkewedIndex, "nulls"),
      performance("INDEX_ON_COLUMN_WITH_HIGH_PERCENTAGE_OF_PARTICULAR_VALUE",
                  "Index on column with high percentage of a particular value", "INDEX",
                  "index-on-column-with-high-percentage-of-a-particular-value",
                  "Most entries of the index have one value: they all lie in one tablet.",
                  "Leave that value out of the index.", kSkewedIndex, "top"),
      performance("FOREIGN_KEY_DATATYPE_MISMATCH", "Foreign key datatype mismatch", "TABLE",
                  "foreign-key-datatype-mismatch",
                  "A foreign key's column has another type than the column it references: every check has to convert.",
                  "Give both columns one type.", kForeignKeyTypes, {}),
      performance(
          "MISSING_FOREIGN_KEY_INDEX", "Missing index on foreign key columns", "TABLE", "missing-foreign-key-indexes",
          "No index begins with the columns of the foreign key: joins and deletes have to read the whole table.",
          "Create an index on these columns.", kMissingForeignKeyIndex, {}),
      performance("MISSING_PRIMARY_KEY_WHEN_UNIQUE_NOT_NULL",
                  "Missing primary key for table when unique and not null columns exist", "TABLE",
                  "missing-primary-key-for-table-when-unique-and-not-null-columns-exist",
                  "The table has no primary key although columns of it would make one.",
                  "Make a unique constraint on columns that are never null the primary key.", kMissingPrimaryKey, {}),
  };
}

}  // namespace voyager::analysis

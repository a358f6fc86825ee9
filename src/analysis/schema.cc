#include "analysis/schema.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace voyager::analysis {
namespace {

// What the grammar calls a type, and what people do.
constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kTypeWords = {{
    {"int2", "smallint"},
    {"int4", "integer"},
    {"int8", "bigint"},
    {"bpchar", "char"},
    {"float4", "real"},
    {"float8", "double precision"},
    {"bool", "boolean"},
    {"timetz", "time with time zone"},
    {"timestamptz", "timestamp with time zone"},
}};

constexpr int kParentsMax = 32;

}  // namespace

std::string Type::base() const {
  return base::lower(name.name);
}

std::string Type::sql() const {
  std::string text = base();
  for (const auto& [internal, word] : kTypeWords) {
    if (text == internal) text = word;
  }
  if (!name.schema.empty() && name.schema != "pg_catalog") text = name.schema + "." + text;
  return text + modifiers + (array ? "[]" : "");
}

void Schema::complete_columns() {
  for (const auto& [name, column] : added_columns) {
    const auto [found, is_new] = tables_by_key_.emplace(name.key(), tables.size());
    if (is_new) tables.push_back({.name = name, .assumed = true, .statement = column.statement});
    tables[found->second].columns.push_back(column);
  }
  for (const NotNull& one : not_nulls) {
    const auto found = tables_by_key_.find(one.table.key());
    if (found == tables_by_key_.end()) continue;
    for (Column& column : tables[found->second].columns) {
      if (column.name == one.column) column.not_null = one.value;
    }
  }
}

void Schema::complete() {
  for (std::size_t i = 0; i < tables.size(); ++i) {
    if (tables[i].in_body) {
      body_tables_.emplace(tables[i].statement, i);
    } else {
      tables_by_key_.emplace(tables[i].name.key(), i);
    }
  }
  complete_columns();
  for (const auto& [partition, parent] : attached) {
    if (const auto found = tables_by_key_.find(partition.key()); found != tables_by_key_.end())
      tables[found->second].partition_of = parent;
  }
  for (std::size_t i = 0; i < constraints.size(); ++i) constraints_by_table_[constraints[i].table.key()].push_back(i);
  for (std::size_t i = 0; i < indexes.size(); ++i) indexes_by_table_[indexes[i].table.key()].push_back(i);
  for (const Name& one : composites) {
    composite_keys_.insert(one.key());
    composite_names_.insert(one.name);
  }
  for (const Table& one : tables) {
    for (const Column& column : one.columns) {
      if (!column.type.array && column.type.base() == "jsonb") jsonb_columns_.insert(column.name);
    }
  }
  complete_functions();
}

void Schema::complete_functions() {
  for (const auto& [name, type] : functions) {
    // table.column%TYPE: the column's name is the last part, the table's the one before.
    const bool jsonb = type.of_column ? jsonb_columns_.contains(type.name.name) : type.base() == "jsonb" && !type.array;
    if (jsonb) jsonb_functions_.insert(name);
  }
}

const Table* Schema::table(const Name& name) const {
  const auto found = tables_by_key_.find(name.key());
  return found == tables_by_key_.end() ? nullptr : &tables[found->second];
}

const Column* Schema::column(const Name& name, std::string_view column_name) const {
  const Table* own = table(name);
  return own == nullptr ? nullptr : column_within(*own, column_name, 0);
}

const Column* Schema::column(const Constraint& constraint, std::string_view column_name) const {
  const auto own = body_tables_.find(constraint.statement);
  return own == body_tables_.end() ? column(constraint.table, column_name)
                                   : column_within(tables[own->second], column_name, 0);
}

const Column* Schema::column_within(const Table& own, std::string_view name, int depth) const {
  for (const Column& column : own.columns) {
    if (column.name == name) return &column;
  }
  if (depth >= kParentsMax) return nullptr;
  std::vector<Name> parents = own.parents;
  if (!own.partition_of.empty()) parents.push_back(own.partition_of);
  for (const Name& parent : parents) {
    const Table* upper = table(parent);
    if (upper == nullptr || upper == &own) continue;
    if (const Column* found = column_within(*upper, name, depth + 1)) return found;
  }
  return nullptr;
}

bool Schema::is_partitioned(const Name& name) const {
  const Table* own = table(name);
  return own != nullptr && own->partitioned;
}

bool Schema::is_composite(const Type& type) const {
  if (type.name.schema == "pg_catalog") return false;
  return type.name.schema.empty() ? composite_names_.contains(type.name.name)
                                  : composite_keys_.contains(type.name.key());
}

std::vector<const Constraint*> Schema::keys_of(const Name& name) const {
  std::vector<const Constraint*> keys;
  const auto found = constraints_by_table_.find(name.key());
  if (found == constraints_by_table_.end()) return keys;
  for (const std::size_t i : found->second) {
    if (constraints[i].kind == KeyKind::kPrimary || constraints[i].kind == KeyKind::kUnique)
      keys.push_back(&constraints[i]);
  }
  return keys;
}

std::vector<const Index*> Schema::indexes_of(const Name& name) const {
  std::vector<const Index*> found;
  const auto numbers = indexes_by_table_.find(name.key());
  if (numbers == indexes_by_table_.end()) return found;
  for (const std::size_t i : numbers->second) found.push_back(&indexes[i]);
  return found;
}

std::string constraint_name(const std::string& given, const Name& table, const std::vector<std::string>& columns,
                            KeyKind kind) {
  if (!given.empty()) return given;
  std::string name = table.name;
  // The server leaves the columns out of a primary key's name; the documented rule for reports keeps them.
  for (const std::string& column : columns) name += "_" + column;
  switch (kind) {
    case KeyKind::kPrimary:
      return name + "_pkey";
    case KeyKind::kUnique:
      return name + "_key";
    case KeyKind::kExclusion:
      return name + "_excl";
    case KeyKind::kForeign:
      return name + "_fkey";
    case KeyKind::kCheck:
      break;
  }
  return name;
}

}  // namespace voyager::analysis

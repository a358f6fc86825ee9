// What the statements of a schema define together: the facts that detectors need about other statements than their own.
#pragma once

#include <simdjson.h>

#include <cstddef>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "analysis/statistics.h"

namespace voyager::analysis {

/// A name as written: the schema may be empty.
struct Name {
  std::string schema = {};
  std::string name = {};
  bool empty() const { return name.empty(); }
  std::string text() const { return schema.empty() ? name : schema + "." + name; }
  /// The same for `t` and `public.t`.
  std::string key() const { return (schema.empty() ? "public" : schema) + "." + name; }
};

struct Type {
  Name name = {};              ///< Of the base type as the grammar spells it: pg_catalog.int4.
  std::string modifiers = {};  ///< "(10,2)"
  bool array = false;
  bool of_column = false;    ///< table.column%TYPE
  std::string base() const;  ///< Last part, lower case: int4.
  std::string sql() const;   ///< As people write it: "numeric(10,2)[]".
};

struct Column {
  std::string name = {};
  Type type = {};
  bool not_null = false;
  bool generated = false;  ///< GENERATED ALWAYS AS (...) STORED.
  std::string compression = {};
  std::size_t location = 0;  ///< In its statement.
  std::size_t statement = 0;
};

enum class KeyKind { kPrimary, kUnique, kForeign, kExclusion, kCheck };

struct Constraint {
  KeyKind kind = KeyKind::kCheck;
  std::string name = {};  ///< As given, else as the server would call it.
  Name table = {};
  std::vector<std::string> columns = {};
  Name referenced = {};                              ///< kForeign
  std::vector<std::string> referenced_columns = {};  ///< Empty: the primary key's.
  bool deferrable = false;
  bool by_alter = false;
  bool has_options = false;  ///< WITH (...)
  std::size_t location = 0;
  std::size_t statement = 0;
};

/// One key of an index: a column, or an expression.
struct Key {
  std::string column = {};
  std::optional<Type> cast = {};  ///< Of an expression that is directly a cast.
  bool ordered = false;           ///< ASC or DESC is written.
};

struct Index {
  std::string name = {};
  Name table = {};
  std::string method = {};
  std::vector<Key> keys = {};
  bool unique = false;
  bool partial = false;
  /// Conditions of a partial index as "column is not null" and "column <> value", without case.
  std::set<std::string> conditions = {};
  std::size_t statement = 0;
  std::string text() const { return name.empty() ? "ON " + table.text() : name + " ON " + table.text(); }
};

struct Table {
  Name name = {};
  std::vector<Column> columns = {};
  bool foreign = false;
  bool unlogged = false;
  bool assumed = false;  ///< Only altered here; what it began with is not known.
  bool in_body = false;  ///< Made by a routine, usually a temporary one: others do not find it by name.
  bool partitioned = false;
  std::string strategy = {};                        ///< LIST, RANGE, HASH
  std::vector<std::string> partition_columns = {};  ///< Plain ones.
  bool partitioned_by_expression = false;
  std::vector<Name> parents = {};  ///< INHERITS.
  Name partition_of = {};          ///< Also by ATTACH PARTITION.
  std::size_t statement = 0;
};

struct Trigger {
  std::string name = {};
  Name table = {};
  bool before = false;
  bool for_each_row = false;
  std::size_t statement = 0;
};

/// A subscript whose operand may be jsonb; which it is, the whole schema tells.
struct Subscript {
  std::vector<std::string> columns = {};
  std::vector<std::string> functions = {};  ///< Without schema.
  bool jsonb = false;                       ///< Known already: a cast.
  std::size_t location = 0;
  std::size_t statement = 0;
};

class Schema {
 public:
  std::vector<Table> tables = {};
  std::vector<Constraint> constraints = {};
  std::vector<Index> indexes = {};
  std::vector<Trigger> triggers = {};
  std::vector<Subscript> subscripts = {};
  std::vector<Name> composites = {};
  std::vector<Name> enums = {};
  std::vector<std::pair<std::string, Type>> functions = {};  ///< Name without schema, what it returns.
  /// ALTER TABLE ... SET/DROP NOT NULL, in the order of the files: table, column, value.
  struct NotNull {
    Name table = {};
    std::string column = {};
    bool value = true;
  };
  std::vector<NotNull> not_nulls = {};
  std::vector<std::pair<Name, Name>> attached = {};  ///< Partition, parent: of tables, and of indexes.
  std::vector<std::pair<Name, Column>> added_columns = {};
  /// Of the source's catalogue, while the analysis runs; nothing when only the statements are known.
  std::optional<std::span<const CatalogColumn>> catalog = {};

  /// Reads what one statement defines. `in_body`: found in a routine; its tables are seen by its own detectors only.
  void read(simdjson::dom::object statement, std::size_t number, bool in_body);
  /// Once after all statements: joins what came in separate ones.
  void complete();

  const Table* table(const Name& name) const;
  /// The column, looked for in the table, then in what it inherits from.
  const Column* column(const Name& table, std::string_view name) const;
  /// The same for a constraint's own table, which a routine may have made.
  const Column* column(const Constraint& constraint, std::string_view name) const;
  bool is_partitioned(const Name& table) const;
  bool is_composite(const Type& type) const;
  bool is_jsonb_column(std::string_view column) const { return jsonb_columns_.contains(std::string(column)); }
  bool returns_jsonb(std::string_view function) const { return jsonb_functions_.contains(std::string(function)); }
  /// Primary keys and unique constraints of the table itself.
  std::vector<const Constraint*> keys_of(const Name& table) const;
  std::vector<const Index*> indexes_of(const Name& table) const;

 private:
  const Column* column_within(const Table& table, std::string_view name, int depth) const;
  void complete_columns();
  void complete_functions();

  std::unordered_map<std::string, std::size_t> tables_by_key_ = {};
  std::unordered_map<std::size_t, std::size_t> body_tables_ = {};  // by statement
  std::unordered_map<std::string, std::vector<std::size_t>> constraints_by_table_ = {};
  std::unordered_map<std::string, std::vector<std::size_t>> indexes_by_table_ = {};
  std::unordered_set<std::string> composite_keys_ = {};
  std::unordered_set<std::string> composite_names_ = {};
  std::unordered_set<std::string> jsonb_columns_ = {};
  std::unordered_set<std::string> jsonb_functions_ = {};
};

// Reading the grammar's nodes.
Name range_var(simdjson::dom::object node);
Name relation_of(simdjson::dom::object node);
std::vector<std::string> name_parts(std::optional<simdjson::dom::array> list);
Name name_of(const std::vector<std::string>& parts);
Type type_of(simdjson::dom::object type_name);
/// The constraint's name as given, or as the server would make it: table_column_key.
std::string constraint_name(const std::string& given, const Name& table, const std::vector<std::string>& columns,
                            KeyKind kind);

}  // namespace voyager::analysis

// What the statements of table.sql say about keys, and what each of them needs to have run before it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/identifier.h"
#include "sql/splitter.h"

namespace voyager::migration {

enum class TableStatement : std::uint8_t {
  kSession,     ///< SET, SELECT set_config(...).
  kCreate,      ///< CREATE TABLE.
  kPrimaryKey,  ///< ALTER TABLE ... ADD PRIMARY KEY, nothing else.
  kUnique,      ///< ALTER TABLE ... ADD UNIQUE, nothing else.
  kAlter,       ///< ALTER TABLE that a key may be added in front of: defaults, row security, foreign keys, ...
  kOther,       ///< Anything else, and what the grammar refuses: nothing may pass it.
};

/// What a primary key or unique constraint that is checked at once makes an index of.
struct KeyFacts {
  std::vector<std::string> columns = {};
  std::vector<std::string> included = {};
  bool nulls_equal = false;  ///< NULLS NOT DISTINCT.
  bool operator==(const KeyFacts&) const = default;
};

struct TableFacts {
  sql::Piece piece = {};
  TableStatement kind = TableStatement::kOther;
  model::TableName table = {};
  std::set<model::TableName> mentions = {};  ///< Every table and type in it, also its own table.
  std::vector<model::TableName> parents = {};
  std::map<std::string, std::string> column_types = {};  ///< Name of the type without its schema; "name[]" for arrays.
  /// Columns of the primary key that it makes; empty for one that takes over an index.
  std::optional<std::vector<std::string>> primary_key = {};
  std::map<std::string, KeyFacts> keys = {};  ///< By the constraint's name. Without those that take over an index.
};

/// All pieces but the blanks behind the last one.
std::vector<TableFacts> read_table_file(std::string_view text);

}  // namespace voyager::migration

// Moving primary keys and checks from ALTER TABLE into CREATE TABLE.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/schema_optimization.h"

namespace voyager::migration {

struct MergedTables {
  std::string text = {};
  std::size_t merged = 0;  ///< Constraints moved; `text` is unchanged when 0.
  std::vector<model::StatementChange> changes =
      {};  ///< One a constraint: the ALTER TABLE, and what it became a part of.
};

/// Rewrites the text of table.sql by moving pieces of it, so that everything else keeps its bytes. A primary key or
/// check stays where it is when it is NOT VALID, one of several commands, needs another object that may need the table,
/// or when moving it could clash with partitioning or inheritance. Each rewritten statement has been parsed again.
MergedTables merge_constraints(std::string_view table_sql);

}  // namespace voyager::migration

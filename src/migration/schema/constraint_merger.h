// Moving primary keys and checks from ALTER TABLE into CREATE TABLE.
#pragma once

#include <cstddef>
#include <vector>

#include "model/schema_optimization.h"
#include "sql/document.h"

namespace voyager::migration {

struct MergedConstraints {
  std::size_t merged = 0;  ///< Constraints moved; the file is unchanged when 0.
  std::vector<model::StatementChange> changes =
      {};  ///< One a constraint: the ALTER TABLE, and what it became a part of.
};

/// Rewrites table.sql by moving pieces of it, so that everything else keeps its bytes. A primary key or
/// check stays where it is when it is NOT VALID, one of several commands, needs another object that may need the table,
/// or when moving it could clash with partitioning or inheritance. Each rewritten statement has been parsed again.
MergedConstraints merge_constraints(sql::Document& tables);

}  // namespace voyager::migration

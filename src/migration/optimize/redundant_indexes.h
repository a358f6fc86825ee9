// Taking out indexes that others make needless.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "model/assessment.h"
#include "model/schema_optimization.h"
#include "sql/document.h"

namespace voyager::migration {

struct RedundantIndexInput {
  const sql::Document& indexes;   ///< INDEXES_table.sql.
  const sql::Document& tables;    ///< table.sql: constraints may be what makes an index needless, and may name one.
  const sql::Document& comments;  ///< comment.sql: the comment on an index goes with it.
  std::span<const model::RedundantIndex> pairs = {};
};

struct RedundantIndexResult {
  std::vector<sql::Document::Edit> indexes = {};
  std::vector<sql::Document::Edit> comments = {};
  std::string redundant = {};  ///< What was taken out, with what stays instead; empty when nothing was.
  std::map<std::string, std::vector<std::string>> removed = {};  ///< Index names by table.
  std::vector<model::StatementChange> changes = {};
  std::vector<model::StatementChange> left = {};
};

/// An index is taken out when what stays instead is in the schema, and nothing else needs it. Indexes of a partitioned
/// table and of its partitions that belong together go together or not at all.
RedundantIndexResult take_out_redundant(const RedundantIndexInput& input);

}  // namespace voyager::migration

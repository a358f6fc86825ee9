// Taking out indexes that others make needless.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/assessment.h"
#include "model/schema_optimization.h"

namespace voyager::migration {

struct RedundantIndexInput {
  std::string_view indexes = {};   ///< Text of INDEXES_table.sql.
  std::string_view tables = {};    ///< Of table.sql: constraints may be what makes an index needless, and may name one.
  std::string_view comments = {};  ///< Of comment.sql: the comment on an index goes with it.
  std::span<const model::RedundantIndex> pairs = {};
};

struct RedundantIndexResult {
  std::string indexes = {};
  std::string comments = {};
  std::string redundant = {};  ///< What was taken out, with what stays instead; empty when nothing was.
  std::map<std::string, std::vector<std::string>> removed = {};  ///< Index names by table.
  std::vector<model::StatementChange> changes = {};
  std::vector<model::StatementChange> left = {};
};

/// An index is taken out when what stays instead is in the schema, and nothing else needs it. Indexes of a partitioned
/// table and of its partitions that belong together go together or not at all.
RedundantIndexResult take_out_redundant(const RedundantIndexInput& input);

}  // namespace voyager::migration

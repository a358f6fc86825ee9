// Secondary indexes ordered by their first key, not spread by its hash.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/schema_optimization.h"

namespace voyager::migration {

struct RangeIndexResult {
  std::string text = {};
  std::map<std::string, std::vector<std::string>> indexes = {};  ///< Changed ones by table.
  std::vector<model::StatementChange> changes = {};
  std::vector<model::StatementChange> left = {};
};

/// Each CREATE INDEX USING btree whose first key says neither ASC nor DESC gets ASC. That is what the words mean anyway
/// on a server that orders all indexes.
RangeIndexResult order_indexes(std::string_view sql_text);

/// The statement with ASC behind its first key; empty when it says an order, is no btree or cannot be changed safely.
std::string with_ascending_key(std::string_view sql);

}  // namespace voyager::migration

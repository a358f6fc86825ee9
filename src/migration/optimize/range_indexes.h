// Secondary indexes ordered by their first key, not spread by its hash.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/schema_optimization.h"
#include "sql/document.h"

namespace voyager::migration {

struct RangeIndexResult {
  std::vector<sql::Document::Edit> edits = {};
  std::map<std::string, std::vector<std::string>> indexes = {};  ///< Changed ones by table.
  std::vector<model::StatementChange> changes = {};
  std::vector<model::StatementChange> left = {};
};

/// Each CREATE INDEX USING btree whose first key says neither ASC nor DESC gets ASC. That is what the words mean anyway
/// on a server that orders all indexes.
RangeIndexResult order_indexes(const sql::Document& file);

}  // namespace voyager::migration

// A view's query in PostgreSQL's words, or not at all. Pure.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "connectors/mysql/catalog_rows.h"
#include "connectors/mysql/expression.h"

namespace voyager::mysql {

struct RelationColumn {
  std::string source_name = {};
  Operand value = {};  ///< Its SQL is the column's bare name.
};

/// What a query can read: a table, or a view that has been converted.
struct Relation {
  std::string sql = {};  ///< Qualified.
  std::vector<RelationColumn> columns = {};
};

struct ConvertedView {
  std::string sql = {};  ///< SELECT ...; empty: it has no certain form.
  std::vector<RelationColumn> columns = {};
  std::string why_not = {};
};

/// One SELECT over joins, without subqueries. Groups, orders and DISTINCT of texts are refused as comparisons are.
/// `relation` tells of what is in the view's own database.
ConvertedView convert_view(const ViewRow& view, const std::string& database,
                           const std::function<std::optional<Relation>(const std::string&)>& relation);

}  // namespace voyager::mysql

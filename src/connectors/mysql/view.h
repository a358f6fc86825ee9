// A query, of a view or in a routine, in PostgreSQL's words, or not at all. Pure.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "connectors/mysql/catalog_rows.h"
#include "connectors/mysql/expression.h"
#include "connectors/mysql/tokens.h"

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

/// A query in a routine's text.
struct ConvertedQuery {
  bool distinct = false;
  std::vector<Operand> columns = {};
  std::string rest = {};  ///< " FROM ... WHERE ...", behind the columns.
  bool one_row = false;   ///< Whatever the tables hold: an aggregate of all rows.
  std::string why_not = {};
  int line = 1;  ///< Of the text, where that stands.
};

/// As convert_view, of tokens from SELECT on, as users write them. Names mean what `variables` say first.
ConvertedQuery convert_query(std::vector<Token> query, const std::string& database,
                             const std::function<std::optional<Relation>(const std::string&)>& relation,
                             const Resolve& variables);

}  // namespace voyager::mysql

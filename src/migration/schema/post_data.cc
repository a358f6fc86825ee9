#include "migration/schema/post_data.h"

#include "sql/statement.h"

namespace voyager::migration {

std::optional<connector::StatementFault> run_post_data(const model::PostDataStatement& statement,
                                                       connector::SchemaTarget& target,
                                                       std::vector<OptionLeftOut>& left_out) {
  const sql::Statement info = sql::parse_statement(statement.sql);
  // The upper index of a partitioned table is invalid until those of all partitions are attached, and must not be
  // dropped.
  const bool own_index = info.kind == sql::StatementKind::kCreateIndex && !info.only && !info.object.name.empty();
  if (own_index) {
    if (target.index_is_valid(info.object.schema, info.object.name)) return std::nullopt;
    target.drop_invalid_index(info.object.schema, info.object.name);
  }
  std::vector<std::string> notices;
  const std::size_t known = left_out.size();
  std::optional<connector::StatementFault> fault = run_with_known_options(target, statement.sql, notices, left_out);
  for (std::size_t i = known; i < left_out.size(); ++i) {
    left_out[i].file = statement.file;
    left_out[i].line = statement.line;
  }
  if (fault && fault->already_exists) return std::nullopt;
  return fault;
}

}  // namespace voyager::migration

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
  std::vector<std::string> notices;
  const std::size_t known = left_out.size();
  std::optional<connector::StatementFault> fault = run_with_known_options(target, statement.sql, notices, left_out);
  // It is looked at only where the name is taken (IF NOT EXISTS makes a notice of that): a question before each of many
  // thousand indexes would cost as much as they do.
  const bool name_taken = own_index && (fault ? fault->already_exists : !notices.empty());
  if (name_taken && target.valid_indexes({info.object}).empty()) {
    target.drop_invalid_index(info.object);
    fault = run_with_known_options(target, statement.sql, notices, left_out);
  }
  for (std::size_t i = known; i < left_out.size(); ++i) {
    left_out[i].file = statement.file;
    left_out[i].line = statement.line;
  }
  if (fault && fault->already_exists) return std::nullopt;
  return fault;
}

}  // namespace voyager::migration

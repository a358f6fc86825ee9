// Any bytes as exported schema files, rewritten with everything that can be done:
//  - no statement is lost and none is new but the settings that the rewriting adds,
//  - a statement that changes is still one statement,
//  - with everything refused, no byte changes,
//  - masking passwords ends, and what has none stays as it is.
// What stands before the first "====" is the file of tables, then come those of indexes, comments and materialized
// views; the test cases of the rewriting have such texts.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "migration/optimize/key_sharding.h"
#include "migration/optimize/optimize_schema.h"
#include "sql/password_mask.h"
#include "sql/statement.h"

namespace {

using namespace voyager;

void check(bool holds) {
  if (!holds) std::abort();
}

std::string next_part(std::string_view& text) {
  constexpr std::string_view kMark = "====";
  const std::size_t end = std::min(text.find(kMark), text.size());
  std::string part(text.substr(0, end));
  text.remove_prefix(std::min(end + kMark.size(), text.size()));
  return part;
}

bool is_setting(std::string_view sql) {
  return sql.starts_with("set ") && sql.find(migration::kHashSetting) != std::string_view::npos;
}

std::size_t statements_in(std::string_view text) {
  std::size_t count = 0;
  for (const sql::Piece& piece : sql::split_statements(text))
    count += piece.kind == sql::Piece::Kind::kStatement && !is_setting(piece.sql()) && piece.sql() != ";" ? 1U : 0U;
  return count;
}

std::size_t statements_in(const migration::SchemaParts& parts) {
  return statements_in(parts.tables.text) + statements_in(parts.indexes.text) + statements_in(parts.comments.text) +
         statements_in(parts.materialized_views.text) + statements_in(parts.redundant_indexes.text);
}

/// Each index is said to be made needless by the one before it, and every table to need tablets of its own.
migration::OptimizeInput everything(const migration::SchemaParts& parts) {
  migration::OptimizeInput input;
  input.sharded.emplace();
  for (const std::string* text : {&parts.tables.text, &parts.materialized_views.text}) {
    for (const sql::FileStatement& one : sql::parse_file(*text))
      if (!one.info.object.name.empty()) input.sharded->push_back(model::display(one.info.object));
  }
  model::TableName before;
  for (const sql::FileStatement& one : sql::parse_file(parts.indexes.text)) {
    if (one.info.kind != sql::StatementKind::kCreateIndex) continue;
    input.redundant.push_back({.schema = one.info.object.schema.catalog_text(),
                               .index = one.info.object.name.catalog_text(),
                               .existing_schema = before.schema.catalog_text(),
                               .existing_index = before.name.catalog_text()});
    before = one.info.object;
  }
  return input;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string masked = sql::mask_passwords(text);
  check(text.find_first_of("'$") != std::string_view::npos || masked == text);
  migration::SchemaParts parts;
  parts.tables = {"tables/table.sql", next_part(text)};
  parts.indexes = {"tables/INDEXES_table.sql", next_part(text)};
  parts.comments = {"comments/comment.sql", next_part(text)};
  parts.materialized_views = {"mviews/mview.sql", std::string(text)};
  parts.redundant_indexes.file = "tables/redundant_indexes.sql";

  migration::OptimizeInput input = everything(parts);
  const std::size_t before = statements_in(parts);
  const migration::OptimizedSchema done = migration::optimize_schema(parts, input);
  check(statements_in(done.parts) == before);
  for (const model::Optimization& one : done.optimizations) {
    for (const model::StatementChange& change : one.changes)
      check(change.before.empty() || change.after.empty() || statements_in(change.after) == 1);
  }
  input.performance = input.colocation = false;
  const migration::OptimizedSchema refused = migration::optimize_schema(parts, input);
  check(refused.parts.tables.text == parts.tables.text && refused.parts.indexes.text == parts.indexes.text &&
        refused.parts.comments.text == parts.comments.text && refused.parts.redundant_indexes.text.empty() &&
        refused.parts.materialized_views.text == parts.materialized_views.text);
  return 0;
}

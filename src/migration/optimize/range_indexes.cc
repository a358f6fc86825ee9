#include "migration/optimize/range_indexes.h"

#include <fmt/format.h>

#include <array>
#include <optional>

#include "migration/optimize/splice.h"
#include "migration/optimize/tree_text.h"
#include "model/identifier.h"
#include "sql/lexer.h"
#include "sql/statement.h"

namespace voyager::migration {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;
using sql::Token;
using sql::TokenKind;

constexpr const char* kReason =
    "An index without a word on its order is spread by the hash of its first key and serves no comparison or sorting; "
    "with ASC it does, and it splits where values are many";

/// Behind the first key, in front of NULLS FIRST or LAST.
std::optional<std::size_t> end_of_first_key(std::string_view sql) {
  int depth = 0;
  std::array<Token, 2> last = {};  ///< Of the key, newest at the back.
  std::size_t in_front_of_last_two = 0;
  for (Token token = sql::next_code_token(sql, 0); token.kind != TokenKind::kEnd;
       token = sql::next_code_token(sql, token.end)) {
    const bool closes = sql::is_symbol(sql, token, ')');
    if (depth == 1 && (closes || sql::is_symbol(sql, token, ','))) {
      const bool nulls = last[0].kind == TokenKind::kWord && sql::is_word(sql, last[0], "nulls");
      if (last[1].end == 0) return std::nullopt;
      return nulls ? in_front_of_last_two : last[1].end;
    }
    if (closes) --depth;
    if (depth > 0) {
      in_front_of_last_two = last[0].end;
      last = {last[1], token};
    }
    if (sql::is_symbol(sql, token, '(')) ++depth;
  }
  return std::nullopt;
}

/// Leaves out the word on the order of every key but not which key says it: the first difference is the change itself.
std::string without_first_order(object root) {
  bool seen = false;
  return tree_text(root,
                   [&seen](std::string_view key, element) { return key == "ordering" && !std::exchange(seen, true); });
}

/// The statement with ASC behind its first key; nothing when it cannot be put in safely.
std::optional<sql::Rewritten> with_ascending_key(std::string_view sql) {
  const std::optional<std::size_t> end = end_of_first_key(sql);
  if (!end) return std::nullopt;
  std::string wanted;
  if (sql::with_parse_tree(sql, [&](object root) { wanted = without_first_order(root); })) return std::nullopt;
  sql::Rewritten now{.sql = spliced(sql, {{*end, *end, " ASC"}})};
  bool as_meant = false;
  sql::with_parse_tree(now.sql, [&](object root) {
    now.info = sql::statement_of(now.sql, root);
    as_meant = now.info.first_key == sql::KeyOrder::kAscending && without_first_order(root) == wanted;
  });
  return as_meant ? std::optional(std::move(now)) : std::nullopt;
}

void order(const sql::FileStatement& statement, std::size_t index, RangeIndexResult& result) {
  const std::string table = model::display(statement.info.table);
  const std::string name = model::display(statement.info.object.name);
  model::StatementChange change{.object = fmt::format("INDEX {} ON {}", name, table),
                                .before = std::string(statement.piece.sql()),
                                .name = statement.info.object};
  std::optional<sql::Rewritten> now = with_ascending_key(statement.piece.sql());
  if (!now) {
    change.reason = fmt::format("line {}: ASC could not be put in safely; add it behind the first key by hand",
                                statement.piece.line);
    result.left.push_back(std::move(change));
    return;
  }
  change.after = now->sql;
  change.reason = kReason;
  result.edits.push_back({.statement = index, .now = std::move(now)});
  result.indexes[table].push_back(name);
  result.changes.push_back(std::move(change));
}

}  // namespace

RangeIndexResult order_indexes(const sql::Document& file) {
  RangeIndexResult result;
  sql::with_large_stack([&] {
    const std::vector<sql::FileStatement>& statements = file.statements();
    for (std::size_t i = 0; i < statements.size(); ++i) {
      if (statements[i].info.first_key == sql::KeyOrder::kUnsaid) order(statements[i], i, result);
    }
  });
  return result;
}

}  // namespace voyager::migration

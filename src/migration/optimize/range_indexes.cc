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

/// The order of the first key, "SORTBY_DEFAULT" when it says none; empty for what is no btree index.
std::string first_order(std::string_view sql) {
  std::string order;
  sql::with_parse_tree(sql, [&](object root) {
    const auto index = sql::object_of(root, "IndexStmt");
    if (!index || sql::text_of(*index, "accessMethod") != "btree") return;
    const auto keys = sql::array_of(*index, "indexParams");
    object first;
    if (!keys || keys->at(0)["IndexElem"].get(first) != simdjson::SUCCESS) return;
    order = sql::text_of(first, "ordering");
    if (order.empty()) order = "SORTBY_DEFAULT";
  });
  return order;
}

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
std::optional<std::string> without_first_order(std::string_view sql) {
  bool seen = false;
  return tree_text(sql,
                   [&seen](std::string_view key, element) { return key == "ordering" && !std::exchange(seen, true); });
}

}  // namespace

std::string with_ascending_key(std::string_view sql) {
  if (first_order(sql) != "SORTBY_DEFAULT") return {};
  const std::optional<std::size_t> end = end_of_first_key(sql);
  if (!end) return {};
  std::string after = spliced(sql, {{*end, *end, " ASC"}});
  const auto wanted = without_first_order(sql);
  const bool as_meant = wanted && first_order(after) == "SORTBY_ASC" && without_first_order(after) == wanted;
  return as_meant ? after : std::string();
}

RangeIndexResult order_indexes(std::string_view sql_text) {
  RangeIndexResult result;
  std::vector<Splice> splices;
  sql::with_large_stack([&] {
    for (const sql::FileStatement& statement : sql::parse_file(sql_text)) {
      const std::string_view sql = statement.piece.sql();
      if (statement.info.kind != sql::StatementKind::kCreateIndex) continue;
      std::string after = with_ascending_key(sql);
      if (after.empty() && first_order(sql) != "SORTBY_DEFAULT") continue;
      const std::string table = model::display(statement.info.table);
      const std::string index = model::display(statement.info.object.name);
      model::StatementChange change{.object = fmt::format("INDEX {} ON {}", index, table),
                                    .before = std::string(sql),
                                    .after = std::move(after),
                                    .name = statement.info.object};
      if (change.after.empty()) {
        change.reason = fmt::format("line {}: ASC could not be put in safely; add it behind the first key by hand",
                                    statement.piece.line);
        result.left.push_back(std::move(change));
        continue;
      }
      splices.push_back(replacement(statement.piece, change.after));
      change.reason = kReason;
      result.indexes[table].push_back(index);
      result.changes.push_back(std::move(change));
    }
  });
  result.text = spliced(sql_text, splices);
  return result;
}

}  // namespace voyager::migration

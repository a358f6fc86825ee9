#include "analysis/application_query.h"

#include <algorithm>
#include <array>
#include <set>

#include "sql/lexer.h"
#include "sql/parse_tree.h"

namespace voyager::analysis {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;
using sql::text_of;

constexpr std::array<std::string_view, 11> kDefinitions = {
    "CreateStmt",         "IndexStmt",      "AlterTableStmt",         "CreatePolicyStmt",
    "CreateTrigStmt",     "CreateEnumStmt", "CreateForeignTableStmt", "CompositeTypeStmt",
    "CreateFunctionStmt", "ViewStmt",       "CreateExtensionStmt"};

bool has_kind(object statement, std::string_view node, std::string_view member, std::string_view kind) {
  const auto inner = sql::object_of(statement, node);
  return inner && text_of(*inner, member) == kind;
}

/// `$1` at the token.
bool is_parameter(std::string_view text, const sql::Token& token) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return sql::is_symbol(text, token, '$') && token.end < text.size() && is_digit(text[token.end]);
}

std::string replaced(std::string_view query, std::string_view constant) {
  std::string text;
  for (sql::Token token = sql::next_token(query, 0); token.kind != sql::TokenKind::kEnd;
       token = sql::next_token(query, token.end)) {
    if (is_parameter(query, token)) {
      token.end = sql::next_token(query, token.end).end;
      text += constant;
    } else {
      text += token.of(query);
    }
  }
  return text;
}

}  // namespace

bool is_definition(object statement) {
  if (has_kind(statement, "DefineStmt", "kind", "OBJECT_COLLATION") ||
      has_kind(statement, "CreateTableAsStmt", "objtype", "OBJECT_MATVIEW"))
    return true;
  return std::ranges::any_of(kDefinitions,
                             [&](std::string_view node) { return sql::object_of(statement, node).has_value(); });
}

bool concerns(object statement, std::span<const std::string> schemas) {
  std::set<std::string_view> own;  // What WITH names is no table.
  std::vector<std::pair<std::string_view, std::string_view>> tables;
  sql::walk_tree(statement, [&](std::string_view key, element value) {
    object node;
    if (value.get(node) != simdjson::SUCCESS) return;
    if (key == "CommonTableExpr") own.insert(text_of(node, "ctename"));
    // A table's node has this member, whatever the member that holds it is called.
    if (const std::string_view name = text_of(node, "relname"); !name.empty())
      tables.emplace_back(text_of(node, "schemaname"), name);
  });
  bool any = false;
  for (const auto& [schema, name] : tables) {
    if (schema == "pg_catalog" || (schema.empty() && own.contains(name))) continue;
    if (schema.empty() || std::ranges::find(schemas, schema) != schemas.end()) return true;
    any = true;
  }
  return !any;
}

std::vector<std::string> with_constants(std::string_view query) {
  std::vector<std::string> texts;
  for (const std::string_view constant : {"'1'", "x", "1"}) {
    std::string text = replaced(query, constant);
    if (text == query) break;
    texts.push_back(std::move(text));
  }
  return texts;
}

}  // namespace voyager::analysis

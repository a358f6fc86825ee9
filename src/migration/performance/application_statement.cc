#include "migration/performance/application_statement.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>

#include "base/text.h"
#include "sql/lexer.h"
#include "sql/parse_tree.h"

namespace voyager::migration {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

constexpr std::array<std::string_view, 12> kNeverQueries = {"analyze", "begin", "comment", "copy", "grant", "lock",
                                                            "revoke",  "reset", "set",     "show", "start", "vacuum"};
// Alone they are what a client asks at its beginning.
constexpr std::array<std::string_view, 3> kOfSession = {"current_setting", "set_config", "version"};

/// The first two words, in lower case.
std::array<std::string, 2> first_words(std::string_view query) {
  std::array<std::string, 2> words;
  std::size_t at = 0;
  for (std::string& word : words) {
    const sql::Token token = sql::next_code_token(query, at);
    if (token.kind == sql::TokenKind::kWord) word = base::lower(token.of(query));
    at = token.end;
  }
  return words;
}

bool begins_like_ours(std::string_view query) {
  const auto [first, second] = first_words(query);
  if (first == "create") return second != "temp" && second != "temporary";
  if (first == "alter") return second != "role" && second != "user";
  if (first == "do") return query.find("pg_catalog.set_config(") != std::string_view::npos;
  return std::ranges::find(kNeverQueries, first) != kNeverQueries.end();
}

bool is_of_system(std::string_view schema, std::string_view name) {
  if (schema == "pg_catalog" || schema == "information_schema" || schema == "ybvoyager_metadata") return true;
  return name.starts_with("pg_") && (schema.empty() || name.starts_with("pg_stat_statements"));
}

/// The name of the function that a FuncCall calls, and the schema before it.
std::array<std::string_view, 2> called(object call) {
  std::array<std::string_view, 2> name;
  const auto parts = sql::array_of(call, "funcname");
  if (!parts) return name;
  for (const element part : *parts) {
    object node;
    if (part.get(node) != simdjson::SUCCESS) continue;
    const auto text = sql::object_of(node, "String");
    if (!text) continue;
    name[0] = name[1];
    name[1] = sql::text_of(*text, "sval");
  }
  return name;
}

/// Reads tables or calls functions of the system, and no table of anybody else's.
bool concerns_system_only(object statement) {
  std::set<std::string_view> own;  // What WITH names is no table.
  std::set<std::array<std::string_view, 2>> tables;
  bool calls_system = false;
  sql::walk_tree(statement, [&](std::string_view key, element value) {
    object node;
    if (value.get(node) != simdjson::SUCCESS) return;
    if (key == "CommonTableExpr") own.insert(sql::text_of(node, "ctename"));
    if (const std::string_view name = sql::text_of(node, "relname"); !name.empty())
      tables.insert({sql::text_of(node, "schemaname"), name});
    if (key == "FuncCall") {
      const auto [schema, name] = called(node);
      calls_system = calls_system || schema == "pg_catalog" || name.starts_with("pg_stat_") ||
                     std::ranges::find(kOfSession, name) != kOfSession.end();
    }
  });
  std::size_t of_system = 0;
  for (const auto& [schema, name] : tables) {
    if (schema.empty() && own.contains(name)) continue;
    if (!is_of_system(schema, name)) return false;
    ++of_system;
  }
  return of_system > 0 || calls_system;
}

}  // namespace

bool is_application_statement(std::string_view query) {
  if (begins_like_ours(query)) return false;
  // Saves the grammar the statements that cannot be of the system.
  const std::string text = base::lower(query);
  const bool may_be =
      std::ranges::any_of(std::array<std::string_view, 6>{"pg_", "set_config", "current_setting", "version",
                                                          "information_schema", "ybvoyager_metadata"},
                          [&](std::string_view word) { return text.find(word) != std::string::npos; });
  if (!may_be) return true;
  bool system_only = false;
  const auto refused =
      sql::with_parse_tree(query, [&](object statement) { system_only = concerns_system_only(statement); });
  return refused.has_value() || !system_only;
}

}  // namespace voyager::migration

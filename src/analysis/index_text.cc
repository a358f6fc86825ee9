#include "analysis/index_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "model/identifier.h"
#include "sql/lexer.h"

namespace voyager::analysis {
namespace {

constexpr std::array<std::string_view, 8> kBare = {"int2",   "int4",   "int8", "numeric",
                                                   "float4", "float8", "bool", "oid"};

bool is_number(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || c == '.' || c == '-'; });
}

}  // namespace

std::string quoted_name(std::string_view name) {
  return model::display(model::Identifier(std::string(name)));
}

std::string literal(std::string_view value, std::string_view base_type) {
  const bool bare = std::ranges::find(kBare, base_type) != kBare.end();
  if (bare && is_number(value)) return std::string(value);
  if (base_type == "bool" && (value == "t" || value == "true")) return "true";
  if (base_type == "bool" && (value == "f" || value == "false")) return "false";
  std::string text = "'";
  for (const char c : value) {
    text += c;
    if (c == '\'') text += c;
  }
  return text + "'";
}

std::string with_conditions(std::string_view statement, std::span<const std::string> conditions) {
  while (!statement.empty() && (statement.back() == ';' || base::trim(statement).size() < statement.size())) {
    statement = statement.back() == ';' ? statement.substr(0, statement.size() - 1) : base::trim(statement);
  }
  int depth = 0;
  std::size_t where = std::string_view::npos;
  std::size_t behind = where;
  for (sql::Token token = sql::next_code_token(statement, 0); token.kind != sql::TokenKind::kEnd;
       token = sql::next_code_token(statement, token.end)) {
    if (sql::is_symbol(statement, token, '(')) ++depth;
    if (sql::is_symbol(statement, token, ')')) --depth;
    if (depth == 0 && where == std::string_view::npos && sql::is_word(statement, token, "where")) {
      where = token.begin;
      behind = token.end;
    }
  }
  const std::string added = base::join(conditions, " AND ");
  if (where == std::string_view::npos) return fmt::format("{} WHERE {};", statement, added);
  return fmt::format("{}WHERE ({}) AND {};", statement.substr(0, where), base::trim(statement.substr(behind)), added);
}

}  // namespace voyager::analysis

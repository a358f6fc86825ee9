#include "sql/foreign_options.h"

#include <cstddef>
#include <string>
#include <vector>

#include "base/text.h"
#include "sql/lexer.h"
#include "sql/password_mask.h"

namespace voyager::sql {
namespace {

/// postgres_fdw's password_required says whether there has to be one.
bool is_secret(std::string_view name) {
  std::string text = base::lower(name);
  if (text.starts_with('"') && text.ends_with('"') && text.size() > 1) text = text.substr(1, text.size() - 2);
  if (text.ends_with("_required")) return false;
  return names_secret(text) || text.ends_with("key") || text.ends_with("pwd") ||
         text.find("token") != std::string::npos;
}

struct List {
  std::size_t begin = 0;                     ///< Of the word OPTIONS.
  std::size_t end = 0;                       ///< Behind the parenthesis that closes.
  std::vector<std::string_view> items = {};  ///< name 'value'
  bool holds_secret = false;
};

/// The list whose word OPTIONS is `word` and whose parenthesis is `open`.
List read_list(std::string_view sql, const Token& word, const Token& open) {
  List list{.begin = word.begin, .end = sql.size()};
  Token first = {};
  Token last = {};
  bool secret = false;
  const auto add = [&] {
    if (last.kind == TokenKind::kString && (secret || holds_secret(last.of(sql)))) {
      list.holds_secret = true;
    } else if (last.end > first.begin) {
      list.items.push_back(sql.substr(first.begin, last.end - first.begin));
    }
    first = last = {};
    secret = false;
  };
  for (Token token = next_code_token(sql, open.end); token.kind != TokenKind::kEnd;
       token = next_code_token(sql, token.end)) {
    if (is_symbol(sql, token, ',') || is_symbol(sql, token, ')')) {
      add();
      if (is_symbol(sql, token, ',')) continue;
      list.end = token.end;
      break;
    }
    if (first.end == 0) first = token;
    // The name is in front of the value, and may have ADD, SET or DROP in front of it.
    if (token.kind != TokenKind::kString && is_secret(token.of(sql))) secret = true;
    last = token;
  }
  return list;
}

}  // namespace

std::optional<std::string> without_secret_options(std::string_view sql) {
  std::string result;
  std::size_t copied = 0;
  bool found = false;
  for (Token token = next_code_token(sql, 0); token.kind != TokenKind::kEnd; token = next_code_token(sql, token.end)) {
    const Token open = next_code_token(sql, token.end);
    if (!is_word(sql, token, "options") || !is_symbol(sql, open, '(')) continue;
    const List list = read_list(sql, token, open);
    if (list.holds_secret) {
      found = true;
      std::string_view before = sql.substr(copied, list.begin - copied);
      if (list.items.empty()) before = before.substr(0, before.find_last_not_of(" \t\r\n") + 1);
      result += before;
      for (std::size_t i = 0; i < list.items.size(); ++i) (result += i == 0 ? "OPTIONS (" : ", ") += list.items[i];
      if (!list.items.empty()) result += ")";
      copied = list.end;
    }
    token.end = list.end;
  }
  if (!found) return std::nullopt;
  return result += sql.substr(copied);
}

}  // namespace voyager::sql

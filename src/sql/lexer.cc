#include "sql/lexer.h"

#include <algorithm>

#include "base/text.h"

namespace voyager::sql {
namespace {

constexpr std::size_t kNowhere = std::string_view::npos;

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool starts_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
bool continues_word(char c) {
  return starts_name(c) || is_digit(c) || c == '$';
}

std::size_t or_end(std::size_t position, std::string_view text) {
  return position == kNowhere ? text.size() : position;
}

/// Past the closing `quote`; a doubled one is part of the value, and so is what follows a backslash if `backslashes`.
std::size_t after_quote(std::string_view text, std::size_t from, char quote, bool backslashes) {
  for (std::size_t at = from; at < text.size(); ++at) {
    if (backslashes && text[at] == '\\') {
      ++at;
    } else if (text[at] == quote) {
      if (at + 1 < text.size() && text[at + 1] == quote) {
        ++at;
      } else {
        return at + 1;
      }
    }
  }
  return text.size();
}

std::size_t after_block_comment(std::string_view text, std::size_t from) {
  int depth = 0;
  for (std::size_t at = from; at + 1 < text.size(); ++at) {
    if (text[at] == '/' && text[at + 1] == '*') {
      ++depth;
      ++at;
    } else if (text[at] == '*' && text[at + 1] == '/') {
      ++at;
      if (--depth == 0) return at + 1;
    }
  }
  return text.size();
}

/// Past a dollar-quoted string that starts at `from`, or kNowhere when there is none ("$1", a lone "$").
std::size_t after_dollar_quote(std::string_view text, std::size_t from) {
  std::size_t at = from + 1;
  if (at < text.size() && is_digit(text[at])) return kNowhere;
  while (at < text.size() && (starts_name(text[at]) || is_digit(text[at]))) ++at;
  if (at >= text.size() || text[at] != '$') return kNowhere;
  const std::string_view tag = text.substr(from, at + 1 - from);
  const std::size_t close = text.find(tag, at + 1);
  return close == kNowhere ? text.size() : close + tag.size();
}

}  // namespace

Token next_token(std::string_view text, std::size_t from) {
  if (from >= text.size()) return {TokenKind::kEnd, text.size(), text.size()};
  const char c = text[from];
  const char next = from + 1 < text.size() ? text[from + 1] : '\0';
  const auto token = [from](TokenKind kind, std::size_t end) { return Token{kind, from, end}; };
  if (is_blank(c)) {
    std::size_t end = from + 1;
    while (end < text.size() && is_blank(text[end])) ++end;
    return token(TokenKind::kBlank, end);
  }
  if (c == '-' && next == '-') return token(TokenKind::kComment, or_end(text.find('\n', from), text));
  if (c == '/' && next == '*') return token(TokenKind::kComment, after_block_comment(text, from));
  if (c == '\'') return token(TokenKind::kString, after_quote(text, from + 1, '\'', false));
  if (c == '"') return token(TokenKind::kQuotedName, after_quote(text, from + 1, '"', false));
  if ((c == 'E' || c == 'e') && next == '\'') return token(TokenKind::kString, after_quote(text, from + 2, '\'', true));
  if (c == '$') {
    const std::size_t end = after_dollar_quote(text, from);
    return end == kNowhere ? token(TokenKind::kSymbol, from + 1) : token(TokenKind::kString, end);
  }
  if (starts_name(c) || is_digit(c)) {
    std::size_t end = from + 1;
    while (end < text.size() && continues_word(text[end])) ++end;
    return token(TokenKind::kWord, end);
  }
  return token(TokenKind::kSymbol, from + 1);
}

Token next_code_token(std::string_view text, std::size_t from) {
  Token token = next_token(text, from);
  while (token.kind == TokenKind::kBlank || token.kind == TokenKind::kComment) token = next_token(text, token.end);
  return token;
}

bool is_word(std::string_view text, const Token& token, std::string_view keyword) {
  return token.kind == TokenKind::kWord && base::equals_ignoring_case(token.of(text), keyword);
}

bool is_symbol(std::string_view text, const Token& token, char symbol) {
  return token.kind == TokenKind::kSymbol && text[token.begin] == symbol;
}

}  // namespace voyager::sql

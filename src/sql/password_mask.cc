#include "sql/password_mask.h"

#include "base/text.h"
#include "sql/lexer.h"

namespace voyager::sql {
namespace {

constexpr std::string_view kWord = "password";
constexpr std::string_view kMask = "'********'";

bool holds_assignment(std::string_view string) {
  const std::string text = base::lower(string);
  for (std::size_t at = text.find(kWord); at != std::string::npos; at = text.find(kWord, at + 1)) {
    const std::size_t next = text.find_first_not_of(" \t\r\n", at + kWord.size());
    if (next != std::string::npos && text[next] == '=') return true;
  }
  return false;
}

}  // namespace

std::string mask_passwords(std::string_view sql) {
  std::string out;
  bool after_word = false;
  for (Token token = next_token(sql, 0); token.kind != TokenKind::kEnd; token = next_token(sql, token.end)) {
    const bool secret = token.kind == TokenKind::kString && (after_word || holds_assignment(token.of(sql)));
    out += secret ? kMask : token.of(sql);
    if (token.kind == TokenKind::kBlank || token.kind == TokenKind::kComment) continue;
    after_word = is_word(sql, token, kWord) || (after_word && is_symbol(sql, token, '='));
  }
  return out;
}

}  // namespace voyager::sql

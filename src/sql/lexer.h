// The smallest lexer of SQL text that can tell code from quotes and comments. It never refuses anything.
#pragma once

#include <cstddef>
#include <string_view>

namespace voyager::sql {

enum class TokenKind {
  kBlank,       ///< Spaces and line ends.
  kComment,     ///< "-- ..." without its line end, or /* ... */ with nested ones.
  kWord,        ///< Keyword, unquoted name or number.
  kString,      ///< '...', E'...', $tag$...$tag$.
  kQuotedName,  ///< "...".
  kSymbol,      ///< One byte of anything else.
  kEnd,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string_view of(std::string_view text) const { return text.substr(begin, end - begin); }
};

/// The token that starts at `from`, as PostgreSQL with standard_conforming_strings = on reads it. A quote or comment
/// that is never closed runs to the end of `text`.
Token next_token(std::string_view text, std::size_t from);

/// As above, skipping blanks and comments.
Token next_code_token(std::string_view text, std::size_t from);

/// Compares a kWord token with a keyword in lower case.
bool is_word(std::string_view text, const Token& token, std::string_view keyword);
bool is_symbol(std::string_view text, const Token& token, char symbol);

}  // namespace voyager::sql

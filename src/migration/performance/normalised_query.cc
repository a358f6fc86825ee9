#include "migration/performance/normalised_query.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.h"
#include "sql/lexer.h"

namespace voyager::migration {
namespace {

using sql::Token;
using sql::TokenKind;

constexpr std::string_view kLiteral = "$";
constexpr std::string_view kOperatorBytes = "+-*/<>=~!@#%^&|`?";
// An operator of several bytes may end in a sign only if it holds one of these: "=-1" is "= -1", "@-1" is not.
constexpr std::string_view kSignKeepers = "~!@#%^&|`?";

// A name that is one of PostgreSQL's reserved words means something else without its quotes.
constexpr std::array<std::string_view, 77> kReserved = {"all",          "analyse",
                                                        "analyze",      "and",
                                                        "any",          "array",
                                                        "as",           "asc",
                                                        "asymmetric",   "both",
                                                        "case",         "cast",
                                                        "check",        "collate",
                                                        "column",       "constraint",
                                                        "create",       "current_catalog",
                                                        "current_date", "current_role",
                                                        "current_time", "current_timestamp",
                                                        "current_user", "default",
                                                        "deferrable",   "desc",
                                                        "distinct",     "do",
                                                        "else",         "end",
                                                        "except",       "false",
                                                        "fetch",        "for",
                                                        "foreign",      "from",
                                                        "grant",        "group",
                                                        "having",       "in",
                                                        "initially",    "intersect",
                                                        "into",         "lateral",
                                                        "leading",      "limit",
                                                        "localtime",    "localtimestamp",
                                                        "not",          "null",
                                                        "offset",       "on",
                                                        "only",         "or",
                                                        "order",        "placing",
                                                        "primary",      "references",
                                                        "returning",    "select",
                                                        "session_user", "some",
                                                        "symmetric",    "system_user",
                                                        "table",        "then",
                                                        "to",           "trailing",
                                                        "true",         "union",
                                                        "unique",       "user",
                                                        "using",        "variadic",
                                                        "when",         "where",
                                                        "window"};
static_assert(std::ranges::is_sorted(kReserved));

bool is_reserved(std::string_view word) {
  return std::ranges::binary_search(kReserved, word);
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_operator_byte(char c) {
  return kOperatorBytes.find(c) != std::string_view::npos;
}
char at(std::string_view text, std::size_t position) {
  return position < text.size() ? text[position] : '\0';
}

/// Past the operator at `from`, as the server's lexer cuts it.
std::size_t after_operator(std::string_view text, std::size_t from) {
  std::size_t end = from;
  while (end < text.size() && is_operator_byte(text[end]) && text.substr(end, 2) != "--" && text.substr(end, 2) != "/*")
    ++end;
  const auto keeps_sign = [&] {
    return text.substr(from, end - from).find_first_of(kSignKeepers) != std::string_view::npos;
  };
  while (end - from > 1 && (text[end - 1] == '+' || text[end - 1] == '-') && !keeps_sign()) --end;
  return std::max(end, from + 1);
}

/// Past the number at `from` (its first digit or its point): "1", "1_000", "0xff", "1.5e-3".
std::size_t after_number(std::string_view text, std::size_t from) {
  std::size_t end = from;
  const auto skip_word = [&] {
    while (end < text.size() && (is_digit(text[end]) || text[end] == '_' || (text[end] >= 'a' && text[end] <= 'z') ||
                                 (text[end] >= 'A' && text[end] <= 'Z')))
      ++end;
  };
  skip_word();
  if (at(text, end) == '.' && at(text, end + 1) != '.') {
    ++end;
    skip_word();
  }
  const char last = text[end - 1];
  const char sign = at(text, end);
  if ((last == 'e' || last == 'E') && (sign == '+' || sign == '-') && is_digit(at(text, end + 1))) {
    ++end;
    skip_word();
  }
  return end;
}

/// A quoted name without its quotes where it means the same without.
std::string unquoted(std::string_view name) {
  const std::string_view inside = name.size() >= 2 ? name.substr(1, name.size() - 2) : std::string_view();
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || c == '_' || is_digit(c) || c == '$'; };
  const bool simple = !inside.empty() && std::ranges::all_of(inside, plain) && !is_digit(inside[0]) && inside[0] != '$';
  return std::string(simple && !is_reserved(inside) ? inside : name);
}

class Normaliser {
 public:
  explicit Normaliser(std::string_view text) : text_(text) {}

  std::string run() {
    for (Token token = sql::next_code_token(text_, 0); token.kind != TokenKind::kEnd;
         token = sql::next_code_token(text_, next_)) {
      next_ = token.end;
      add(token);
      end_ = next_;
    }
    while (!parts_.empty() && parts_.back() == ";") parts_.pop_back();
    return base::join(parts_, " ");
  }

 private:
  void add(const Token& token) {
    switch (token.kind) {
      case TokenKind::kString:
        take_prefix(token);
        return add_literal();
      case TokenKind::kQuotedName:
        parts_.push_back(unquoted(token.of(text_)));
        return;
      case TokenKind::kWord:
        return is_digit(text_[token.begin]) ? add_number(token.begin) : add_word(base::lower(token.of(text_)));
      default:
        return add_symbol(token);
    }
  }

  /// B'01', X'ff' and N'a' begin with what the lexer has given as a word.
  void take_prefix(const Token& token) {
    if (parts_.empty() || end_ != token.begin || token.begin == 0) return;
    const std::string& last = parts_.back();
    if (last == "b" || last == "x" || last == "n") parts_.pop_back();
  }

  void add_number(std::size_t from) {
    next_ = after_number(text_, from);
    if (is_sign()) parts_.pop_back();
    add_literal();
  }

  /// A constant of these words is a literal like any other; behind IS, NOT or a column's type they are syntax.
  void add_word(std::string word) {
    const bool constant = word == "true" || word == "false" || word == "null";
    if (constant && !parts_.empty() && (begins_value(parts_.back()))) return add_literal();
    parts_.push_back(std::move(word));
  }

  void add_symbol(const Token& token) {
    const char c = text_[token.begin];
    if (c == '$' && is_digit(at(text_, token.end))) {
      next_ = after_number(text_, token.end);
      return add_literal();
    }
    if (c == '.' && is_digit(at(text_, token.end)) && end_ != token.begin) return add_number(token.begin);
    if (is_operator_byte(c)) next_ = after_operator(text_, token.begin);
    parts_.emplace_back(text_.substr(token.begin, next_ - token.begin));
    if (c == ')' || c == ']') fold_list(c);
  }

  void add_literal() { parts_.emplace_back(kLiteral); }

  /// What comes behind `part` can only be the beginning of a value.
  static bool begins_value(const std::string& part) {
    return part == "(" || part == "," || part == "[" || is_operator_byte(part.front());
  }

  /// The last part is a sign that belongs to the number that follows, not an operator between two values.
  bool is_sign() const {
    if (parts_.empty() || (parts_.back() != "-" && parts_.back() != "+")) return false;
    if (parts_.size() == 1) return true;
    const std::string& before = parts_[parts_.size() - 2];
    return begins_value(before) || is_reserved(before) || before == "between" || before == "by";
  }

  /// IN ($, $, $) and ARRAY [$, $] become lists of one: how many values a query was called with says nothing about it.
  void fold_list(char close) {
    std::size_t first = parts_.size() - 1;
    while (first > 0 && (parts_[first - 1] == kLiteral || parts_[first - 1] == ",")) --first;
    if (first < 2 || parts_.size() - first < 3) return;
    const bool is_list = close == ')' ? parts_[first - 1] == "(" && parts_[first - 2] == "in"
                                      : parts_[first - 1] == "[" && parts_[first - 2] == "array";
    if (!is_list) return;
    parts_.resize(first);
    add_literal();
    parts_.emplace_back(1, close);
  }

  std::string_view text_;
  std::vector<std::string> parts_ = {};
  std::size_t next_ = 0;  // Where the next token begins.
  std::size_t end_ = 0;   // Where the last one ended.
};

}  // namespace

std::string normalised_query(std::string_view query) {
  return Normaliser(query).run();
}

}  // namespace voyager::migration

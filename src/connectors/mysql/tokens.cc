#include "connectors/mysql/tokens.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>

namespace voyager::mysql {
namespace {

bool is_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return std::isalnum(byte) != 0 || c == '_' || c == '$' || byte >= 0x80;
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::vector<Token> run() {
    std::vector<Token> out;
    while (true) {
      skip_blanks();
      if (at_ >= text_.size()) break;
      count_lines();
      Token token = next();
      token.line = line_;
      const bool introducer = token.kind == Token::Kind::kWord && token.text.starts_with('_') && at_ < text_.size() &&
                              (text_[at_] == '\'' || text_[at_] == ' ') && follows_text();
      if (!introducer) out.push_back(std::move(token));
    }
    count_lines();
    out.push_back({Token::Kind::kEnd, {}, line_});
    return out;
  }

 private:
  void skip_blanks() {
    while (at_ < text_.size()) {
      if (std::isspace(static_cast<unsigned char>(text_[at_])) != 0) {
        ++at_;
      } else if (starts_line_comment()) {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (text_.substr(at_, 2) == "/*" && text_.substr(at_ + 2, 1) != "!" && text_.substr(at_ + 2, 2) != "M!") {
        const std::size_t end = text_.find("*/", at_ + 2);
        at_ = end == std::string_view::npos ? text_.size() : end + 2;
      } else {
        return;
      }
    }
  }

  // Two dashes are one only with a blank behind them: 5--3 is a difference.
  bool starts_line_comment() const {
    if (text_[at_] == '#') return true;
    if (text_.substr(at_, 2) != "--") return false;
    return at_ + 2 >= text_.size() || std::isspace(static_cast<unsigned char>(text_[at_ + 2])) != 0;
  }

  void count_lines() {
    const std::size_t end = std::min(at_, text_.size());
    line_ += static_cast<int>(std::ranges::count(text_.substr(counted_, end - counted_), '\n'));
    counted_ = end;
  }

  bool follows_text() const {
    std::size_t at = at_;
    while (at < text_.size() && text_[at] == ' ') ++at;
    return at < text_.size() && text_[at] == '\'';
  }

  Token next() {
    const char c = text_[at_];
    if (text_.substr(at_, 2) == "/*") {
      at_ += 2;
      return {Token::Kind::kBad, "/*!"};
    }
    if (c == '`') return quoted('`', Token::Kind::kName);
    if (c == '\'' || c == '"') return quoted(c, Token::Kind::kText);
    if ((c == 'x' || c == 'X') && text_.substr(at_ + 1, 1) == "'") return hex(at_ + 2, '\'');
    if ((c == 'b' || c == 'B') && text_.substr(at_ + 1, 1) == "'") return bits();
    if (c == '0' && text_.substr(at_ + 1, 1) == "x") return hex(at_ + 2, '\0');
    if (const std::size_t size = name_with_digits(); size > 0) {
      at_ += size;
      return {Token::Kind::kWord, std::string(text_.substr(at_ - size, size))};
    }
    if (is_digit(c) || (c == '.' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]))) return number();
    if (is_word(c)) {
      const std::size_t from = at_;
      while (at_ < text_.size() && is_word(text_[at_])) ++at_;
      return {Token::Kind::kWord, std::string(text_.substr(from, at_ - from))};
    }
    constexpr std::array<std::string_view, 14> kLong = {"<=>", "->>", "<=", ">=", "<>", "!=", "||",
                                                        "&&",  "<<",  ">>", ":=", "->", "==", "**"};
    for (const std::string_view symbol : kLong) {
      if (text_.substr(at_, symbol.size()) != symbol) continue;
      at_ += symbol.size();
      return {Token::Kind::kSymbol, std::string(symbol)};
    }
    ++at_;
    return {Token::Kind::kSymbol, std::string(1, c)};
  }

  Token quoted(char quote, Token::Kind kind) {
    Token token{kind, {}};
    for (++at_; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == quote) {
        if (at_ + 1 < text_.size() && text_[at_ + 1] == quote) {
          ++at_;
        } else {
          ++at_;
          return token;
        }
      } else if (c == '\\' && kind == Token::Kind::kText && at_ + 1 < text_.size()) {
        token.text += escaped(text_[++at_]);
        continue;
      }
      token.text += c;
    }
    return {Token::Kind::kBad, {}};
  }

  static char escaped(char c) {
    switch (c) {
      case '0':
        return '\0';
      case 'b':
        return '\b';
      case 'n':
        return '\n';
      case 'r':
        return '\r';
      case 't':
        return '\t';
      case 'Z':
        return '\x1a';
      default:
        return c;
    }
  }

  // A bare name may begin with digits: 2020_orders. 0 where the next token is none; 1e5, 0b1 are numbers.
  std::size_t name_with_digits() const {
    std::size_t end = at_;
    while (end < text_.size() && is_digit(text_[end])) ++end;
    if (end == at_ || end == text_.size() || !is_word(text_[end])) return 0;
    if (text_[end] == 'e' || text_[end] == 'E' || text_.substr(at_, 2) == "0b") return 0;
    while (end < text_.size() && is_word(text_[end])) ++end;
    return end - at_;
  }

  Token hex(std::size_t from, char end) {
    Token token{Token::Kind::kBytes, {}};
    at_ = from;
    int high = -1;
    for (; at_ < text_.size() && hex_value(text_[at_]) >= 0; ++at_) {
      const int digit = hex_value(text_[at_]);
      if (high < 0) {
        high = digit;
      } else {
        token.text += static_cast<char>(high * 16 + digit);
        high = -1;
      }
    }
    if (high >= 0) token.kind = Token::Kind::kBad;
    if (end != '\0') ++at_;
    return token;
  }

  Token bits() {
    Token token{Token::Kind::kBits, {}};
    for (at_ += 2; at_ < text_.size() && text_[at_] != '\''; ++at_) token.text += text_[at_];
    ++at_;
    return token;
  }

  Token number() {
    const std::size_t from = at_;
    while (at_ < text_.size() && (is_digit(text_[at_]) || text_[at_] == '.')) ++at_;
    if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
      std::size_t end = at_ + 1;
      if (end < text_.size() && (text_[end] == '+' || text_[end] == '-')) ++end;
      if (end < text_.size() && is_digit(text_[end])) {
        while (end < text_.size() && is_digit(text_[end])) ++end;
        at_ = end;
      }
    }
    return {Token::Kind::kNumber, std::string(text_.substr(from, at_ - from))};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t counted_ = 0;  // Line ends before it are in line_.
  int line_ = 1;
};

}  // namespace

std::vector<Token> tokens_of(std::string_view text) {
  return Scanner(text).run();
}

bool beyond_bigint(std::string_view digits) {
  constexpr std::string_view kMost = "9223372036854775807";
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
  return digits.size() > kMost.size() || (digits.size() == kMost.size() && digits > kMost);
}

std::string literal(std::string_view text) {
  // A backslash means itself only while standard_conforming_strings is on.
  std::string out = text.find('\\') == std::string_view::npos ? "'" : "E'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += c;
    out += c;
  }
  return out + "'";
}

}  // namespace voyager::mysql

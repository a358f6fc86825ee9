#include "sql/splitter.h"

#include <algorithm>

#include "sql/lexer.h"

namespace voyager::sql {
namespace {

/// Knows whether a semicolon ends the statement that it has been shown token by token.
class Nesting {
 public:
  void see(std::string_view text, const Token& token) {
    if (is_symbol(text, token, '(')) ++parentheses_;
    if (is_symbol(text, token, ')') && parentheses_ > 0) --parentheses_;
    if (token.kind == TokenKind::kWord) see_word(text, token);
    ++tokens_;
  }
  bool at_top() const { return parentheses_ == 0 && blocks_ == 0; }

 private:
  // Only CREATE [OR REPLACE] FUNCTION|PROCEDURE can have a body of statements. In it CASE ends with END too.
  void see_word(std::string_view text, const Token& token) {
    if (tokens_ == 0) is_create_ = is_word(text, token, "create");
    if (is_create_ && tokens_ <= 3 && (is_word(text, token, "function") || is_word(text, token, "procedure"))) {
      is_routine_ = true;
    }
    if (!is_routine_ || parentheses_ > 0) return;
    if (blocks_ == 0) {
      if (is_word(text, token, "begin") && is_word(text, next_code_token(text, token.end), "atomic")) blocks_ = 1;
    } else if (is_word(text, token, "case")) {
      ++blocks_;
    } else if (is_word(text, token, "end")) {
      --blocks_;
    }
  }

  int parentheses_ = 0;
  int blocks_ = 0;
  int tokens_ = 0;
  bool is_create_ = false;
  bool is_routine_ = false;
};

/// Turns growing offsets into line and column.
class LineCounter {
 public:
  explicit LineCounter(std::string_view text) : text_(text) {}
  void move_to(std::size_t offset) {
    const std::string_view part = text_.substr(at_, offset - at_);
    line_ += static_cast<int>(std::ranges::count(part, '\n'));
    if (const std::size_t last = part.rfind('\n'); last != std::string_view::npos) line_start_ = at_ + last + 1;
    at_ = offset;
  }
  int line() const { return line_; }
  int column() const { return static_cast<int>(at_ - line_start_) + 1; }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_start_ = 0;
  int line_ = 1;
};

/// Past the statement whose first code token is `token`.
std::size_t statement_end(std::string_view text, Token token) {
  Nesting nesting;
  for (; token.kind != TokenKind::kEnd; token = next_code_token(text, token.end)) {
    if (is_symbol(text, token, ';') && nesting.at_top()) return token.end;
    nesting.see(text, token);
  }
  return text.size();
}

}  // namespace

std::vector<Piece> split_statements(std::string_view text) {
  std::vector<Piece> pieces;
  LineCounter lines(text);
  for (std::size_t begin = 0; begin < text.size();) {
    const Token first = next_code_token(text, begin);
    Piece piece{.offset = begin, .body = first.begin - begin};
    std::size_t end = text.size();
    if (first.kind == TokenKind::kEnd) {
      piece.kind = Piece::Kind::kTrivia;
    } else if (is_symbol(text, first, '\\')) {
      piece.kind = Piece::Kind::kMeta;
      end = std::min(text.find('\n', first.begin), text.size());
    } else {
      piece.kind = Piece::Kind::kStatement;
      end = statement_end(text, first);
    }
    lines.move_to(first.begin);
    piece.line = lines.line();
    piece.column = lines.column();
    piece.text = text.substr(begin, end - begin);
    pieces.push_back(piece);
    begin = end;
  }
  return pieces;
}

}  // namespace voyager::sql

// A terminal small enough for tests: what a person would see after the bytes were written.
#pragma once

#include <locale.h>
#include <wchar.h>

#include <algorithm>
#include <cwchar>
#include <string>
#include <string_view>
#include <vector>
namespace voyager::report::testing {

/// Columns of one character by the C library's tables, which owe nothing to the program's own: a screen that measured
/// with those would agree with whatever they say.
inline std::size_t columns_of(std::string_view character) {
  static const locale_t kLocale = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  const locale_t before = ::uselocale(kLocale);
  wchar_t wide = 0;
  std::mbstate_t state = {};
  const std::string text(character);
  const std::size_t bytes = std::mbrtowc(&wide, text.data(), text.size(), &state);
  const bool whole = bytes != static_cast<std::size_t>(-1) && bytes != static_cast<std::size_t>(-2);
  const int width = whole ? ::wcwidth(wide) : 1;
  ::uselocale(before);
  return width < 0 ? 0 : static_cast<std::size_t>(width);
}

inline std::size_t columns_of_text(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    std::size_t length = 1;
    while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80) ++length;
    columns += columns_of(text.substr(0, length));
    text.remove_prefix(length);
  }
  return columns;
}

/// Understands what LiveArea and the views send: CR, LF, CSI n A, CSI J, CSI K, CSI 2K, CSI ?25 l/h, CSI m. Anything
/// else lands in `unknown()`. Lines that scroll off are kept in `scrolled()`. Trailing blanks are cut.
class VtScreen {
 public:
  VtScreen(int columns, int lines)
      : columns_(static_cast<std::size_t>(columns)), rows_(static_cast<std::size_t>(lines)) {}

  void write(std::string_view bytes) {
    while (!bytes.empty()) bytes.remove_prefix(step(bytes));
  }

  std::vector<std::string> visible() const { return cut(rows_); }
  const std::vector<std::string> scrolled() const { return cut(scrolled_); }
  bool cursor_visible() const { return cursor_visible_; }
  std::size_t cursor_row() const { return row_; }
  std::size_t cursor_column() const { return column_; }
  const std::string& unknown() const { return unknown_; }

 private:
  using Row = std::vector<std::string>;  // One text per column; the right half of a wide character is empty.

  static std::vector<std::string> cut(const std::vector<Row>& rows) {
    std::vector<std::string> out;
    for (const Row& row : rows) {
      std::string line;
      for (const std::string& cell : row) line += cell;
      line.erase(line.find_last_not_of(' ') + 1);
      out.push_back(line);
    }
    while (!out.empty() && out.back().empty()) out.pop_back();
    return out;
  }

  std::size_t step(std::string_view bytes) {
    if (bytes[0] == '\r') {
      column_ = 0;
    } else if (bytes[0] == '\n') {
      line_feed();
    } else if (bytes[0] == '\x1b') {
      return escape(bytes);
    } else {
      std::size_t length = 1;
      while (length < bytes.size() && (static_cast<unsigned char>(bytes[length]) & 0xC0) == 0x80) ++length;
      put(std::string(bytes.substr(0, length)));
      return length;
    }
    return 1;
  }

  void put(const std::string& character) {
    const std::size_t width = columns_of(character);
    if (column_ + width > columns_) {
      column_ = 0;
      line_feed();
    }
    Row& row = rows_[row_];
    if (row.size() < column_ + width) row.resize(column_ + width, " ");
    row[column_] = character;
    for (std::size_t i = 1; i < width; ++i) row[column_ + i].clear();
    column_ += width;
  }

  void line_feed() {
    if (row_ + 1 < rows_.size()) {
      ++row_;
      return;
    }
    scrolled_.push_back(rows_.front());
    rows_.erase(rows_.begin());
    rows_.emplace_back();
  }

  std::size_t escape(std::string_view bytes) {
    const std::size_t end = bytes.find_first_not_of("[?0123456789;", 1);
    if (end == std::string_view::npos) {
      unknown_ += bytes;
      return bytes.size();
    }
    const std::string sequence(bytes.substr(1, end));
    if (bytes[end] == 'A') {
      const std::size_t up = static_cast<std::size_t>(std::stoi("0" + sequence.substr(1)));
      row_ -= std::min(row_, up);
    } else if (sequence == "[J") {
      rows_[row_].resize(std::min(rows_[row_].size(), column_));
      for (std::size_t i = row_ + 1; i < rows_.size(); ++i) rows_[i].clear();
    } else if (sequence == "[2K") {
      rows_[row_].clear();
    } else if (sequence == "[?25l" || sequence == "[?25h") {
      cursor_visible_ = sequence.back() == 'h';
    } else if (bytes[end] != 'm') {
      unknown_ += sequence;
    }
    return end + 1;
  }

  const std::size_t columns_;
  std::vector<Row> rows_;
  std::vector<Row> scrolled_ = {};
  std::size_t row_ = 0;
  std::size_t column_ = 0;
  bool cursor_visible_ = true;
  std::string unknown_ = {};
};

}  // namespace voyager::report::testing

// Cutting the text of a SQL file into statements.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace voyager::sql {

/// A part of a file. The parts of a file, put together, are the file.
struct Piece {
  enum class Kind {
    kStatement,
    kMeta,    ///< A line for psql: \restrict, \connect.
    kTrivia,  ///< Blanks and comments behind the last statement.
  };
  Kind kind = Kind::kTrivia;
  std::string_view text = {};  ///< All of it, with the blanks and comments in front. Points into the file's text.
  std::size_t offset = 0;      ///< Of `text` in the file.
  std::size_t body = 0;        ///< Where in `text` the first byte is that is neither blank nor comment.
  int line = 0;                ///< Of that byte, from 1.
  int column = 0;              ///< Of that byte, from 1, in bytes.

  std::string_view leading() const { return text.substr(0, body); }
  std::string_view sql() const { return text.substr(body); }  ///< With its semicolon, if it has one.
};

/// Splits at semicolons as psql does: not in quotes, comments, parentheses (rules with several commands) or BEGIN
/// ATOMIC bodies. Needs no valid SQL: what no grammar accepts still comes out.
std::vector<Piece> split_statements(std::string_view text);

}  // namespace voyager::sql

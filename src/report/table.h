// Aligned tables for status commands and summaries.
#pragma once

#include <string>
#include <vector>

namespace voyager::report {

/// How text meant for people is dressed. The defaults are safe for files and pipes.
struct TextStyle {
  bool colour = false;
  bool ascii = false;
  bool grouped_digits = false;  ///< 1,234,567
};

enum class Align { kLeft, kRight };

struct TableColumn {
  std::string title = {};
  Align align = Align::kLeft;
};

struct TextTable {
  std::vector<TableColumn> columns = {};
  std::vector<std::vector<std::string>> rows = {};  ///< Missing cells are empty.
};

/// A header line and one line a row, columns two blanks apart, nothing cut, no blank at a line's end, control
/// characters in cells made visible. Cells are names and numbers and are not masked: a password that happens to be part
/// of a table's name must not change what scripts read. Whoever puts free text into a cell masks it first. Ends with a
/// newline; a table without rows is its header.
std::string table_text(const TextTable& table, const TextStyle& style);

}  // namespace voyager::report

// From rows of the server to values of the target, with the rules for those that it cannot hold. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connector/source.h"
#include "connectors/mysql/connection.h"
#include "connectors/mysql/conversion.h"
#include "connectors/mysql/value_settler.h"
#include "connectors/mysql/values.h"

namespace voyager::mysql {

/// [begin, end) of the column that the table is cut by, as texts of numbers; empty: no bound.
struct KeyRange {
  std::string from = {};
  std::string below = {};
};

/// `text` of MySQL as bytes of UTF-8. What its character set has no character for the server shows as a question mark:
/// where there are more of these than in the text itself, bytes come that are no text, and so are as strict a matter as
/// any other such.
std::string strict_text(const std::string& text);

/// The query that reads `columns` (indexes into the table's) in a form that loses nothing.
std::string select_statement(const ConvertedTable& table, const std::vector<std::size_t>& columns,
                             const KeyRange& range);

/// One value of a row. `text` is nothing for a null; `raw` is what the server sent, empty where a rule replaced it.
struct Cell {
  std::optional<std::string_view> text = {};
  std::string_view raw = {};
  bool as_sent = false;
};

/// Rows of one table, one after the other. One thread.
class RowValues {
 public:
  /// `where` names the server in errors. The table must outlive this.
  RowValues(const ConvertedTable& table, std::vector<std::size_t> columns, const std::vector<ValueRule>& rules,
            std::string where);
  /// The cells of `row`, valid until the next call; nothing for a row that a rule leaves out. Throws Error (VAL-001) on
  /// a value that the target cannot hold and for which there is no rule. `with_text`: false leaves the texts of values
  /// that are compared by their bytes unmade.
  const std::vector<Cell>* read(const RowView& row, bool with_text = true);
  const std::vector<connector::ValueChange>& changes() const { return settler_.changes(); }
  /// "id=42, region='eu'" of the row that was read last.
  std::string key_text(const RowView& row) const;

 private:
  bool settle(std::size_t at, const char* what, const RowView& row);

  const ConvertedTable& table_;
  const std::vector<std::size_t> columns_;
  std::vector<const ValueRule*> rules_ = {};  // By column.
  ValueSettler settler_;
  std::vector<Cell> cells_ = {};
  std::vector<std::string> scratch_ = {};
  std::vector<std::size_t> key_ = {};  // Places of the primary key among the columns.
};

}  // namespace voyager::mysql

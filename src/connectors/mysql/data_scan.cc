#include "connectors/mysql/data_scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "base/text.h"
#include "connectors/mysql/proposed_rule.h"
#include "connectors/mysql/row_reading.h"
#include "connectors/mysql/value_settler.h"

namespace voyager::mysql {
namespace {

constexpr std::size_t kExamplesMax = 5;
constexpr std::size_t kPreviewsMax = 20;
constexpr std::size_t kShownBytesMax = 80;

// What a reader of the report would choose. Nothing of the values is known but that the target cannot hold them.
std::string proposed_rule(const ConvertedTable& table, const ConvertedColumn& column, std::string_view what) {
  const std::string name = names_for_rule(table.source_name, column.source_name);
  if (what == kEncodedTwice) return name + "=repair";
  if (!column.column.not_null) return name + "=null";
  switch (column.source_type.form) {
    case Form::kDate:
      return name + "=replace:1970-01-01";
    case Form::kDateTime:
      return name + "=replace:1970-01-01 00:00:00";
    case Form::kTimestamp:
      return name + "=replace:1970-01-01 00:00:00+00";
    default:
      return name + "=reject";
  }
}

class Scan {
 public:
  Scan(Connection& connection, std::uint64_t rows_max) : connection_(connection), rows_max_(rows_max) {}

  void read(const ConvertedTable& table) {
    std::vector<std::size_t> columns;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      if (!table.columns[i].column.generated) columns.push_back(i);
    }
    std::string sql = select_statement(table, columns, {});
    // One more tells whether there are more.
    if (rows_max_ > 0) sql += fmt::format(" LIMIT {}", rows_max_ + 1);
    connection_.start_rows(sql, "read the rows of " + table.source_name);
    RowView row;
    std::uint64_t rows = 0;
    while (connection_.next_row(row)) {
      if (rows_max_ > 0 && rows == rows_max_) {
        ++result_.tables_cut;
        ++rows;
        continue;
      }
      ++rows;
      look_at(table, columns, row);
    }
    result_.rows += rows_max_ > 0 ? std::min(rows, rows_max_) : rows;
  }

  DataScanResult done() {
    for (auto& [place, one] : found_) result_.unfit.push_back(std::move(one));
    return std::move(result_);
  }

 private:
  void look_at(const ConvertedTable& table, const std::vector<std::size_t>& columns, const RowView& row) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (row.values[i] == nullptr) continue;
      const ConvertedColumn& column = table.columns[columns[i]];
      std::string_view text;
      if (const char* what = canonical(column.source_type, row.value(i), scratch_, text); what != nullptr) {
        note(table, columns, row, column, what, kExamplesMax, {});
      } else if (auto once = repaired(column.source_type, text)) {
        note(table, columns, row, column, kEncodedTwice, kPreviewsMax,
             fmt::format(": '{}' becomes '{}'", base::beginning(base::one_line(std::string(text)), kShownBytesMax),
                         base::beginning(base::one_line(*once), kShownBytesMax)));
      }
    }
  }

  void note(const ConvertedTable& table, const std::vector<std::size_t>& columns, const RowView& row,
            const ConvertedColumn& column, std::string_view what, std::size_t examples_max,
            const std::string& preview) {
    UnfitValues& one = found_[{table.source_name, &column, std::string(what)}];
    if (one.rows++ == 0) {
      one.table = &table;
      one.column = &column;
      one.what = what;
      one.rule = proposed_rule(table, column, what);
    }
    if (one.examples.size() < examples_max) one.examples.push_back(key_of(table, columns, row) + preview);
  }

  static std::string key_of(const ConvertedTable& table, const std::vector<std::size_t>& columns, const RowView& row) {
    std::string out;
    for (const model::Identifier& name : table.table.primary_key) {
      for (std::size_t i = 0; i < columns.size(); ++i) {
        const ConvertedColumn& column = table.columns[columns[i]];
        if (column.column.name != name) continue;
        std::string scratch;
        std::string_view text;
        const bool known =
            row.values[i] != nullptr && canonical(column.source_type, row.value(i), scratch, text) == nullptr;
        append_key_part(column, known ? std::optional(text) : std::nullopt, out);
      }
    }
    return out.empty() ? "a row without a primary key" : out;
  }

  Connection& connection_;
  const std::uint64_t rows_max_;
  std::string scratch_ = {};
  std::map<std::tuple<std::string, const ConvertedColumn*, std::string>, UnfitValues> found_ = {};
  DataScanResult result_ = {};
};

}  // namespace

DataScanResult scan_rows(Connection& connection, const Conversion& conversion, std::uint64_t rows_max,
                         const std::function<void(std::string_view)>& begin) {
  Scan scan(connection, rows_max);
  for (const ConvertedTable& table : conversion.tables) {
    begin(table.source_name);
    scan.read(table);
  }
  return scan.done();
}

}  // namespace voyager::mysql

// db-queries-summary.csv: what a node noted of its queries.
#pragma once

#include <optional>
#include <vector>

#include "format/csv.h"
#include "model/query_statistics.h"

namespace voyager::format {

/// Reads the records of one file, in either form: a column pgss_data with a row of pg_stat_statements as JSON, or that
/// view's columns by their names. Times have the names of either side of version 13 (total_exec_time, total_time).
/// Throws Error (ASM-011) when the columns are not there, and for what is no JSON or no number.
class QueryCsv {
 public:
  explicit QueryCsv(CsvReader& csv);
  /// Of the record in hand; nothing for one without id or text (another user's query, a right is missing) and for one
  /// that was never called.
  std::optional<model::QueryStatistics> read();

 private:
  CsvReader& csv_;
  std::optional<std::size_t> json_column_ = {};
  std::vector<std::optional<std::size_t>> columns_ = {};  ///< Of the other form, in the order of kNames.
};

}  // namespace voyager::format

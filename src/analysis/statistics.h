// What the source itself says about its columns.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

namespace voyager::analysis {

/// Shares are from 0 to 1.
struct ColumnStatistics {
  double null_share = 0;
  double top_share = 0;  ///< Of the most frequent value.
  std::string top_value = {};
};
/// So much of the column is null, or one value, that an index on it is lopsided: from 40 and from 60 percent on.
bool has_many_nulls(const ColumnStatistics& column);
bool has_a_top_value(const ColumnStatistics& column);
/// Whole percents, rounded down.
int percent(double share);
/// By "schema.table.column". Columns that are neither need not be in it.
using Statistics = std::unordered_map<std::string, ColumnStatistics>;

/// A column as the source's catalogue has it.
struct CatalogColumn {
  std::string schema = {};
  std::string table = {};
  std::string column = {};
  std::string type = {};  ///< "bytea", "time with time zone", "public.mood", "public.point3[]".
  bool of_table = false;  ///< Known to be a table's; otherwise the statements have to tell (views have columns too).
};

/// `type` is the catalogue's name of a type of which nothing is ever told: such columns need not be known.
bool is_plain_type(std::string_view type);

}  // namespace voyager::analysis

// What the source's statistics say about columns.
#pragma once

#include <string>
#include <unordered_map>

namespace voyager::analysis {

/// Shares are from 0 to 1.
struct ColumnStatistics {
  double null_share = 0;
  double top_share = 0;  ///< Of the most frequent value.
  std::string top_value = {};
};
/// By "schema.table.column".
using Statistics = std::unordered_map<std::string, ColumnStatistics>;

}  // namespace voyager::analysis

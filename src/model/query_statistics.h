// What a server noted of the queries that it ran (pg_stat_statements).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace voyager::model {

/// One normalised query. Times are milliseconds, as the server counts them.
struct QueryStatistics {
  std::string id = {};  ///< The server's number of it; differs between servers and versions.
  std::string query = {};
  std::int64_t calls = 0;
  std::int64_t rows = 0;
  double total_ms = 0;
  double mean_ms = 0;
  double min_ms = 0;
  double max_ms = 0;
  double stddev_ms = 0;  ///< Of the first node that had the query: deviations cannot be added.
};

/// Counts the calls of `more` into `sum`: calls, rows and total time are added, the mean follows from them, the least
/// of the minima and the largest of the maxima count. Id, text and deviation stay those of `sum`.
void add_calls(QueryStatistics& sum, const QueryStatistics& more);

/// One entry for each text, in the order of first appearance.
std::vector<QueryStatistics> merge_by_text(std::vector<QueryStatistics> all);

}  // namespace voyager::model

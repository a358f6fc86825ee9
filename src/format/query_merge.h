// Notes of queries that have the same text, as one: of one node, or over several.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "model/query_statistics.h"

namespace voyager::format {

/// Calls, rows and total time are added, the mean follows from them, the least of the minima and the largest of the
/// maxima count. Id and deviation are those of the first. The order is that of first appearance.
class QueryMerge {
 public:
  void add(model::QueryStatistics query);
  std::vector<model::QueryStatistics> take();

 private:
  std::vector<model::QueryStatistics> queries_ = {};
  std::unordered_map<std::string, std::size_t> places_ = {};  ///< In queries_, by text.
};

}  // namespace voyager::format

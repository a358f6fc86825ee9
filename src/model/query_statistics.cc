#include "model/query_statistics.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace voyager::model {

void add_calls(QueryStatistics& sum, const QueryStatistics& more) {
  sum.calls += more.calls;
  sum.rows += more.rows;
  sum.total_ms += more.total_ms;
  sum.mean_ms = sum.calls > 0 ? sum.total_ms / static_cast<double>(sum.calls) : 0;
  sum.min_ms = std::min(sum.min_ms, more.min_ms);
  sum.max_ms = std::max(sum.max_ms, more.max_ms);
}

std::vector<QueryStatistics> merge_by_text(std::vector<QueryStatistics> all) {
  std::vector<QueryStatistics> merged;
  merged.reserve(all.size());  // So that the texts, which the keys point into, stay where they are.
  std::unordered_map<std::string_view, std::size_t> places;
  for (QueryStatistics& one : all) {
    if (const auto known = places.find(one.query); known != places.end()) {
      add_calls(merged[known->second], one);
    } else {
      merged.push_back(std::move(one));
      places.emplace(merged.back().query, merged.size() - 1);
    }
  }
  return merged;
}

}  // namespace voyager::model

#include "format/query_merge.h"

#include <algorithm>
#include <utility>

namespace voyager::format {

void QueryMerge::add(model::QueryStatistics query) {
  const auto [place, is_new] = places_.try_emplace(query.query, queries_.size());
  if (is_new) {
    queries_.push_back(std::move(query));
    return;
  }
  model::QueryStatistics& known = queries_[place->second];
  known.calls += query.calls;
  known.rows += query.rows;
  known.total_ms += query.total_ms;
  known.mean_ms = known.calls == 0 ? 0 : known.total_ms / static_cast<double>(known.calls);
  known.min_ms = std::min(known.min_ms, query.min_ms);
  known.max_ms = std::max(known.max_ms, query.max_ms);
}

std::vector<model::QueryStatistics> QueryMerge::take() {
  places_.clear();
  return std::exchange(queries_, {});
}

}  // namespace voyager::format

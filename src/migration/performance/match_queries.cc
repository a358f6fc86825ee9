#include "migration/performance/match_queries.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

#include "migration/performance/normalised_query.h"

namespace voyager::migration {
namespace {

using model::MatchKind;
using model::MatchStatus;
using model::QueryComparison;
using model::QueryStatistics;

// Added to both means, so that a query of microseconds does not lead the list because of noise.
constexpr double kDampMs = 2.0;

/// One side: a row for each text, and which of them have found their partners.
struct Queries {
  std::vector<QueryStatistics> rows = {};
  std::vector<bool> taken = {};
};

Queries add_up_equal_texts(const std::vector<QueryStatistics>& all) {
  Queries queries{.rows = model::merge_by_text(all)};
  queries.taken.resize(queries.rows.size());
  return queries;
}

/// The rows that are left, by what they are when normalised; each list in the order of the rows.
std::unordered_map<std::string, std::vector<std::size_t>> left_by_key(const Queries& queries) {
  std::unordered_map<std::string, std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < queries.rows.size(); ++i) {
    if (!queries.taken[i]) groups[normalised_query(queries.rows[i].query)].push_back(i);
  }
  return groups;
}

QueryStatistics take(Queries& queries, const std::vector<std::size_t>& group) {
  QueryStatistics sum = queries.rows[group.front()];
  for (const std::size_t row : group) {
    if (row != group.front()) model::add_calls(sum, queries.rows[row]);
    queries.taken[row] = true;
  }
  return sum;
}

QueryComparison matched(const QueryStatistics& source, const QueryStatistics& target, MatchKind kind) {
  return {.query = source.query,
          .source = source,
          .target = target,
          .status = MatchStatus::kMatched,
          .kind = kind,
          .impact_ms = target.total_ms - source.mean_ms * static_cast<double>(target.calls),
          .slowdown = (target.mean_ms + kDampMs) / (source.mean_ms + kDampMs),
          .source_texts = 1,
          .target_texts = 1};
}

using BySourceRow = std::map<std::size_t, QueryComparison>;

void match_exactly(Queries& source, Queries& target, BySourceRow& out) {
  std::unordered_map<std::string_view, std::size_t> texts;
  for (std::size_t i = 0; i < target.rows.size(); ++i) texts.emplace(target.rows[i].query, i);
  for (std::size_t i = 0; i < source.rows.size(); ++i) {
    const auto found = texts.find(source.rows[i].query);
    if (found == texts.end()) continue;
    out.emplace(i, matched(source.rows[i], target.rows[found->second], MatchKind::kExact));
    source.taken[i] = target.taken[found->second] = true;
  }
}

void match_normalised(Queries& source, Queries& target, BySourceRow& out) {
  const auto targets = left_by_key(target);
  for (const auto& [key, sources] : left_by_key(source)) {
    const auto found = targets.find(key);
    if (found == targets.end()) continue;
    QueryComparison one = matched(take(source, sources), take(target, found->second), MatchKind::kNormalised);
    one.source_texts = sources.size();
    one.target_texts = found->second.size();
    out.emplace(sources.front(), std::move(one));
  }
}

/// The first places of `order` by `value`, largest first.
std::vector<std::size_t> top(const std::vector<QueryComparison>& all, double QueryComparison::*value) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].status == MatchStatus::kMatched) order.push_back(i);
  }
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return all[a].*value > all[b].*value; });
  if (order.size() > kTopQueries) order.resize(kTopQueries);
  return order;
}

}  // namespace

std::vector<QueryComparison> match_queries(const std::vector<QueryStatistics>& source,
                                           const std::vector<QueryStatistics>& target) {
  Queries sources = add_up_equal_texts(source);
  Queries targets = add_up_equal_texts(target);
  BySourceRow by_row;
  match_exactly(sources, targets, by_row);
  match_normalised(sources, targets, by_row);
  for (std::size_t i = 0; i < sources.rows.size(); ++i) {
    if (sources.taken[i]) continue;
    by_row.emplace(i, QueryComparison{.query = sources.rows[i].query,
                                      .source = sources.rows[i],
                                      .status = MatchStatus::kSourceOnly,
                                      .source_texts = 1});
  }
  std::vector<QueryComparison> all;
  for (auto& [row, one] : by_row) all.push_back(std::move(one));
  for (std::size_t i = 0; i < targets.rows.size(); ++i) {
    if (targets.taken[i]) continue;
    all.push_back({.query = targets.rows[i].query,
                   .target = targets.rows[i],
                   .status = MatchStatus::kTargetOnly,
                   .target_texts = 1});
  }
  return all;
}

void rank_queries(model::PerformanceComparison& comparison) {
  comparison.top_by_impact = top(comparison.all, &QueryComparison::impact_ms);
  comparison.top_by_slowdown = top(comparison.all, &QueryComparison::slowdown);
}

}  // namespace voyager::migration

#include "migration/verify/moving_rows.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace voyager::migration {

using connector::RowHash;

void MovingRows::look(std::vector<RowHash> source, std::vector<RowHash> target) {
  const auto by_both = [](const RowHash& a, const RowHash& b) {
    return std::tie(a.key, a.hash) < std::tie(b.key, b.hash);
  };
  std::ranges::sort(source, by_both);
  std::ranges::sort(target, by_both);
  std::map<std::string, Row> differing;
  auto s = source.begin();
  auto t = target.begin();
  while (s != source.end() || t != target.end()) {
    const std::string key = t == target.end() || (s != source.end() && s->key < t->key) ? s->key : t->key;
    Row row;
    for (; s != source.end() && s->key == key; ++s) row.source.push_back(std::move(s->hash));
    for (; t != target.end() && t->key == key; ++t) row.target.push_back(std::move(t->hash));
    if (row.source == row.target) continue;
    const auto before = rows_.find(key);
    // What was equal at an earlier look is on its way now.
    if (looks_ > 0 && before == rows_.end()) continue;
    if (before != rows_.end() && before->second.same_as(row)) row.looks = before->second.looks + 1;
    differing.emplace(key, std::move(row));
  }
  rows_ = std::move(differing);
  ++looks_;
}

std::vector<KeyDifference> MovingRows::differences() const {
  std::vector<KeyDifference> out;
  for (const auto& [key, row] : rows_) {
    if (row.looks < kLooksForDifference) continue;
    const auto kind = row.target.empty()   ? KeyDifference::Kind::kMissingOnTarget
                      : row.source.empty() ? KeyDifference::Kind::kOnlyOnTarget
                                           : KeyDifference::Kind::kDifferent;
    out.push_back({.kind = kind, .key = key});
  }
  return out;
}

}  // namespace voyager::migration

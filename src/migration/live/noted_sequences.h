// The sequences that a cutover sets on the other side.
#pragma once

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "connector/target.h"
#include "model/table.h"

namespace voyager::migration {

/// Sequences under the names with which the migration began: of one that was renamed since, the column that it fills
/// says which one it is.
inline std::vector<model::Sequence> as_begun(std::vector<model::Sequence> now,
                                             const std::vector<model::Sequence>& begun_with) {
  std::set<model::TableName> names;
  for (const model::Sequence& one : now) names.insert(one.name);
  std::map<std::pair<model::TableName, model::Identifier>, model::TableName> gone;
  std::set<model::TableName> known;
  for (const model::Sequence& one : begun_with) {
    known.insert(one.name);
    if (!names.contains(one.name) && !one.owner_table.name.empty())
      gone[{one.owner_table, one.owner_column}] = one.name;
  }
  for (model::Sequence& one : now) {
    const auto before = gone.find({one.owner_table, one.owner_column});
    if (before != gone.end() && !known.contains(one.name)) one.name = before->second;
  }
  return now;
}

/// One that was made since the migration began is not on the other side, and is left out there.
struct NotedSequences {
  std::vector<model::Sequence> there = {};
  std::vector<model::TableName> left_out = {};
};

inline NotedSequences split_sequences(std::vector<model::Sequence> noted, connector::TargetTables& target) {
  std::vector<model::TableName> names;
  for (const model::Sequence& one : noted) names.push_back(one.name);
  // A sequence is a relation of one row.
  const std::vector<model::TableName> found = target.non_empty(names);
  const std::set<model::TableName> there(found.begin(), found.end());
  NotedSequences out{.there = std::move(noted)};
  std::erase_if(out.there, [&](const model::Sequence& one) { return !there.contains(one.name); });
  std::ranges::copy_if(names, std::back_inserter(out.left_out),
                       [&](const model::TableName& name) { return !there.contains(name); });
  return out;
}

}  // namespace voyager::migration

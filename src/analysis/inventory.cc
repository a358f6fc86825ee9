#include "analysis/inventory.h"

namespace voyager::analysis {
namespace {

std::string_view counted_as(std::string_view type, std::string_view file_type) {
  if (file_type == "PACKAGE" && type == "SCHEMA") return "PACKAGE";
  if (file_type == "SYNONYM" && type == "VIEW") return "SYNONYM";
  return type;
}

}  // namespace

void Inventory::count(const Statement& statement, std::string_view file_type) {
  if (!statement.creates || statement.object_type.empty()) return;
  const std::string_view type = counted_as(statement.object_type, file_type);
  const auto [place, is_new] = by_type_.emplace(type, counts_.size());
  if (is_new) counts_.push_back({.type = std::string(type)});
  ObjectCount& one = counts_[place->second];
  ++one.total;
  one.names.push_back(statement.object_name);
}

std::vector<ObjectCount> Inventory::counts() const {
  std::vector<ObjectCount> all = counts_;
  for (ObjectCount& one : all) {
    if (const auto found = invalid_.find(one.type); found != invalid_.end()) one.invalid = found->second.size();
    if (const auto found = flagged_.find(one.type); found != flagged_.end()) one.flagged = found->second.size();
    if (const auto found = notes_.find(one.type); found != notes_.end())
      one.details.assign(found->second.begin(), found->second.end());
  }
  return all;
}

}  // namespace voyager::analysis

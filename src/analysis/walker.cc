#include "analysis/walker.h"

#include "sql/parse_tree.h"

namespace voyager::analysis {

DetectorTable::DetectorTable(bool assessment) {
  std::unordered_map<const Detector*, Active*> by_detector;
  for (const Issue& issue : issues()) {
    if (issue.detector == nullptr || (issue.assessment_only && !assessment)) continue;
    Active*& active = by_detector[issue.detector];
    if (active == nullptr) {
      active = &active_.emplace_back(Active{.detector = issue.detector});
      for (const std::string_view node : issue.detector->nodes) by_node_[node].push_back(active);
    }
    active->rows.add(issue);
  }
}

void DetectorTable::visit(simdjson::dom::object tree, std::size_t statement, Schema& schema, Findings& findings) const {
  sql::walk_tree(tree, [&](std::string_view key, simdjson::dom::element value) {
    // Types of nodes begin with a capital; of the members that do not, only this one is asked for.
    const bool wanted = (key.front() >= 'A' && key.front() <= 'Z') || key == "limitOption";
    if (!wanted) return;
    const auto found = by_node_.find(key);
    if (found == by_node_.end()) return;
    Visit visit{.statement = statement, .key = key, .value = value, .findings = findings, .schema = schema};
    const bool is_object = value.get(visit.node) == simdjson::SUCCESS;
    for (const Active* one : found->second) {
      if (is_object || key == "limitOption") one->detector->node(one->rows, visit);
    }
  });
}

void DetectorTable::finish(const Schema& schema, const Statistics& statistics, Findings& findings) const {
  for (const Active& one : active_) {
    if (one.detector->schema != nullptr) one.detector->schema(one.rows, schema, statistics, findings);
  }
}

}  // namespace voyager::analysis

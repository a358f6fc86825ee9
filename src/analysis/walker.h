// Hands the nodes of a statement's tree to the detectors that asked for them.
#pragma once

#include <deque>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "analysis/detector.h"

namespace voyager::analysis {

/// The detectors of the table, each with its rows. Made once; const afterwards, so that threads can share it.
class DetectorTable {
 public:
  /// `assessment`: with the rows that only the assessment tells.
  explicit DetectorTable(bool assessment);

  /// One walk through the tree of one statement.
  void visit(simdjson::dom::object tree, std::size_t statement, Schema& schema, Findings& findings) const;
  /// Once, when `schema` is complete.
  void finish(const Schema& schema, const Statistics& statistics, Findings& findings) const;

 private:
  struct Active {
    const Detector* detector = nullptr;
    Rows rows = {};
  };
  std::deque<Active> active_ = {};
  std::unordered_map<std::string_view, std::vector<const Active*>> by_node_ = {};
};

}  // namespace voyager::analysis

// What a detector is and what it sees.
#pragma once

#include <simdjson.h>

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "analysis/finding.h"
#include "analysis/schema.h"
#include "analysis/statistics.h"

namespace voyager::analysis {

/// The rows that one detector serves.
class Rows {
 public:
  void add(const Issue& issue) {
    if (only_ == nullptr) only_ = &issue;
    by_argument_.emplace(issue.argument, &issue);
  }
  /// For detectors of one row.
  const Issue& one() const { return *only_; }
  /// The row with this argument, or null.
  const Issue* find(std::string_view argument) const {
    const auto found = by_argument_.find(argument);
    return found == by_argument_.end() ? nullptr : found->second;
  }

 private:
  const Issue* only_ = nullptr;
  std::unordered_map<std::string_view, const Issue*> by_argument_ = {};
};

/// What a detector says about one place; empty members are filled from the statement.
struct Hit {
  std::size_t statement = 0;
  std::size_t location = 0;  ///< Byte in the statement; 0 = its beginning.
  std::string object_type = {};
  std::string object_name = {};
  std::string constraint = {};    ///< Shown behind the object, and as ConstraintName.
  bool quiet_constraint = false;  ///< It is neither shown nor told: what it says is about its columns.
  std::string specifics = {};     ///< A sentence with names, put behind the issue's description.
  std::string suggestion = {};    ///< Instead of the issue's.
  bool whole_schema = false;      ///< Belongs to no single statement: no text, no place.
  std::string owner_type = {};  ///< The object that is invalid for it, where it is not the one told: a column's table.
  std::string owner_name = {};
  std::map<std::string, std::string> details = {};
};

/// Takes hits; made by the analyzer.
class Findings {
 public:
  virtual ~Findings() = default;
  virtual void add(const Issue& issue, Hit hit) = 0;
  /// What of a row a statement has said already: for issues that are told once a statement.
  virtual bool has(const Issue& issue, std::size_t statement) const = 0;
  /// One more function for the FunctionNames of what was said of a row and a statement.
  virtual void add_function(const Issue& issue, std::size_t statement, const std::string& name) = 0;
};

/// One node of the grammar's tree that a detector asked for.
struct Visit {
  std::size_t statement = 0;
  std::string_view key = {};
  simdjson::dom::element value = {};
  simdjson::dom::object node = {};  ///< `value` where it is an object.
  Findings& findings;
  Schema& schema;  ///< Not complete yet: only to leave facts in.
};

struct Detector {
  std::string_view name = {};
  /// Keys of the tree: types of nodes, or members ("limitOption").
  std::vector<std::string_view> nodes = {};
  void (*node)(const Rows& rows, const Visit& visit) = nullptr;
  /// Called once, when all statements are known.
  void (*schema)(const Rows& rows, const Schema& schema, const Statistics& statistics, Findings& findings) = nullptr;
};

}  // namespace voyager::analysis

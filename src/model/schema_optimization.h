// What export schema changed in the schema for YugabyteDB, or would have changed had the user not refused.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/identifier.h"

namespace voyager::model {

/// One statement before and after.
struct StatementChange {
  std::string object = {};  ///< "TABLE sales.orders", "INDEX orders_at ON sales.orders"
  std::string before = {};  ///< Empty: it was added.
  std::string after = {};   ///< Empty: moved out of the file.
  std::string reason = {};
  TableName name = {};  ///< Of the object, for programs; empty for what is no object of the source.
};

/// One kind of change.
struct Optimization {
  std::string key = {};  ///< Of the report: redundant_index_change.
  std::string title = {};
  std::string description = {};
  std::vector<std::pair<std::string, std::string>> links = {};  ///< Text in the description, URL.
  bool applied = false;
  std::string flag = {};            ///< What refuses it: "--skip-performance-recommendations true".
  std::string reference_file = {};  ///< Relative to reports/.
  std::map<std::string, std::vector<std::string>> indexes = {};  ///< Table to indexes.
  std::vector<std::string> tables = {};
  std::vector<std::string> sharded = {};
  std::vector<std::string> colocated = {};
  std::vector<StatementChange> changes = {};
  /// What should have been changed and was left as it was; `reason` says why and `after` is empty.
  std::vector<StatementChange> left = {};
};

struct SchemaOptimization {
  std::string program_version = {};
  std::string made_at = {};  ///< RFC 3339, UTC.
  std::string target = {};
  std::string database = {};
  std::string database_version = {};
  std::vector<std::string> schemas = {};
  std::vector<Optimization> optimizations = {};  ///< In the order of the report.
};

}  // namespace voyager::model

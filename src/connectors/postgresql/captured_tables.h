// What of a database's tables a capture does not get, by the catalogue.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "connector/changes.h"
#include "connectors/postgresql/connection.h"
#include "model/identifier.h"

namespace voyager::postgresql {

/// Looks again and again. A partition's rows are looked at once.
class TableWatch {
 public:
  TableWatch(std::vector<model::Identifier> schemas, std::string publication,
             const std::vector<connector::NumberedTable>& begun_with);

  connector::CapturedTables look(Connection& catalog);

 private:
  void add_uncaptured(Connection& catalog, connector::CapturedTables& out) const;
  void add_gone(Connection& catalog, connector::CapturedTables& out) const;
  void add_attached(Connection& catalog, connector::CapturedTables& out);

  const std::vector<model::Identifier> schemas_;
  const std::string publication_;
  std::map<std::uint64_t, model::TableName> begun_with_ = {};  // by number
  /// Partition and the transaction that attached it.
  std::map<std::pair<std::uint64_t, std::string>, connector::AttachedTable::Rows> looked_at_ = {};
};

}  // namespace voyager::postgresql

// What decides which lane the changes of a table's rows go through: --cdc-partition-key and its overrides.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "model/identifier.h"

namespace voyager::migration {

struct PartitionKey {
  enum class By : std::uint8_t {
    kAuto,     ///< The row's key; the table, where changes of different rows have to stay in order.
    kKey,      ///< The row's key wherever there is one.
    kTable,    ///< All changes of the table go through one lane, in the source's order.
    kColumns,  ///< Some columns of the row's key.
  };
  By by = By::kAuto;
  std::vector<model::Identifier> columns = {};
  bool operator==(const PartitionKey&) const = default;
};

struct PartitionKeys {
  PartitionKey others = {};
  std::map<model::TableName, PartitionKey> tables = {};

  const PartitionKey& of(const model::TableName& table) const {
    const auto at = tables.find(table);
    return at == tables.end() ? others : at->second;
  }
};

/// `word` is auto, pk or table; `overrides` is "schema.table:pk;schema.table:(c1,c2)" (names as in SQL). Throws Error
/// (kUsage) for anything else.
PartitionKeys parse_partition_keys(std::string_view word, std::string_view overrides);

}  // namespace voyager::migration

// Partitions of MySQL as partitions of PostgreSQL, where every row goes to the corresponding one. Pure.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "connectors/mysql/catalog_rows.h"

namespace voyager::mysql {

/// A column of the partition key as far as it matters here.
struct KeyColumn {
  std::string sql = {};  ///< As the target's statements name it.
  enum class Kind { kWhole, kDate, kDateTime, kTimestamp, kText, kOther } kind = Kind::kOther;
  bool nullable = false;
  bool narrow_text = false;  ///< Its order or equality depends on a collation.
};

struct PartitionPart {
  std::string source_name = {};
  std::string bound = {};  ///< "FOR VALUES FROM (...) TO (...)"
};

struct Partitioning {
  std::string by = {};  ///< "RANGE (a, b)"; empty: the table is made without partitions.
  std::vector<PartitionPart> parts = {};
  std::string why_not = {};  ///< When `by` is empty.
};

/// `column` tells of a column by its source name; nothing when there is none.
Partitioning convert_partitions(const TableRow& table,
                                const std::function<std::optional<KeyColumn>(const std::string&)>& column);

}  // namespace voyager::mysql

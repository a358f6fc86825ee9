// What both sides must be able to tell of themselves so that they can be compared.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "model/identifier.h"
#include "model/table.h"

namespace voyager::connector {

/// One object or one property of it, in a form that is equal on two servers when the objects are.
struct ObjectFact {
  std::string kind = {};        ///< table, column, primary key, unique, check, foreign key, index, trigger, view, materialized view, sequence, function, type
  std::string name = {};        ///< schema.name, for columns schema.table.column; as display() writes it.
  std::string definition = {};  ///< Normalised; compared as text.
};

/// Hash of the rows that fall into one bucket. Sums are independent of order, so parts can be added.
struct BucketHash {
  std::uint32_t bucket = 0;
  std::uint64_t rows = 0;
  std::string sum = {};         ///< Decimal text of the sum of 64-bit row hashes.
};

/// One row of a bucket: its key for people and its hash.
struct RowHash {
  std::string key = {};         ///< "id=42, region='eu'"; for a table without key the row's hash.
  std::string hash = {};
};

/// One connection, one thread. All answers come from one transaction with a stable picture.
class Comparable {
 public:
  virtual ~Comparable() = default;
  virtual std::vector<ObjectFact> objects(const std::vector<model::Identifier>& schemas) = 0;
  virtual std::vector<model::Table> tables(const std::vector<model::Identifier>& schemas) = 0;
  virtual std::vector<model::Sequence> sequences(const std::vector<model::Identifier>& schemas) = 0;
  /// Buckets of `table` read over all its partitions. A row's bucket comes from its primary key (`key`), or from all its
  /// columns when `key` is empty. `columns` are hashed in that order, by name.
  virtual std::vector<BucketHash> hash_buckets(const model::TableName& table, const std::vector<model::Column>& columns,
                                               const std::vector<model::Identifier>& key, std::uint32_t buckets) = 0;
  /// The rows of one bucket, ordered by key.
  virtual std::vector<RowHash> hash_rows(const model::TableName& table, const std::vector<model::Column>& columns,
                                         const std::vector<model::Identifier>& key, std::uint32_t buckets,
                                         std::uint32_t bucket) = 0;
};

}  // namespace voyager::connector

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
  std::string kind = {};  ///< table, column, primary key, unique, check, foreign key, index, trigger, view,
                          ///< materialized view, sequence, function, type
  std::string name = {};  ///< schema.name, for columns schema.table.column; as display() writes it. Not always unique.
  std::string definition = {};  ///< Normalised; compared as text.
};

/// What is hashed. Both sides get the same request, so both use the same expression for a column.
struct HashRequest {
  model::TableName table = {};              ///< Read over all its partitions; children by inheritance are left out.
  std::vector<model::Column> columns = {};  ///< Hashed in this order, read by name; an empty wire_type means "as text".
  std::vector<model::Identifier> key = {};  ///< A row's bucket comes from these, or from all columns when empty.
  std::uint32_t buckets = 1;
};

/// The `number`-th of `of` disjoint parts that together are the whole table. A product that cannot cut the table
/// answers with all of it for part 0 and with nothing for the others.
struct Slice {
  std::uint32_t number = 0;
  std::uint32_t of = 1;
};

/// Hash of the rows that fall into one bucket. Sums are independent of order, so parts can be added.
struct BucketHash {
  std::uint32_t bucket = 0;
  std::uint64_t rows = 0;
  std::string sum = {};  ///< Decimal text of the sum of signed 64-bit row hashes.
};

/// One row of a bucket: its key for people and its hash.
struct RowHash {
  std::string key = {};  ///< "id=42, region='eu'"; for a table without key the row's hash.
  std::string hash = {};
};

/// One connection, one thread. All answers come from one transaction with a stable picture (but sequences, which have
/// no history). An empty list of schemas means all of the user's. After an Error other than a lost connection it can be
/// used on.
class Comparable {
 public:
  virtual ~Comparable() = default;
  /// Another connection, for another thread, that sees the same picture where the product can share it. It must not
  /// outlive this one.
  virtual std::unique_ptr<Comparable> peer() = 0;
  virtual std::vector<ObjectFact> objects(const std::vector<model::Identifier>& schemas) = 0;
  virtual std::vector<model::Table> tables(const std::vector<model::Identifier>& schemas) = 0;
  virtual std::vector<model::Sequence> sequences(const std::vector<model::Identifier>& schemas) = 0;
  /// Buckets without rows are left out.
  virtual std::vector<BucketHash> hash_buckets(const HashRequest& request, const Slice& slice) = 0;
  /// The rows of some buckets, in any order.
  virtual std::vector<RowHash> hash_rows(const HashRequest& request, const std::vector<std::uint32_t>& buckets) = 0;
};

}  // namespace voyager::connector

// What both sides must be able to tell of themselves so that they can be compared.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "model/identifier.h"
#include "model/table.h"

namespace voyager::connector {

/// One object or one property of it, in a form that is equal on two servers when the objects are.
struct ObjectFact {
  std::string kind = {};  ///< "table", "column", "index", "owner", ...: docs/how-to/verify.md has them all.
  std::string name = {};  ///< schema.name, for columns schema.table.column; as display() writes it. Not always unique.
  std::string definition = {};  ///< Normalised; compared as text.
};

/// Which objects are asked for. What a migration carries only when it is told to is compared only then.
struct ObjectScope {
  std::vector<model::Identifier> schemas = {};
  bool owners = true;
  bool grants = true;    ///< And default privileges.
  bool comments = true;  ///< And security labels.
  bool settings = true;  ///< That the database, or a role in it, starts with.
};

/// What decides how a database stores and sorts text, and what it can say of itself at all.
struct DatabaseForm {
  std::string encoding = {};        ///< "UTF8"; "SQL_ASCII" means bytes of no known encoding.
  std::string collation = {};       ///< For people.
  std::string create_options = {};  ///< What stands behind CREATE DATABASE name to make another like it.
  /// Kinds of facts that this server has no notion of, so that it tells none: "replica identity", ...
  std::set<std::string> kinds_unknown = {};
  /// Where not empty: the only kinds that this server tells. A fact of it without a definition says that the object is
  /// there, and no more.
  std::set<std::string> kinds_known = {};
};

/// What is hashed. Both sides get the same request, so both use the same expression for a column.
struct HashRequest {
  model::TableName table = {};              ///< Read over all its partitions; children by inheritance are left out.
  std::vector<model::Column> columns = {};  ///< Hashed in this order, read by name; an empty wire_type means "as text".
  std::vector<model::Identifier> key = {};  ///< A row's bucket comes from these, or from all columns when empty.
  std::uint32_t buckets = 1;
  bool as_utf8 = false;  ///< The two databases store text in different encodings.
};

/// Large objects as a table: column oid, which is the key, and column data.
inline const model::TableName kLargeObjects{model::Identifier("pg_catalog"), model::Identifier("large objects")};

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

/// What a database is made of.
class ComparableObjects {
 public:
  virtual ~ComparableObjects() = default;
  virtual DatabaseForm form() = 0;
  virtual std::vector<ObjectFact> objects(const ObjectScope& scope) = 0;
  /// Sorted by name, with materialized views that hold rows, and kLargeObjects when there are any. A product that has
  /// one schema (ConnectorEntry::one_schema) tells all that is in it.
  virtual std::vector<model::Table> tables(const std::vector<model::Identifier>& schemas) = 0;
  virtual std::vector<model::Sequence> sequences(const std::vector<model::Identifier>& schemas) = 0;
};

/// The rows of a database, hashed where they are.
class RowHashes {
 public:
  virtual ~RowHashes() = default;
  /// Buckets without rows are left out.
  virtual std::vector<BucketHash> hash_buckets(const HashRequest& request, const Slice& slice) = 0;
  /// Several whole tables at once, one answer each: many small ones cost few round trips. A refusal of one is a refusal
  /// of all.
  virtual std::vector<std::vector<BucketHash>> hash_tables(const std::vector<const HashRequest*>& requests) = 0;
  /// The rows of some buckets, in any order.
  virtual std::vector<RowHash> hash_rows(const HashRequest& request, const std::vector<std::uint32_t>& buckets) = 0;
};

/// One connection, one thread. All answers come from one transaction with a stable picture (but sequences, which have
/// no history). An empty list of schemas means all of the user's. After an Error other than a lost connection it can be
/// used on.
class Comparable : public ComparableObjects, public RowHashes {
 public:
  ~Comparable() override = default;
  /// Another connection, for another thread, that sees the same picture where the product can share it. It must not
  /// outlive this one.
  virtual std::unique_ptr<Comparable> peer() = 0;
};

}  // namespace voyager::connector

#include "connectors/postgresql/comparison.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/mutex.h"
#include "connectors/postgresql/catalog.h"
#include "connectors/postgresql/comparison_facts.h"
#include "connectors/postgresql/comparison_hash.h"
#include "connectors/postgresql/connection.h"
#include "connectors/postgresql/queries.h"

namespace voyager::postgresql {
namespace {

// Our own tables on the target; nobody wants to hear that the source lacks them.
const model::Identifier kBookkeepingSchema("ybvoyager_metadata");

// Text forms must not depend on the server's or the role's settings. Only pg_catalog is searched, so that definitions
// name everything else with its schema. Row security is off: a table of which we would see a part is an error, not a
// smaller table. One slice is one process of the server: --parallel-jobs says how many there are. Compiling expressions
// costs more than it gains on wide tables. The planner takes each row for a bucket of its own and would sort them all
// on disk.
constexpr const char* kSettings = R"(
SET search_path = pg_catalog;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, MDY';
SET IntervalStyle = 'postgres';
SET bytea_output = 'hex';
SET xmlbinary = 'base64';
SET lc_monetary = 'C';
SET extra_float_digits = 3;
SET quote_all_identifiers = off;
SET row_security = off;
SET max_parallel_workers_per_gather = 0;
SET jit = off;
SET enable_sort = off)";

// After a refusal the transaction goes on from here, so that the picture stays the same.
constexpr const char* kSavepoint = "SAVEPOINT ybvoyager_verify";
constexpr const char* kBack = "ROLLBACK TO SAVEPOINT ybvoyager_verify";
constexpr const char* kBegin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

struct Space {
  bool partitioned = false;
  bool can_be_cut = false;
  std::uint64_t pages = 0;
};

// What all connections of one side must agree on. Thread-safe. A table's pages are counted once: a growing table would
// else be cut at different places by different connections, and rows be read twice or never.
class Picture {
 public:
  /// The name of the exported snapshot; empty when each connection has its own.
  std::string snapshot = {};  // constant once peers are made
  /// What rows are read under. The planner looks at a table's indexes, and functions in them may name others without a
  /// schema.
  std::vector<model::Identifier> search_path = {};  // constant once peers are made
  /// Of the tables that were told: partitioned.
  std::map<model::TableName, bool> partitioned = {};  // constant once peers are made

  template <typename Ask>
  Space space_of(const model::TableName& table, Ask&& ask) {
    const base::MutexLock lock(mutex_);
    const auto known = spaces_.find(table);
    return known != spaces_.end() ? known->second : spaces_[table] = ask();
  }

 private:
  base::Mutex mutex_;
  std::map<model::TableName, Space> spaces_ VOY_GUARDED_BY(mutex_) = {};
};

class PostgresqlComparable : public connector::Comparable {
 private:
  // Runs `body`; a refusal is undone before it goes up, so that the next call finds a good transaction.
  template <typename Body>
  auto guarded(Body&& body) {
    try {
      return body();
    } catch (const base::Error&) {
      if (connection_.healthy()) connection_.run(kBack, "go back to the savepoint");
      throw;
    }
  }

  void set_up() {
    connection_.run(kSettings, "set up the session");
    if (connection_.raw_bytes()) connection_.run("SET client_encoding = 'SQL_ASCII'", "set up the session");
  }

 public:
  /// The first of a side makes the picture.
  explicit PostgresqlComparable(const model::ConnectionOptions& options)
      : options_(options), connection_(options), picture_(std::make_shared<Picture>()) {
    set_up();
    begin();
    picture_->snapshot = exported_snapshot();
    connection_.run(kSavepoint, "set a savepoint");
  }

  PostgresqlComparable(const model::ConnectionOptions& options, std::shared_ptr<Picture> picture)
      : options_(options), connection_(options), picture_(std::move(picture)) {
    set_up();
    begin();
    if (!picture_->snapshot.empty()) {
      connection_.run("SET TRANSACTION SNAPSHOT " + connection_.literal(picture_->snapshot), "use the shared snapshot");
    }
    std::string path = "pg_catalog";
    for (const model::Identifier& schema : picture_->search_path) path += ", " + model::quoted(schema);
    connection_.run("SET search_path = " + path, "set the search path");
    connection_.run(kSavepoint, "set a savepoint");
  }

  std::unique_ptr<connector::Comparable> peer() override {
    return std::make_unique<PostgresqlComparable>(options_, picture_);
  }

  connector::DatabaseForm form() override {
    return guarded([&] { return read_form(); });
  }

  std::vector<connector::ObjectFact> objects(const connector::ObjectScope& scope) override {
    connector::ObjectScope own = scope;
    own.schemas = chosen(scope.schemas);
    return guarded([&] { return facts_of_schemas(connection_, own); });
  }

  std::vector<model::Table> tables(const std::vector<model::Identifier>& schemas) override {
    const std::vector<model::Identifier> own = chosen(schemas);
    std::vector<model::Table> all = guarded([&] { return read_tables(own); });
    add_leaves_to_roots(all);
    for (const model::Table& table : all)
      picture_->partitioned[table.name] = table.kind == model::TableKind::kPartitionRoot;
    picture_->search_path = own;
    picture_->search_path.emplace_back("public");
    return all;
  }

  std::vector<model::Sequence> sequences(const std::vector<model::Identifier>& schemas) override {
    return guarded([&] { return sequences_of_schemas(connection_, chosen(schemas), [this] { release_locks(); }); });
  }

  std::vector<connector::BucketHash> hash_buckets(const connector::HashRequest& request,
                                                  const connector::Slice& slice) override {
    return guarded([&] { return read_buckets(request, slice); });
  }

  std::vector<std::vector<connector::BucketHash>> hash_tables(
      const std::vector<const connector::HashRequest*>& requests) override {
    return guarded([&] { return read_tables_buckets(requests); });
  }

  std::vector<connector::RowHash> hash_rows(const connector::HashRequest& request,
                                            const std::vector<std::uint32_t>& buckets) override {
    return guarded([&] { return read_rows(request, buckets); });
  }

 private:
  void begin() { connection_.run(kBegin, "begin a transaction"); }
  std::string exported_snapshot();
  connector::DatabaseForm read_form();
  std::vector<model::Table> read_tables(const std::vector<model::Identifier>& schemas);
  std::vector<std::vector<connector::BucketHash>> read_tables_buckets(
      const std::vector<const connector::HashRequest*>& requests);
  bool is_partitioned(const model::TableName& table);
  // Each table that is read stays locked until the transaction ends, and a server has room for some thousand locks.
  void release_locks() { connection_.run(kBack, "go back to the savepoint"); }
  std::vector<connector::BucketHash> read_buckets(const connector::HashRequest& request, const connector::Slice& slice);
  std::vector<connector::RowHash> read_rows(const connector::HashRequest& request,
                                            const std::vector<std::uint32_t>& buckets);
  std::vector<model::Identifier> chosen(const std::vector<model::Identifier>& schemas);
  Space space_of(const model::TableName& table);
  static void add_leaves_to_roots(std::vector<model::Table>& tables);

  const model::ConnectionOptions options_;
  Connection connection_;
  const std::shared_ptr<Picture> picture_;
};

// Empty when the server cannot share pictures: then each connection has its own, which on a quiet database is the same.
std::string PostgresqlComparable::exported_snapshot() {
  try {
    return connection_.query("SELECT pg_export_snapshot()", "export a snapshot").string(0, 0);
  } catch (const base::Error& error) {
    if (error.info().connection_lost) throw;
  }
  connection_.rollback();
  begin();
  return {};
}

connector::DatabaseForm PostgresqlComparable::read_form() {
  return database_form(connection_);
}

std::vector<model::Table> PostgresqlComparable::read_tables(const std::vector<model::Identifier>& schemas) {
  std::vector<model::Table> all = tables_of_schemas(connection_, schemas);
  std::vector<model::Table> views = filled_views_of_schemas(connection_, schemas);
  std::ranges::move(views, std::back_inserter(all));
  const Result objects = connection_.query(queries::kLargeObjectsSize, "count large objects");
  if (objects.number(0, 0) > 0) {
    all.push_back({.name = connector::kLargeObjects,
                   .root = connector::kLargeObjects,
                   .columns = {{.name = model::Identifier("oid"), .type = "oid", .wire_type = "oid"},
                               {.name = model::Identifier("data"), .type = "bytea", .wire_type = "text"}},
                   .primary_key = {model::Identifier("oid")},
                   .bytes = static_cast<std::uint64_t>(objects.number(0, 1)),
                   .estimated_rows = static_cast<std::uint64_t>(objects.number(0, 0))});
  }
  return all;
}

bool PostgresqlComparable::is_partitioned(const model::TableName& table) {
  const auto known = picture_->partitioned.find(table);
  return known != picture_->partitioned.end() ? known->second : space_of(table).partitioned;
}

std::vector<std::vector<connector::BucketHash>> PostgresqlComparable::read_tables_buckets(
    const std::vector<const connector::HashRequest*>& requests) {
  std::vector<bool> only;
  for (const connector::HashRequest* request : requests) only.push_back(!is_partitioned(request->table));
  const Result rows = connection_.query(buckets_query(requests, only), {}, "hash the rows of several tables");
  std::vector<std::vector<connector::BucketHash>> out(requests.size());
  for (int row = 0; row < rows.rows(); ++row) {
    out.at(static_cast<std::size_t>(rows.number(row, 0)))
        .push_back({.bucket = static_cast<std::uint32_t>(rows.number(row, 1)),
                    .rows = static_cast<std::uint64_t>(rows.number(row, 2)),
                    .sum = rows.string(row, 3)});
  }
  release_locks();
  return out;
}

std::vector<model::Identifier> PostgresqlComparable::chosen(const std::vector<model::Identifier>& schemas) {
  std::vector<model::Identifier> names = effective_schemas(connection_, schemas);
  std::erase(names, kBookkeepingSchema);
  return names;
}

// A root holds nothing itself, but it is what gets compared: it weighs what its leaves weigh.
void PostgresqlComparable::add_leaves_to_roots(std::vector<model::Table>& tables) {
  std::map<model::TableName, model::Table*> roots;
  for (model::Table& table : tables) {
    if (table.kind == model::TableKind::kPartitionRoot) roots[table.name] = &table;
  }
  for (const auto& [name, root] : roots) root->bytes = root->estimated_rows = 0;
  for (const model::Table& table : tables) {
    const auto root = roots.find(table.root);
    if (table.kind != model::TableKind::kLeafPartition || root == roots.end()) continue;
    root->second->bytes += table.bytes;
    root->second->estimated_rows += table.estimated_rows;
  }
}

Space PostgresqlComparable::space_of(const model::TableName& table) {
  return picture_->space_of(table, [&] {
    const Result row =
        connection_.query(queries::kCompareSpace, {table.schema.catalog_text(), table.name.catalog_text()},
                          "tell the size of " + display(table));
    return Space{.partitioned = row.boolean(0, 0),
                 .can_be_cut = row.boolean(0, 1),
                 .pages = static_cast<std::uint64_t>(row.number(0, 2))};
  });
}

std::vector<connector::BucketHash> PostgresqlComparable::read_buckets(const connector::HashRequest& request,
                                                                      const connector::Slice& slice) {
  const Space space = slice.of == 1 ? Space{.partitioned = is_partitioned(request.table)} : space_of(request.table);
  if (!space.can_be_cut && slice.number > 0) return {};
  const PageRange pages = space.can_be_cut ? pages_of(slice, space.pages) : PageRange{};
  if (pages.none) return {};
  const Result rows =
      connection_.query(bucket_query(request, pages, !space.partitioned), "hash the rows of " + display(request.table));
  std::vector<connector::BucketHash> out;
  for (int row = 0; row < rows.rows(); ++row) {
    out.push_back({.bucket = static_cast<std::uint32_t>(rows.number(row, 0)),
                   .rows = static_cast<std::uint64_t>(rows.number(row, 1)),
                   .sum = rows.string(row, 2)});
  }
  release_locks();
  return out;
}

std::vector<connector::RowHash> PostgresqlComparable::read_rows(const connector::HashRequest& request,
                                                                const std::vector<std::uint32_t>& buckets) {
  const std::vector<std::int64_t> wanted(buckets.begin(), buckets.end());
  const std::string sql = row_query(request, !is_partitioned(request.table));
  const std::vector<Param> params = {array_literal(wanted)};
  const Result rows = connection_.query(sql, params, "hash the rows of " + display(request.table));
  std::vector<connector::RowHash> out;
  for (int row = 0; row < rows.rows(); ++row) out.push_back({rows.string(row, 0), rows.string(row, 1)});
  release_locks();
  return out;
}

}  // namespace

std::unique_ptr<connector::Comparable> make_comparable(const model::ConnectionOptions& options) {
  return std::make_unique<PostgresqlComparable>(options);
}

}  // namespace voyager::postgresql

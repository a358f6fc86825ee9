// The exported snapshot and the readers that join it.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <span>

#include "base/log.h"
#include "base/mutex.h"
#include "connectors/postgresql/catalog.h"
#include "connectors/postgresql/large_objects.h"
#include "connectors/postgresql/queries.h"
#include "connectors/postgresql/source.h"

namespace voyager::postgresql {
namespace {

constexpr int kTidRangeScanMajor = 14;
constexpr std::size_t kBlockCapacityKept = 4 * 1024 * 1024;
constexpr std::size_t kBinaryHeader = 19;  // signature 11, flags 4, length of the extension 4

// Nothing found by name in a user's schema, and rows that a policy hides are an error instead of silently missing. A
// parallel plan would gain nothing: the parallelism is ours, by ranges. Every read of a range begins at its start, so
// that its rows come in the same order.
constexpr const char* kReaderSettings =
    "SET search_path = ''; SET row_security = off; SET max_parallel_workers_per_gather = 0; "
    "SET synchronize_seqscans = off; SET default_transaction_read_only = on";
// The client library reads from the socket into a buffer of 16 KiB that grows for a message that does not fit and never
// shrinks. One large answer at the start makes every later read large, so fewer calls bring the same rows.
constexpr const char* kGrowBuffer = "SELECT pg_catalog.repeat(' ', 200000)";
// Columns of kRangeSpaces.
constexpr int kPages = 0, kBytes = 1, kIsHeap = 2, kRewritten = 3;
// Tables that are locked and measured by one statement.
constexpr std::size_t kTablesAtOnce = 500;
constexpr const char* kBegin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

// Where tables end, as far as the snapshot's owner looked. Thread-safe.
class TableEnds {
 public:
  void set(const model::TableName& table, std::uint64_t end) {
    const base::MutexLock lock(mutex_);
    ends_[table] = end;
  }
  bool knows(const model::TableName& table) const {
    const base::MutexLock lock(mutex_);
    return ends_.contains(table);
  }
  bool is_end(const model::TableName& table, std::uint64_t end) const {
    const base::MutexLock lock(mutex_);
    const auto at = ends_.find(table);
    return at != ends_.end() && end >= at->second;
  }

 private:
  mutable base::Mutex mutex_;
  std::map<model::TableName, std::uint64_t> ends_ VOY_GUARDED_BY(mutex_);
};

// Keeps rewrites of the tables (TRUNCATE, VACUUM FULL, ALTER TABLE) out from now until our transaction ends, and makes
// sure that none happened since the snapshot was taken: the rows would be gone or in other places. Reading and writing
// go on. The answer is kRangeSpaces', one row a table.
Result lock_tables(Connection& connection, std::span<const model::Table> tables) {
  std::string lock = "LOCK TABLE ";
  std::vector<model::Identifier> schemas, names;
  for (const model::Table& table : tables) {
    if (!names.empty()) lock += ", ";
    lock += (table.kind == model::TableKind::kPartitionRoot ? "" : "ONLY ") + model::quoted(table.name);
    schemas.push_back(table.name.schema);
    names.push_back(table.name.name);
  }
  connection.run(lock + " IN ACCESS SHARE MODE", "lock tables");
  Result rows =
      connection.query(queries::kRangeSpaces, {array_literal(schemas), array_literal(names)}, "measure tables");
  VOY_ASSERT(rows.rows() == static_cast<int>(tables.size()));
  for (int row = 0; row < rows.rows(); ++row) {
    if (!rows.boolean(row, kRewritten)) continue;
    throw base::Error(
        {.code = "SRC-003",
         .title = "table " + model::display(tables[static_cast<std::size_t>(row)].name) +
                  " was rewritten while the export began",
         .where = connection.where(),
         .cause = "TRUNCATE, VACUUM FULL or ALTER TABLE replaced its storage after the snapshot was taken",
         .fix = {"leave the table's definition alone during the export"},
         .then = "run the same command again"});
  }
  return rows;
}

class Reader final : public connector::SnapshotReader {
 public:
  Reader(const model::ConnectionOptions& options, const std::string& snapshot, std::shared_ptr<const TableEnds> ends)
      : connection_(options), ends_(std::move(ends)) {
    connection_.run(kReaderSettings, "set up the session");
    connection_.query(kGrowBuffer, "set up the session");
    // As UTF-8 the server would refuse every text that is none.
    if (connection_.raw_bytes()) connection_.run("SET client_encoding = 'SQL_ASCII'", "set up the session");
    connection_.run(kBegin, "begin a transaction");
    const std::string join = "SET TRANSACTION SNAPSHOT " + connection_.literal(snapshot);
    const std::optional<ServerFault> fault = connection_.try_run(join, "join the snapshot");
    if (!fault) return;
    // The server knows a snapshot exactly as long as the transaction that exported it.
    throw base::Error({.code = "SRC-002",
                       .exit = base::ExitCode::kSourceUnreachable,
                       .title = "the snapshot of the source is lost",
                       .where = connection_.where(),
                       .cause = "the connection that held it has ended (" + fault->text() + ")",
                       .then = "run the same command again: finished chunks are kept",
                       .retry = base::Retry::kNever,
                       .connection_lost = true,
                       .sqlstate = fault->sqlstate});
  }

  void start(const model::Table& table, const model::Range& range, model::RowFormat format) override {
    VOY_ASSERT(!reading_ && format != model::RowFormat::kCsv);
    // A table that this run has not measured was cut by an earlier one: its pages must be what they were.
    const bool large_objects = model::is_large_objects(table.kind);
    if (!large_objects && range.begin != range.end && !ends_->knows(table.name)) lock_tables(connection_, {&table, 1});
    const bool open_end = ends_->is_end(table.name, range.end);
    connection_.copy_out(large_objects ? large_objects_copy_out(table.kind, range, format)
                                       : copy_out_statement(table, range, open_end, format),
                         "read " + model::display(table.name));
    reading_ = true;
    binary_ = format == model::RowFormat::kBinary;
    stripper_ = {};
    rows_ = 0;
  }

  std::vector<connector::ValueChange> value_changes() override { return {}; }
  bool next(model::RowBlock& block, std::size_t bytes_wanted) override {
    block.clear();
    if (!reading_) return false;
    // A giant row's memory is given back with the next call.
    if (block.bytes.capacity() > 2 * bytes_wanted + kBlockCapacityKept) block.bytes = {};
    block.bytes.reserve(bytes_wanted + bytes_wanted / 8);
    while (block.bytes.size() < bytes_wanted && block.rows < model::kRowsPerBlockMax) {
      const std::size_t start = block.bytes.size();
      if (!connection_.copy_out_row(block.bytes)) {
        reading_ = false;
        check_count(rows_ + block.rows);
        break;
      }
      if (!binary_ || stripper_.strip(block.bytes, start)) ++block.rows;
    }
    rows_ += block.rows;
    return block.rows > 0;
  }

 private:
  // A row that we took for something else, or something else that we took for a row, shows here.
  void check_count(std::uint64_t rows) const {
    if (rows == connection_.last_affected()) return;
    base::fail(base::ExitCode::kInternal, "rows read and rows sent differ",
               fmt::format("{} were read, the server sent {}", rows, connection_.last_affected()));
  }

  Connection connection_;
  const std::shared_ptr<const TableEnds> ends_;
  bool reading_ = false;
  bool binary_ = false;
  std::uint64_t rows_ = 0;
  BinaryStripper stripper_;
};

class Snapshot final : public connector::SnapshotSource {
 public:
  explicit Snapshot(const model::ConnectionOptions& options) : options_(options), connection_(options) {}

  std::string begin(const std::string& anchor, int /*readers*/) override {
    // Asked before the transaction: a server that refuses it (hosted ones may) must not spoil the transaction.
    const std::optional<Result> system = connection_.try_query(queries::kSystemIdentifier, {}, "tell its identity");
    const std::string identifier = system ? system->string(0, 0) : connection_.where();
    connection_.run(kReaderSettings, "set up the session");
    connection_.run(kBegin, "begin a transaction");
    if (!anchor.empty())
      connection_.run("SET TRANSACTION SNAPSHOT " + connection_.literal(anchor), "join the snapshot of the capture");
    const Result row = connection_.query(queries::kSnapshot, "export a snapshot");
    name_ = row.string(0, 0);
    base::log_info("snapshot " + name_ + " of " + connection_.where());
    return fmt::format("{}/{}/{}", identifier, row.text(0, 2), row.text(0, 1));
  }

  model::Position position() override { return {}; }  // A capture gives the anchor.
  std::string how() override { return {}; }
  bool raw_bytes() override { return connection_.raw_bytes(); }
  std::vector<model::Table> tables() override { return tables_of_schemas(connection_, schemas()); }
  std::vector<model::Table> large_objects() override {
    const auto [objects, bytes] = large_objects_size();
    if (objects == 0) return {};
    return large_object_tables(objects, bytes);
  }
  std::vector<model::Sequence> sequences() override { return sequences_of_schemas(connection_, schemas()); }

  std::vector<model::RangeSpace> range_spaces(const std::vector<model::Table>& tables) override {
    std::vector<model::RangeSpace> out;
    out.reserve(tables.size());
    std::size_t at = 0;
    while (at < tables.size()) {
      if (model::is_large_objects(tables[at].kind)) {
        out.push_back(large_objects_space(tables[at++]));
        continue;
      }
      std::size_t end = at + 1;
      while (end < tables.size() && end - at < kTablesAtOnce && !model::is_large_objects(tables[end].kind)) ++end;
      const std::span<const model::Table> some(tables.begin() + static_cast<std::ptrdiff_t>(at), end - at);
      const Result rows = lock_tables(connection_, some);
      for (std::size_t i = 0; i < some.size(); ++i) out.push_back(space_of(some[i], rows, static_cast<int>(i)));
      at = end;
    }
    return out;
  }

  std::unique_ptr<connector::SnapshotReader> open_reader() override {
    return std::make_unique<Reader>(options_, name_, ends_);
  }

 private:
  model::RangeSpace large_objects_space(const model::Table& table) {
    const auto [objects, bytes] = large_objects_size();
    // How the bytes are spread is not known: it may be one long object among many short ones that has them.
    const std::uint64_t mine = table.kind == model::TableKind::kLargeObjectPieces ? bytes : table.bytes;
    return {.all = {0, objects},
            .bytes_per_unit = static_cast<double>(mine) / static_cast<double>(std::max<std::uint64_t>(1, objects))};
  }

  model::RangeSpace space_of(const model::Table& table, const Result& rows, int row) {
    const auto pages = static_cast<std::uint64_t>(rows.number(row, kPages));
    const bool by_pages = connection_.major() >= kTidRangeScanMajor && rows.boolean(row, kIsHeap);
    if (pages == 0 || !by_pages || table.kind == model::TableKind::kPartitionRoot) return {};
    ends_->set(table.name, pages);
    return {.all = {0, pages}, .bytes_per_unit = rows.real(row, kBytes) / static_cast<double>(pages)};
  }

  // How many, and the bytes that they take.
  std::pair<std::uint64_t, std::uint64_t> large_objects_size() {
    const Result row = connection_.query(queries::kLargeObjectsSize, "count large objects");
    return {static_cast<std::uint64_t>(row.number(0, 0)), static_cast<std::uint64_t>(row.number(0, 1))};
  }
  std::vector<model::Identifier> schemas() { return effective_schemas(connection_, options_.schemas); }

  const model::ConnectionOptions options_;
  Connection connection_;  // One thread; open_reader does not touch it.
  std::string name_;       // Constant after begin().
  const std::shared_ptr<TableEnds> ends_ = std::make_shared<TableEnds>();
};

std::string column_list(const model::Table& table) {
  std::string out;
  for (const model::Column& column : table.columns) {
    if (column.generated) continue;
    if (!out.empty()) out += ", ";
    out += model::quoted(column.name);
  }
  return out;
}

}  // namespace

std::string copy_out_statement(const model::Table& table, const model::Range& range, bool open_end,
                               model::RowFormat format) {
  const std::string name = model::quoted(table.name);
  const std::string columns = column_list(table);
  const char* options = format == model::RowFormat::kBinary ? " (FORMAT binary)" : "";
  if (range.begin == range.end || (range.begin == 0 && open_end)) {
    // The server's own fast path: no executor, and only this table without its children.
    return fmt::format("COPY {}{} TO STDOUT{}", name, columns.empty() ? "" : " (" + columns + ")", options);
  }
  const std::string upper = open_end ? std::string() : fmt::format(" AND ctid < '({},0)'", range.end);
  return fmt::format("COPY (SELECT {} FROM ONLY {} WHERE ctid >= '({},0)'{}) TO STDOUT{}", columns, name, range.begin,
                     upper, options);
}

bool BinaryStripper::strip(std::string& block, std::size_t start) {
  if (!header_seen_) {
    header_seen_ = true;
    VOY_ASSERT(block.size() - start >= kBinaryHeader);
    std::uint32_t extension = 0;
    for (std::size_t i = start + kBinaryHeader - 4; i < start + kBinaryHeader; ++i) {
      extension = (extension << 8) | static_cast<unsigned char>(block[i]);
    }
    block.erase(start, kBinaryHeader + extension);
  }
  const std::size_t size = block.size() - start;
  const bool trailer = size == 2 && std::memcmp(block.data() + start, "\xff\xff", 2) == 0;
  if (trailer) block.resize(start);
  return !trailer && size > 0;
}

std::unique_ptr<connector::SnapshotSource> make_snapshot_source(const model::ConnectionOptions& options) {
  return std::make_unique<Snapshot>(options);
}

}  // namespace voyager::postgresql

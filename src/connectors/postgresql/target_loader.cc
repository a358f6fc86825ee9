// Loading batches: COPY and the bookkeeping rows in one transaction.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/log.h"
#include "connectors/postgresql/catalog.h"
#include "connectors/postgresql/large_objects.h"
#include "connectors/postgresql/queries.h"
#include "connectors/postgresql/target.h"

namespace voyager::postgresql {
namespace {

using connector::BatchOutcome;
using connector::BatchRequest;
using connector::RowFault;
using connector::RowsIn;

// COPY's file header: signature, no flags, no extension. PostgreSQL documentation, "COPY", Binary Format.
constexpr std::string_view kBinaryHeader("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
constexpr std::string_view kBinaryTrailer("\377\377", 2);
constexpr const char* kUniqueViolation = "23505";
constexpr const char* kNotNullViolation = "23502";
constexpr const char* kNotInRepertoire = "22021";
constexpr int kNumbersShown = 100;

// Where rows go first that do not go into their table as they are: those whose key may be there already, and those that
// become large objects.
struct Staging {
  std::string table = {};     ///< Quoted.
  std::string name = {};      ///< As in error messages.
  std::string move_sql = {};  ///< Empty: they go into the table itself.
};

std::vector<model::BatchKey> keys_of(const Result& rows) {
  std::vector<model::BatchKey> out;
  for (int row = 0; row < rows.rows(); ++row) {
    out.push_back({.file_name = rows.string(row, 0),
                   .number = static_cast<std::int32_t>(rows.number(row, 1)),
                   .rows = static_cast<std::uint64_t>(rows.number(row, 2))});
  }
  return out;
}

std::string column_list(const std::vector<model::Column>& columns) {
  std::string out;
  for (const model::Column& column : columns) out += (out.empty() ? "" : ", ") + model::quoted(column.name);
  return out;
}

class Loader final : public connector::SnapshotTarget {
 public:
  Loader(const model::ConnectionOptions& options, const Flavour& flavour, std::string migration, connector::Fence fence)
      : options_(options),
        flavour_(flavour),
        migration_(std::move(migration)),
        fence_(std::move(fence)),
        connection_(options, flavour.connection) {
    set_up();
  }

  BatchOutcome import(const BatchRequest& request, connector::RowStream& rows) override;

  std::vector<model::BatchKey> imported() override {
    revive();
    const Result rows = connection_.query(queries::kImportedBatches, {migration_}, "list imported batches");
    return keys_of(rows);
  }

  std::vector<model::BatchKey> imported_among(const std::vector<model::BatchKey>& keys) override {
    revive();
    std::vector<std::string> files;
    std::vector<std::int64_t> numbers;
    for (const model::BatchKey& key : keys) {
      files.push_back(key.file_name);
      numbers.push_back(key.number);
    }
    return keys_of(connection_.query(queries::kImportedAmong,
                                     {migration_, array_literal(files), array_literal(numbers)}, "look for a batch"));
  }

  void flush() override {
    if (!flavour_.asynchronous_commit) return;
    revive();
    connection_.run("BEGIN; SET LOCAL synchronous_commit = on", "make commits durable");
    connection_.query(queries::kTouchBatch, {migration_}, "make commits durable");
    connection_.run("COMMIT", "make commits durable");
  }

 private:
  void set_up();
  void revive();
  const Staging& staging_for(const BatchRequest& request);
  Staging large_objects_for(const BatchRequest& request);
  void refuse_taken_numbers();
  void open_copy(const BatchRequest& request, const std::string& destination);
  void check_columns(const BatchRequest& request);
  void send_rows(const BatchRequest& request, connector::RowStream& rows);
  std::optional<RowFault> row_fault(const BatchRequest& request, const ServerFault& fault,
                                    const std::string& copied_into);
  std::optional<RowFault> commit(const BatchRequest& request);

  const model::ConnectionOptions options_;
  const Flavour flavour_;
  const std::string migration_;
  const connector::Fence fence_;
  Connection connection_;
  bool triggers_off_ = false;
  std::map<std::string, Staging> staging_;  // by table and columns; gone with the connection
};

void Loader::set_up() {
  triggers_off_ = !connection_.try_run("SET session_replication_role = replica", "switch triggers off");
  std::vector<std::string> settings;
  if (flavour_.asynchronous_commit) settings.push_back("SET synchronous_commit = off");
  settings.insert(settings.end(), flavour_.loader_settings.begin(), flavour_.loader_settings.end());
  for (const std::string& setting : settings) {
    if (const std::optional<ServerFault> fault = connection_.try_run(setting, "set up the session")) {
      base::log_info(fmt::format("skipped \"{}\": {}", setting, fault->message));
    }
  }
}

// A lost connection has been reported once; the next call starts on a new one.
void Loader::revive() {
  connection_.rollback();
  if (connection_.healthy()) return;
  staging_.clear();
  connection_ = Connection(options_, flavour_.connection);
  set_up();
}

// A staging table takes the columns' types alone, so that what is refused is refused by the real table. It is made
// outside of the batch's transaction, once for each connection.
const Staging& Loader::staging_for(const BatchRequest& request) {
  const std::string columns = column_list(request.columns);
  Staging& staging = staging_[model::quoted(request.table) + "(" + columns + ")"];
  if (!staging.table.empty()) return staging;
  const std::vector<model::Table> tables = tables_of_names(connection_, {request.table});
  staging.table = model::quoted(request.table);
  staging.name = request.table.name.catalog_text();
  if (tables.empty() || tables[0].primary_key.empty()) return staging;
  std::string key;
  for (const model::Identifier& column : tables[0].primary_key)
    key += (key.empty() ? "" : ", ") + model::quoted(column);
  const std::string name = fmt::format("ybvoyager_stage_{}", staging_.size());
  connection_.run(fmt::format("CREATE TEMPORARY TABLE {} ON COMMIT DELETE ROWS AS SELECT {} FROM {} WITH NO DATA", name,
                              columns, staging.table),
                  "create a staging table");
  // Only a key that is already there is passed over; a violation of anything else is still refused.
  staging.move_sql =
      fmt::format("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM pg_temp.{} ON CONFLICT ({}) DO NOTHING",
                  staging.table, columns, columns, name, key);
  staging.table = "pg_temp." + name;
  staging.name = name;
  return staging;
}

// Bytes that were made for one type must not be read as another.
void Loader::check_columns(const BatchRequest& request) {
  const std::vector<std::string>& now = connection_.last_column_types();
  VOY_ASSERT(now.size() == request.columns.size());
  std::string altered;
  for (std::size_t i = 0; i < now.size(); ++i) {
    const model::Column& column = request.columns[i];
    if (column.type_identity.empty() || column.type_identity == now[i]) continue;
    altered += fmt::format("{}{} (it was {})", altered.empty() ? "" : ", ", model::display(column.name), column.type);
  }
  if (altered.empty()) return;
  connection_.rollback();
  throw base::Error({.code = "TGT-005",
                     .exit = base::ExitCode::kState,
                     .title = "columns of " + model::display(request.table) + " were altered while rows are loaded",
                     .where = connection_.where(),
                     .cause = altered,
                     .fix = {"leave the tables' definitions alone during the import"},
                     .then = "run the same command again: it looks at the columns anew; what is in is kept"});
}

Staging Loader::large_objects_for(const BatchRequest& request) {
  const LargeObjectStaging made = large_object_staging(request.kind, connection_.literal(migration_));
  if (!staging_.contains(made.name)) {
    connection_.run(made.create_sql, "create a staging table");
    staging_[made.name] = {};
  }
  return {.table = "pg_temp." + made.name, .name = made.name, .move_sql = made.apply_sql};
}

// What has the number is somebody's object: nothing of it may change, neither now nor by the pieces and rights that
// come later.
void Loader::refuse_taken_numbers() {
  const Result taken = connection_.query(queries::kLargeObjectsTaken, {migration_}, "look for large objects");
  if (taken.rows() == 0) return;
  std::string foreign;
  std::string ours;
  for (int row = 0; row < std::min(taken.rows(), kNumbersShown); ++row) {
    std::string& list = taken.boolean(row, 1) ? ours : foreign;
    list += (list.empty() ? "" : ", ") + taken.string(row, 0);
  }
  connection_.rollback();
  base::ErrorInfo info{.code = "TGT-006",
                       .exit = base::ExitCode::kState,
                       .title = "large objects of the target have numbers that the source has given, too",
                       .where = connection_.where(),
                       .then = "run the same command again afterwards: what is in is kept"};
  if (!foreign.empty()) {
    info.cause = "this migration did not make " + foreign;
    info.fix = {fmt::format("remove them if nobody needs them: SELECT lo_unlink(n) FROM unnest('{{{}}}'::oid[]) AS n;",
                            foreign),
                "or leave the source's behind: yb-voyager export data --start-clean true --large-objects false ..."};
    if (ours.empty())
      info.fix.emplace_back("and import anew: yb-voyager import data --start-clean true --truncate-tables true ...");
  }
  if (!ours.empty()) {
    info.cause += (foreign.empty() ? "" : "\n") + ("an earlier import of this migration made " + ours);
    info.fix.emplace_back(
        "begin anew, which removes those that this migration made: yb-voyager import data --start-clean true "
        "--truncate-tables true ...");
  }
  if (taken.rows() > kNumbersShown)
    info.cause += fmt::format("\nthese are the first {} of {} in a batch", kNumbersShown, taken.rows());
  throw base::Error(std::move(info));
}

// The bookkeeping rows go first: if another run has noted one of them, nothing is sent at all; if another run is about
// to, this waits for its commit. A run that another one has taken over is refused by them (bookkeeping_insert). Where
// batches are cut elsewhere than in an earlier run those of the two overlap
// without a key in common, so the next run waits for the lock (ImportAdmin::wait_for_earlier_batches).
void Loader::open_copy(const BatchRequest& request, const std::string& destination) {
  const std::string what = "load rows into " + model::display(request.table);
  std::string sql = "BEGIN";
  if (triggers_off_ && request.triggers_on) sql += "; SET LOCAL session_replication_role = origin";
  if (!request.keys.empty()) {
    sql += fmt::format(
        "; SELECT 1 FROM ybvoyager_metadata.ybvoyager_import_data_batches_lock WHERE migration_uuid = {} FOR KEY SHARE",
        connection_.literal(migration_));
    sql += "; " + bookkeeping_insert(request, migration_, fence_,
                                     [&](std::string_view value) { return connection_.literal(value); });
  }
  // Holds a lock on the table that ALTER TABLE has to wait for until we commit.
  const std::string columns = column_list(request.columns);
  const bool has_table = !model::is_large_objects(request.kind);
  if (has_table && !columns.empty())
    sql += fmt::format("; SELECT {} FROM ONLY {} LIMIT 0", columns, model::quoted(request.table));
  if (const std::optional<ServerFault> fault = connection_.try_run(sql, what)) {
    connection_.rollback();
    if (fault->sqlstate == kNotNullViolation)
      connector::throw_taken_over("a batch of " + model::display(request.table), connection_.where());
    if (fault->sqlstate != kUniqueViolation) connection_.raise(*fault, what);
    connection_.raise_as(*fault, {.retry = base::Retry::kInDoubt},
                         "a batch of " + model::display(request.table) + " is on the target already");
  }
  if (has_table && !columns.empty()) check_columns(request);
  // A statement of its own, so that whoever looks at the server's activity sees what runs.
  connection_.copy_in(copy_in_statement(request, {.destination = destination,
                                                  .rows_per_transaction = flavour_.rows_per_transaction,
                                                  .raw_bytes = connection_.raw_bytes()}),
                      what);
}

void Loader::send_rows(const BatchRequest& request, connector::RowStream& rows) {
  const bool binary = request.format.rows == model::RowFormat::kBinary;
  try {
    if (binary) connection_.copy_in_data(kBinaryHeader);
    for (std::string_view piece = rows.next_piece(); !piece.empty(); piece = rows.next_piece()) {
      connection_.copy_in_data(piece);
    }
    if (binary) connection_.copy_in_data(kBinaryTrailer);
  } catch (...) {
    // Whatever it was, half a batch must not stay open on the server.
    if (connection_.healthy()) connection_.copy_in_abort("the sender gave up");
    connection_.rollback();
    throw;
  }
}

std::optional<RowFault> Loader::row_fault(const BatchRequest& request, const ServerFault& fault,
                                          const std::string& copied_into) {
  connection_.rollback();
  if (connection_.verdict_of(fault).retry != base::Retry::kNever || !blames_row(fault.sqlstate)) return std::nullopt;
  // Without one of these the rows that come later would go to nothing, or to somebody else's object.
  if (request.kind == model::TableKind::kLargeObjects || request.kind == model::TableKind::kLargeObjectPieces)
    return std::nullopt;
  RowFault out{.wrong_encoding = fault.sqlstate == kNotInRepertoire, .sqlstate = fault.sqlstate};
  ServerFault shown = fault;
  shown.sqlstate.clear();
  out.message = shown.text();
  // The server counts lines, and in CSV a quoted value may hold several.
  const std::optional<std::uint64_t> number = row_of_context(fault.context, copied_into);
  if (number) out.line = *number + 1;
  if (request.format.rows != model::RowFormat::kCsv) out.row = number;
  return out;
}

// Once COMMIT is sent only the target knows how it ended, unless it says so.
std::optional<RowFault> Loader::commit(const BatchRequest& request) {
  std::optional<ServerFault> fault;
  try {
    fault = connection_.try_run("COMMIT", "commit a batch of " + model::display(request.table));
  } catch (const base::Error& error) {
    base::ErrorInfo info = error.info();
    info.code = "TGT-003";
    info.title = "the connection broke while a batch of " + model::display(request.table) + " was being committed";
    info.retry = base::Retry::kInDoubt;
    info.connection_lost = true;
    throw base::Error(std::move(info));
  }
  if (!fault) return std::nullopt;
  std::optional<RowFault> refused = row_fault(request, *fault, {});
  if (!refused) connection_.raise(*fault, "commit a batch of " + model::display(request.table));
  return refused;
}

BatchOutcome Loader::import(const BatchRequest& request, connector::RowStream& rows) {
  revive();
  Staging staging{.table = model::quoted(request.table), .name = request.table.name.catalog_text()};
  const bool large_objects = model::is_large_objects(request.kind);
  if (large_objects) {
    staging = large_objects_for(request);
  } else if (request.ignore_key_conflicts && !request.columns.empty()) {
    staging = staging_for(request);
  }
  open_copy(request, staging.table);
  send_rows(request, rows);

  const std::string what = "load rows into " + model::display(request.table);
  const std::variant<std::uint64_t, ServerFault> end = connection_.copy_in_end();
  if (const auto* fault = std::get_if<ServerFault>(&end)) {
    if (std::optional<RowFault> refused = row_fault(request, *fault, staging.name)) return std::move(*refused);
    connection_.raise(*fault, what);
  }
  RowsIn in{.rows = std::get<std::uint64_t>(end)};
  if (request.rows_expected > 0 && in.rows != request.rows_expected) {
    connection_.rollback();
    throw base::Error({.code = "TGT-004",
                       .title = "the target did not store every row of a batch of " + model::display(request.table),
                       .where = connection_.where(),
                       .cause = fmt::format("{} rows were sent, {} were stored", request.rows_expected, in.rows),
                       .fix = {"look for a BEFORE trigger on the table that leaves rows out, and disable it"}});
  }
  if (request.kind == model::TableKind::kLargeObjects) refuse_taken_numbers();
  if (!staging.move_sql.empty()) {
    (void)connection_.take_notices();  // Those until now speak of other rows.
    std::optional<ServerFault> fault = connection_.try_run(staging.move_sql, what);
    if (fault) {
      if (std::optional<RowFault> refused = row_fault(request, *fault, {})) return std::move(*refused);
      connection_.raise(*fault, what);
    }
    if (large_objects) {
      for (const std::string& note : connection_.take_notices()) {
        if (request.note) request.note(note);
      }
    } else {
      in.skipped = in.rows - std::min(in.rows, connection_.last_affected());
      in.rows -= in.skipped;
    }
  }
  if (std::optional<RowFault> refused = commit(request)) return std::move(*refused);
  return in;
}

}  // namespace

std::unique_ptr<connector::SnapshotTarget> make_snapshot_target(const model::ConnectionOptions& options,
                                                                const Flavour& flavour, const std::string& migration,
                                                                const connector::Fence& fence) {
  return std::make_unique<Loader>(options, flavour, migration, fence);
}

}  // namespace voyager::postgresql

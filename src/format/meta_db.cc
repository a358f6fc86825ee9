#include "format/meta_db.h"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "format/chunk_file.h"
#include "format/sqlite.h"
#include "format/table_json.h"

namespace voyager::format {
namespace {

constexpr int kVersion = 1;
constexpr int kBusyMilliseconds = 30'000;
constexpr int kModeLookMilliseconds = 20;

// kMigrations[n] takes the file from version n to n + 1. Never edited once released: add the next one.
constexpr std::array kMigrations = {R"sql(
CREATE TABLE json_objects (key TEXT PRIMARY KEY, json_text TEXT NOT NULL);
CREATE TABLE snapshot_table (
  schema_name TEXT NOT NULL, table_name TEXT NOT NULL, root_schema TEXT NOT NULL, root_name TEXT NOT NULL,
  position INTEGER NOT NULL,
  description TEXT NOT NULL,                      -- JSON of format/table_json.h
  row_format INTEGER NOT NULL, range_begin INTEGER NOT NULL, range_end INTEGER NOT NULL, bytes_per_unit REAL NOT NULL,
  next INTEGER NOT NULL, handed_out INTEGER NOT NULL, generation INTEGER NOT NULL, chunks INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (schema_name, table_name));
CREATE TABLE snapshot_sequence (
  schema_name TEXT NOT NULL, sequence_name TEXT NOT NULL, last_value INTEGER NOT NULL, is_called INTEGER NOT NULL,
  owner_schema TEXT NOT NULL, owner_table TEXT NOT NULL, owner_column TEXT NOT NULL,
  PRIMARY KEY (schema_name, sequence_name));
CREATE TABLE chunk (
  id INTEGER PRIMARY KEY AUTOINCREMENT, schema_name TEXT NOT NULL, table_name TEXT NOT NULL,
  range_begin INTEGER NOT NULL, range_end INTEGER NOT NULL, state INTEGER NOT NULL, file_name TEXT NOT NULL UNIQUE,
  row_format INTEGER NOT NULL, compressed INTEGER NOT NULL,
  rows INTEGER NOT NULL DEFAULT 0, raw_bytes INTEGER NOT NULL DEFAULT 0, stored_bytes INTEGER NOT NULL DEFAULT 0,
  done_order INTEGER UNIQUE);                     -- set when done: the importer reads on from the last it has seen
CREATE TABLE done_counter (value INTEGER NOT NULL);  -- one row; never goes back, also when chunks are forgotten
INSERT INTO done_counter VALUES (0);
CREATE INDEX chunk_table ON chunk (schema_name, table_name);
CREATE INDEX chunk_leased ON chunk (schema_name, table_name) WHERE state = 0;
CREATE TABLE frame (
  chunk_id INTEGER NOT NULL REFERENCES chunk(id) ON DELETE CASCADE, number INTEGER NOT NULL, offset INTEGER NOT NULL,
  stored_bytes INTEGER NOT NULL, raw_bytes INTEGER NOT NULL, rows INTEGER NOT NULL, crc32c INTEGER NOT NULL,
  PRIMARY KEY (chunk_id, number)) WITHOUT ROWID;
CREATE TABLE imported_file (
  importer_role TEXT NOT NULL, file_name TEXT NOT NULL, schema_name TEXT NOT NULL, table_name TEXT NOT NULL,
  rows INTEGER NOT NULL, bytes INTEGER NOT NULL, rows_set_aside INTEGER NOT NULL, bytes_set_aside INTEGER NOT NULL,
  PRIMARY KEY (importer_role, file_name)) WITHOUT ROWID;
CREATE TABLE set_aside_row (
  importer_role TEXT NOT NULL, file_name TEXT NOT NULL, number INTEGER NOT NULL, schema_name TEXT NOT NULL,
  table_name TEXT NOT NULL, sqlstate TEXT NOT NULL, reason TEXT NOT NULL,
  PRIMARY KEY (importer_role, file_name, number)) WITHOUT ROWID;
CREATE TABLE post_data_statement (
  id INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL, schema_name TEXT NOT NULL, table_name TEXT NOT NULL,
  object TEXT NOT NULL, sql TEXT NOT NULL UNIQUE, file TEXT NOT NULL, line INTEGER NOT NULL, done INTEGER NOT NULL);
)sql"};
static_assert(kMigrations.size() == kVersion);

std::filesystem::path file_of(const std::filesystem::path& export_dir) {
  return export_dir / "metainfo" / "meta.db";
}

model::TableName name_of(const Statement& row, int schema_column) {
  return {.schema = model::Identifier(row.text(schema_column)), .name = model::Identifier(row.text(schema_column + 1))};
}

}  // namespace

struct MetaDb::Impl {
  sqlite3* db = nullptr;

  ~Impl() { sqlite3_close(db); }

  void exec(const char* sql, const std::string& what) {
    if (sqlite3_exec(db, sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail_sqlite(db, what);
  }

  // Two commands that open a new file at once both want to change its mode, and SQLite does not let one wait for the
  // other there.
  void use_write_ahead_log() {
    for (int waited = 0;; waited += kModeLookMilliseconds) {
      const int result = sqlite3_exec(db, "PRAGMA journal_mode = WAL", nullptr, nullptr, nullptr);
      if (result == SQLITE_OK) return;
      if (result != SQLITE_BUSY || waited >= kBusyMilliseconds)
        fail_sqlite(db, "cannot open the state of the migration");
      sqlite3_sleep(kModeLookMilliseconds);
    }
  }

  int version() {
    Statement statement(db, "PRAGMA user_version");
    return statement.step() ? static_cast<int>(statement.integer(0)) : 0;
  }

  void migrate() {
    if (version() == kVersion) return;
    exec("BEGIN EXCLUSIVE", "cannot lock the state");
    const int found = version();
    if (found > kVersion) {
      throw base::Error({.code = "DIR-007",
                         .exit = base::ExitCode::kState,
                         .title = "this export directory was written by a newer yb-voyager",
                         .cause = fmt::format("its state has version {}, this program reads up to {}", found, kVersion),
                         .fix = {"use the program that began this migration, or a newer one"}});
    }
    for (int from = found; from < kVersion; ++from) {
      exec(kMigrations[static_cast<std::size_t>(from)], "cannot bring the state to its present form");
    }
    exec(fmt::format("PRAGMA user_version = {}", kVersion).c_str(), "cannot mark the state's version");
    exec("COMMIT", "cannot save the state");
  }
};

MetaDb::MetaDb(const std::filesystem::path& export_dir) : impl_(std::make_unique<Impl>()) {
  const std::filesystem::path file = file_of(export_dir);
  std::error_code error;
  std::filesystem::create_directories(file.parent_path(), error);
  if (error) {
    throw base::Error({.code = "DIR-003",
                       .title = "cannot create " + file.parent_path().string(),
                       .cause = error.message(),
                       .fix = {"make the export directory writable for the user that runs yb-voyager"}});
  }
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  if (sqlite3_open_v2(file.c_str(), &impl_->db, flags, nullptr) != SQLITE_OK) {
    fail_sqlite(impl_->db, "cannot open the state of the migration");
  }
  sqlite3_busy_timeout(impl_->db, kBusyMilliseconds);
  // FULL: a transaction is on disk when it returns, so the state never claims less than what was confirmed to others.
  impl_->exec("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON", "cannot open the state of the migration");
  impl_->use_write_ahead_log();
  impl_->migrate();
}

MetaDb::~MetaDb() = default;

bool MetaDb::exists(const std::filesystem::path& export_dir) {
  return std::filesystem::exists(file_of(export_dir));
}

MetaDb::Transaction::Transaction(MetaDb& db) : db_(db) {
  db_.impl_->exec("BEGIN IMMEDIATE", "cannot lock the state");
}

MetaDb::Transaction::~Transaction() {
  if (open_) sqlite3_exec(db_.impl_->db, "ROLLBACK", nullptr, nullptr, nullptr);
}

void MetaDb::Transaction::commit() {
  db_.impl_->exec("COMMIT", "cannot save the state");
  open_ = false;
}

namespace {
// Runs `body` in a transaction of its own unless the caller has one open.
template <typename Body>
void in_transaction(MetaDb& db, sqlite3* handle, Body&& body) {
  if (sqlite3_get_autocommit(handle) == 0) {
    body();
    return;
  }
  MetaDb::Transaction transaction(db);
  body();
  transaction.commit();
}
}  // namespace

// --- JSON objects ---------------------------------------------------------------------------------------------------

std::string MetaDb::json(std::string_view key) {
  Statement statement(impl_->db, "SELECT json_text FROM json_objects WHERE key = ?1");
  return statement.bind(key).step() ? statement.text(0) : std::string();
}

void MetaDb::set_json(std::string_view key, std::string_view text) {
  Statement(impl_->db, "INSERT INTO json_objects VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET json_text = ?2")
      .bind(key, text)
      .run();
}

void MetaDb::patch_json(std::string_view key, std::string_view merge_patch) {
  in_transaction(*this, impl_->db, [&] {
    const std::string before = json(key);
    nlohmann::json value = before.empty() ? nlohmann::json::object() : nlohmann::json::parse(before);
    value.merge_patch(nlohmann::json::parse(merge_patch));
    set_json(key, value.dump());
  });
}

// --- snapshot -------------------------------------------------------------------------------------------------------

void MetaDb::save_plan(const std::vector<PlannedTable>& tables) {
  in_transaction(*this, impl_->db, [&] {
    Statement insert(
        impl_->db,
        "INSERT INTO snapshot_table (schema_name, table_name, root_schema, root_name, position, description, "
        "row_format, range_begin, range_end, bytes_per_unit, next, handed_out, generation) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)");
    int position = 0;
    for (const PlannedTable& one : tables) {
      insert
          .bind(one.table.name.schema.catalog_text(), one.table.name.name.catalog_text(),
                one.table.root.schema.catalog_text(), one.table.root.name.catalog_text(), position++,
                table_to_json(one.table), static_cast<int>(one.rows), one.space.all.begin, one.space.all.end,
                one.space.bytes_per_unit, one.next, one.handed_out, one.generation)
          .run();
    }
  });
}

std::vector<PlannedTable> MetaDb::plan() {
  Statement rows(impl_->db,
                 "SELECT description, row_format, range_begin, range_end, bytes_per_unit, next, handed_out, generation "
                 "FROM snapshot_table ORDER BY position");
  std::vector<PlannedTable> out;
  while (rows.step()) {
    PlannedTable one{.table = table_from_json(rows.text(0)), .rows = static_cast<model::RowFormat>(rows.integer(1))};
    one.space.all = {static_cast<std::uint64_t>(rows.integer(2)), static_cast<std::uint64_t>(rows.integer(3))};
    one.space.bytes_per_unit = rows.real(4);
    one.next = static_cast<std::uint64_t>(rows.integer(5));
    one.handed_out = rows.integer(6) != 0;
    one.generation = static_cast<int>(rows.integer(7));
    out.push_back(std::move(one));
  }
  return out;
}

void MetaDb::save_sequences(const std::vector<model::Sequence>& sequences) {
  in_transaction(*this, impl_->db, [&] {
    impl_->exec("DELETE FROM snapshot_sequence", "cannot save the sequences");
    Statement insert(impl_->db, "INSERT INTO snapshot_sequence VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
    for (const model::Sequence& one : sequences) {
      insert
          .bind(one.name.schema.catalog_text(), one.name.name.catalog_text(), one.last_value, one.is_called,
                one.owner_table.schema.catalog_text(), one.owner_table.name.catalog_text(),
                one.owner_column.catalog_text())
          .run();
    }
  });
}

std::vector<model::Sequence> MetaDb::sequences() {
  Statement rows(impl_->db,
                 "SELECT schema_name, sequence_name, last_value, is_called, owner_schema, owner_table, owner_column "
                 "FROM snapshot_sequence ORDER BY schema_name, sequence_name");
  std::vector<model::Sequence> out;
  while (rows.step()) {
    out.push_back({.name = name_of(rows, 0),
                   .last_value = rows.integer(2),
                   .is_called = rows.integer(3) != 0,
                   .owner_table = name_of(rows, 4),
                   .owner_column = model::Identifier(rows.text(6))});
  }
  return out;
}

void MetaDb::lease_chunk(Chunk& chunk, std::uint64_t next, bool handed_out) {
  in_transaction(*this, impl_->db, [&] {
    Statement table(impl_->db,
                    "UPDATE snapshot_table SET next = ?3, handed_out = ?4, chunks = chunks + 1 "
                    "WHERE schema_name = ?1 AND table_name = ?2 RETURNING chunks, generation");
    table.bind(chunk.table.schema.catalog_text(), chunk.table.name.catalog_text(), next, handed_out);
    VOY_ASSERT(table.step());
    chunk.file_name = chunk_file_name(chunk.table, static_cast<int>(table.integer(1)), table.integer(0),
                                      chunk.rows_format, chunk.compressed);
    VOY_ASSERT(!table.step());
    Statement insert(
        impl_->db,
        "INSERT INTO chunk (schema_name, table_name, range_begin, range_end, state, file_name, row_format, "
        "compressed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
    insert
        .bind(chunk.table.schema.catalog_text(), chunk.table.name.catalog_text(), chunk.range.begin, chunk.range.end,
              static_cast<int>(ChunkState::kLeased), chunk.file_name, static_cast<int>(chunk.rows_format),
              chunk.compressed)
        .run();
    chunk.id = sqlite3_last_insert_rowid(impl_->db);
  });
}

void MetaDb::finish_chunk(const Chunk& chunk) {
  in_transaction(*this, impl_->db, [&] {
    Statement insert(impl_->db, "INSERT INTO frame VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
    for (const Frame& frame : chunk.frames) {
      insert.bind(chunk.id, frame.number, frame.offset, frame.stored_bytes, frame.raw_bytes, frame.rows, frame.crc32c)
          .run();
    }
    impl_->exec("UPDATE done_counter SET value = value + 1", "cannot finish a chunk");
    Statement(impl_->db,
              "UPDATE chunk SET state = ?2, rows = ?3, raw_bytes = ?4, stored_bytes = ?5, "
              "done_order = (SELECT value FROM done_counter) WHERE id = ?1")
        .bind(chunk.id, static_cast<int>(ChunkState::kDone), chunk.rows, chunk.raw_bytes, chunk.stored_bytes)
        .run();
  });
}

namespace {

constexpr std::string_view kChunkColumns =
    "id, schema_name, table_name, range_begin, range_end, state, file_name, row_format, compressed, rows, raw_bytes, "
    "stored_bytes, done_order";

Chunk chunk_of(const Statement& row) {
  Chunk chunk{.id = row.integer(0), .table = name_of(row, 1)};
  chunk.range = {static_cast<std::uint64_t>(row.integer(3)), static_cast<std::uint64_t>(row.integer(4))};
  chunk.state = static_cast<ChunkState>(row.integer(5));
  chunk.file_name = row.text(6);
  chunk.rows_format = static_cast<model::RowFormat>(row.integer(7));
  chunk.compressed = row.integer(8) != 0;
  chunk.rows = static_cast<std::uint64_t>(row.integer(9));
  chunk.raw_bytes = static_cast<std::uint64_t>(row.integer(10));
  chunk.stored_bytes = static_cast<std::uint64_t>(row.integer(11));
  chunk.done_order = row.integer(12);
  return chunk;
}

}  // namespace

std::vector<Chunk> MetaDb::leased_chunks() {
  Statement rows(impl_->db, fmt::format("SELECT {} FROM chunk WHERE state = 0 ORDER BY id", kChunkColumns));
  std::vector<Chunk> out;
  while (rows.step()) out.push_back(chunk_of(rows));
  return out;
}

void MetaDb::forget_chunk(std::int64_t id) {
  Statement(impl_->db, "DELETE FROM chunk WHERE id = ?1").bind(id).run();
}

std::vector<MetaDb::TableTotals> MetaDb::table_totals() {
  Statement rows(impl_->db,
                 "SELECT t.schema_name, t.table_name, t.root_schema, t.root_name, coalesce(sum(c.rows), 0), "
                 "coalesce(sum(c.raw_bytes), 0), coalesce(min(CASE WHEN c.rows > 0 THEN c.file_name END), ''), "
                 "t.chunks > 0, t.handed_out = 0 OR coalesce(min(c.state), 1) = 0 "
                 "FROM snapshot_table t LEFT JOIN chunk c USING (schema_name, table_name) "
                 "GROUP BY t.schema_name, t.table_name ORDER BY t.position");
  std::vector<TableTotals> out;
  while (rows.step()) {
    out.push_back({.table = name_of(rows, 0),
                   .root = name_of(rows, 2),
                   .rows = static_cast<std::uint64_t>(rows.integer(4)),
                   .raw_bytes = static_cast<std::uint64_t>(rows.integer(5)),
                   .first_file = rows.text(6),
                   .begun = rows.integer(7) != 0,
                   .open = rows.integer(8) != 0});
  }
  return out;
}

std::vector<model::TableName> MetaDb::open_tables() {
  Statement rows(impl_->db,
                 "SELECT schema_name, table_name FROM snapshot_table WHERE handed_out = 0 "
                 "UNION SELECT schema_name, table_name FROM chunk WHERE state = 0");
  std::vector<model::TableName> out;
  while (rows.step()) out.push_back(name_of(rows, 0));
  return out;
}

std::vector<Chunk> MetaDb::done_chunks(std::int64_t after, Frames with_frames) {
  Statement rows(impl_->db,
                 fmt::format("SELECT {} FROM chunk WHERE done_order > ?1 ORDER BY done_order", kChunkColumns));
  Statement frames(impl_->db,
                   "SELECT number, offset, stored_bytes, raw_bytes, rows, crc32c FROM frame WHERE chunk_id = ?1 "
                   "ORDER BY number");
  std::vector<Chunk> out;
  rows.bind(after);
  while (rows.step()) {
    Chunk chunk = chunk_of(rows);
    if (with_frames == Frames::kRead) frames.bind(chunk.id);
    while (with_frames == Frames::kRead && frames.step()) {
      chunk.frames.push_back({.number = static_cast<std::int32_t>(frames.integer(0)),
                              .offset = static_cast<std::uint64_t>(frames.integer(1)),
                              .stored_bytes = static_cast<std::uint64_t>(frames.integer(2)),
                              .raw_bytes = static_cast<std::uint64_t>(frames.integer(3)),
                              .rows = static_cast<std::uint32_t>(frames.integer(4)),
                              .crc32c = static_cast<std::uint32_t>(frames.integer(5))});
    }
    out.push_back(std::move(chunk));
  }
  return out;
}

void MetaDb::clear_snapshot() {
  in_transaction(*this, impl_->db, [&] {
    impl_->exec("DELETE FROM frame; DELETE FROM chunk; DELETE FROM snapshot_table; DELETE FROM snapshot_sequence",
                "cannot clear the snapshot's state");
  });
}

void MetaDb::restart_table(const model::TableName& table, const model::RangeSpace& space) {
  in_transaction(*this, impl_->db, [&] {
    Statement(impl_->db, "DELETE FROM chunk WHERE schema_name = ?1 AND table_name = ?2")
        .bind(table.schema.catalog_text(), table.name.catalog_text())
        .run();
    Statement(
        impl_->db,
        "UPDATE snapshot_table SET range_begin = ?3, range_end = ?4, bytes_per_unit = ?5, next = ?3, handed_out = 0, "
        "generation = generation + 1, chunks = 0 WHERE schema_name = ?1 AND table_name = ?2")
        .bind(table.schema.catalog_text(), table.name.catalog_text(), space.all.begin, space.all.end,
              space.bytes_per_unit)
        .run();
  });
}

// --- import ---------------------------------------------------------------------------------------------------------

bool MetaDb::claim_chunk(std::string_view role, const Chunk& chunk, const model::TableName& target) {
  bool there = false;
  in_transaction(*this, impl_->db, [&] {
    Statement exists(impl_->db, "SELECT 1 FROM chunk WHERE id = ?1 AND file_name = ?2");
    there = exists.bind(chunk.id, chunk.file_name).step();
    if (there) add_imported(role, {.file_name = chunk.file_name, .table = target});
  });
  return there;
}

void MetaDb::add_imported(std::string_view role, const ImportedFile& delta) {
  Statement(
      impl_->db,
      "INSERT INTO imported_file VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (importer_role, file_name) DO "
      "UPDATE SET rows = rows + ?5, bytes = bytes + ?6, rows_set_aside = rows_set_aside + ?7, "
      "bytes_set_aside = bytes_set_aside + ?8")
      .bind(role, delta.file_name, delta.table.schema.catalog_text(), delta.table.name.catalog_text(), delta.rows,
            delta.bytes, delta.rows_set_aside, delta.bytes_set_aside)
      .run();
}

void MetaDb::set_imported(std::string_view role, const std::vector<ImportedFile>& files) {
  in_transaction(*this, impl_->db, [&] {
    Statement(impl_->db, "DELETE FROM imported_file WHERE importer_role = ?1").bind(role).run();
    for (const ImportedFile& file : files) add_imported(role, file);
  });
}

std::vector<ImportedFile> MetaDb::imported(std::string_view role) {
  Statement rows(impl_->db,
                 "SELECT file_name, schema_name, table_name, rows, bytes, rows_set_aside, bytes_set_aside FROM "
                 "imported_file WHERE importer_role = ?1 ORDER BY file_name");
  std::vector<ImportedFile> out;
  rows.bind(role);
  while (rows.step()) {
    out.push_back({.file_name = rows.text(0),
                   .table = name_of(rows, 1),
                   .rows = static_cast<std::uint64_t>(rows.integer(3)),
                   .bytes = static_cast<std::uint64_t>(rows.integer(4)),
                   .rows_set_aside = static_cast<std::uint64_t>(rows.integer(5)),
                   .bytes_set_aside = static_cast<std::uint64_t>(rows.integer(6))});
  }
  return out;
}

bool MetaDb::add_set_aside(std::string_view role, const SetAsideRow& row) {
  Statement(impl_->db, "INSERT INTO set_aside_row VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING")
      .bind(role, row.file_name, row.number, row.table.schema.catalog_text(), row.table.name.catalog_text(),
            row.sqlstate, row.reason)
      .run();
  return sqlite3_changes(impl_->db) == 1;
}

std::vector<SetAsideRow> MetaDb::set_aside(std::string_view role) {
  Statement rows(impl_->db,
                 "SELECT file_name, schema_name, table_name, number, sqlstate, reason FROM set_aside_row "
                 "WHERE importer_role = ?1 ORDER BY file_name, number");
  std::vector<SetAsideRow> out;
  rows.bind(role);
  while (rows.step()) {
    out.push_back({.file_name = rows.text(0),
                   .table = name_of(rows, 1),
                   .number = static_cast<std::int32_t>(rows.integer(3)),
                   .reason = rows.text(5),
                   .sqlstate = rows.text(4)});
  }
  return out;
}

void MetaDb::clear_import(std::string_view role) {
  in_transaction(*this, impl_->db, [&] {
    Statement(impl_->db, "DELETE FROM imported_file WHERE importer_role = ?1").bind(role).run();
    Statement(impl_->db, "DELETE FROM set_aside_row WHERE importer_role = ?1").bind(role).run();
  });
}

// --- statements that wait for rows
// ------------------------------------------------------------------------------------

void MetaDb::save_post_data(const std::vector<PostDataStatement>& statements) {
  in_transaction(*this, impl_->db, [&] {
    impl_->exec("DELETE FROM post_data_statement WHERE done = 0", "cannot save the statements that wait");
    for (const PostDataStatement& one : statements) add_post_data(one);
  });
}

std::int64_t MetaDb::add_post_data(const PostDataStatement& statement) {
  std::int64_t id = 0;
  in_transaction(*this, impl_->db, [&] {
    // A statement that was done once and is noted again must run again: its object was dropped in between.
    Statement insert(impl_->db,
                     "INSERT INTO post_data_statement (kind, schema_name, table_name, object, sql, file, line, done) "
                     "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0) ON CONFLICT (sql) DO UPDATE SET done = 0 RETURNING id");
    insert.bind(static_cast<int>(statement.kind), statement.table.schema.catalog_text(),
                statement.table.name.catalog_text(), statement.object, statement.sql, statement.file, statement.line);
    VOY_ASSERT(insert.step());
    id = insert.integer(0);
    VOY_ASSERT(!insert.step());
  });
  return id;
}

std::vector<PostDataStatement> MetaDb::post_data() {
  Statement rows(impl_->db,
                 "SELECT id, kind, schema_name, table_name, object, sql, file, line, done FROM post_data_statement "
                 "ORDER BY id");
  std::vector<PostDataStatement> out;
  while (rows.step()) {
    out.push_back({.id = rows.integer(0),
                   .kind = static_cast<PostDataStatement::Kind>(rows.integer(1)),
                   .table = name_of(rows, 2),
                   .object = rows.text(4),
                   .sql = rows.text(5),
                   .file = rows.text(6),
                   .line = static_cast<int>(rows.integer(7)),
                   .done = rows.integer(8) != 0});
  }
  return out;
}

void MetaDb::mark_post_data_done(std::int64_t id) {
  Statement(impl_->db, "UPDATE post_data_statement SET done = 1 WHERE id = ?1").bind(id).run();
}

void MetaDb::clear_post_data() {
  impl_->exec("DELETE FROM post_data_statement", "cannot clear the waiting statements");
}

}  // namespace voyager::format

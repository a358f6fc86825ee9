// Opening metainfo/meta.db, its versions, and its JSON objects.
#include "format/meta_db.h"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "format/meta_db_impl.h"

namespace voyager::format {
namespace {

constexpr int kVersion = 9;
constexpr int kBusyMilliseconds = 30'000;
constexpr int kModeLookMilliseconds = 20;

// kMigrations[n] takes the file from version n to n + 1. Never edited once released: add the next one.
constexpr std::array<const char*, kVersion> kMigrations = {R"sql(
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
)sql",
                                                           R"sql(
ALTER TABLE snapshot_sequence ADD COLUMN increment INTEGER NOT NULL DEFAULT 1;
)sql",
                                                           R"sql(
CREATE TABLE queue_segment_meta (
  segment_no INTEGER PRIMARY KEY, file_path TEXT NOT NULL, size_committed INTEGER NOT NULL DEFAULT 0,
  total_events INTEGER NOT NULL DEFAULT 0, exporter_role TEXT NOT NULL,
  imported_by_target_db_importer INTEGER NOT NULL DEFAULT 0,
  imported_by_source_replica_db_importer INTEGER NOT NULL DEFAULT 0,
  imported_by_source_db_importer INTEGER NOT NULL DEFAULT 0,
  archived INTEGER NOT NULL DEFAULT 0, deleted INTEGER NOT NULL DEFAULT 0, archive_location TEXT NOT NULL DEFAULT '',
  first_vsn INTEGER NOT NULL, next_vsn INTEGER NOT NULL, closed INTEGER NOT NULL DEFAULT 0,
  position TEXT NOT NULL DEFAULT '');  -- hex
CREATE TABLE exported_events_stats (
  run_id TEXT NOT NULL, exporter_role TEXT NOT NULL, timestamp INTEGER NOT NULL,  -- start of 10 s
  num_total INTEGER NOT NULL, num_inserts INTEGER NOT NULL, num_updates INTEGER NOT NULL, num_deletes INTEGER NOT NULL,
  PRIMARY KEY (run_id, exporter_role, timestamp)) WITHOUT ROWID;
CREATE TABLE exported_events_stats_per_table (
  exporter_role TEXT NOT NULL, schema_name TEXT NOT NULL, table_name TEXT NOT NULL,
  num_total INTEGER NOT NULL, num_inserts INTEGER NOT NULL, num_updates INTEGER NOT NULL, num_deletes INTEGER NOT NULL,
  PRIMARY KEY (exporter_role, schema_name, table_name)) WITHOUT ROWID;
)sql",
                                                           R"sql(
CREATE TABLE schema_object (
  id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, schema_name TEXT NOT NULL, object_name TEXT NOT NULL,
  is_property INTEGER NOT NULL, outcome INTEGER NOT NULL, note TEXT NOT NULL, statement TEXT NOT NULL,
  by_import INTEGER NOT NULL DEFAULT 0);  -- only the import knows it
CREATE INDEX schema_object_name ON schema_object (kind, schema_name, object_name);
CREATE TABLE schema_statement (
  fingerprint INTEGER NOT NULL, object_id INTEGER NOT NULL, PRIMARY KEY (fingerprint, object_id)) WITHOUT ROWID;
CREATE INDEX schema_statement_object ON schema_statement (object_id);
CREATE TABLE schema_statement_outcome (  -- not in effect on the target, or not as it stands
  id INTEGER PRIMARY KEY, command TEXT NOT NULL, file TEXT NOT NULL, line INTEGER NOT NULL, statement TEXT NOT NULL,
  reason TEXT NOT NULL, failed INTEGER NOT NULL, sqlstate TEXT NOT NULL, made_with_rest INTEGER NOT NULL, object_id INTEGER NOT NULL);
)sql",
                                                           R"sql(
ALTER TABLE set_aside_row ADD COLUMN discarded INTEGER NOT NULL DEFAULT 0;
)sql",
                                                           R"sql(
ALTER TABLE set_aside_row ADD COLUMN released INTEGER NOT NULL DEFAULT 0;
)sql",
                                                           R"sql(
CREATE TABLE lane_key (  -- form '': the importer has noted all others
  importer_role TEXT NOT NULL, form TEXT NOT NULL, columns TEXT, PRIMARY KEY (importer_role, form)) WITHOUT ROWID;
INSERT INTO lane_key SELECT substr(key, 12), '', NULL FROM json_objects WHERE substr(key, 1, 11) = 'lane_rules_';
INSERT INTO lane_key
  SELECT substr(j.key, 12), e.key, CASE WHEN json_extract(e.value, '$.one_lane') THEN NULL
                                        ELSE trim(json_extract(e.value, '$.key'), '[]') END
  FROM json_objects j, json_each(j.json_text) e WHERE substr(j.key, 1, 11) = 'lane_rules_';
DELETE FROM json_objects WHERE substr(key, 1, 11) = 'lane_rules_';
)sql",
                                                           R"sql(
ALTER TABLE set_aside_row ADD COLUMN line INTEGER NOT NULL DEFAULT 0;  -- 0: not a row of a user's file
)sql",
                                                           R"sql(
CREATE TABLE lane_rule (
  importer_role TEXT PRIMARY KEY, lanes INTEGER NOT NULL, partition_key TEXT NOT NULL DEFAULT 'auto',
  overrides TEXT NOT NULL DEFAULT '', keep_transactions INTEGER NOT NULL DEFAULT 0,
  keys_noted INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;  -- 1: lane_key has all that it has to have
INSERT INTO lane_rule (importer_role, lanes)
  SELECT CASE key WHEN 'event_lanes' THEN 'target_db_importer' ELSE substr(key, 13) END, CAST(json_text AS INTEGER)
  FROM json_objects WHERE (key = 'event_lanes' OR substr(key, 1, 12) = 'event_lanes_') AND CAST(json_text AS INTEGER) > 0;
UPDATE lane_rule AS r SET partition_key = json_extract(j.json_text, '$.partition_key'),
    overrides = json_extract(j.json_text, '$.overrides'),
    keep_transactions = json_extract(j.json_text, '$.keep_transactions')
  FROM json_objects j WHERE j.key = 'lane_order_' || r.importer_role AND j.json_text <> '';
UPDATE lane_rule SET keys_noted = 1 WHERE importer_role IN (SELECT importer_role FROM lane_key WHERE form = '');
DELETE FROM lane_key WHERE form = '';
DELETE FROM json_objects
  WHERE key = 'event_lanes' OR substr(key, 1, 12) = 'event_lanes_' OR substr(key, 1, 11) = 'lane_order_';
)sql"};
static_assert(kMigrations.size() == kVersion);

std::filesystem::path file_of(const std::filesystem::path& export_dir) {
  return export_dir / "metainfo" / "meta.db";
}

}  // namespace

// Two commands that open a new file at once both want to change its mode, and SQLite does not let one wait for the
// other there.
void MetaDb::Impl::use_write_ahead_log() {
  for (int waited = 0;; waited += kModeLookMilliseconds) {
    const int result = sqlite3_exec(db, "PRAGMA journal_mode = WAL", nullptr, nullptr, nullptr);
    if (result == SQLITE_OK) return;
    if (result != SQLITE_BUSY || waited >= kBusyMilliseconds) fail_sqlite(db, "cannot open the state of the migration");
    sqlite3_sleep(kModeLookMilliseconds);
  }
}

int MetaDb::Impl::version() {
  Statement statement(db, "PRAGMA user_version");
  return statement.step() ? static_cast<int>(statement.integer(0)) : 0;
}

void MetaDb::Impl::migrate() {
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

// False when it has to be written first: it is of an earlier version, or what SQLite keeps beside it cannot be made.
bool MetaDb::Impl::open_to_read(const std::filesystem::path& file) {
  if (sqlite3_open_v2(file.c_str(), &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nullptr) == SQLITE_OK) {
    sqlite3_busy_timeout(db, kBusyMilliseconds);
    sqlite3_stmt* asks = nullptr;
    const bool readable = sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &asks, nullptr) == SQLITE_OK &&
                          sqlite3_step(asks) == SQLITE_ROW && sqlite3_column_int(asks, 0) == kVersion;
    sqlite3_finalize(asks);
    if (readable) return true;
  }
  sqlite3_close(db);
  db = nullptr;
  return false;
}

MetaDb::MetaDb(const std::filesystem::path& export_dir, Mode mode) : impl_(std::make_unique<Impl>()) {
  impl_->export_dir = export_dir;
  impl_->mode = mode;
  const std::filesystem::path file = file_of(export_dir);
  if (mode == Mode::kReadOnly && impl_->open_to_read(file)) return;
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
  impl_->wait_for_disk(true);
  impl_->exec("PRAGMA foreign_keys = ON", "cannot open the state of the migration");
  impl_->use_write_ahead_log();
  impl_->migrate();
}

MetaDb::~MetaDb() = default;

bool MetaDb::exists(const std::filesystem::path& export_dir) {
  return std::filesystem::exists(file_of(export_dir));
}

std::unique_ptr<MigrationState> MetaDb::peer() {
  return std::make_unique<MetaDb>(impl_->export_dir, impl_->mode);
}

namespace {

class Transaction {
 public:
  explicit Transaction(sqlite3* db) : db_(db) { exec("BEGIN IMMEDIATE", "cannot lock the state"); }
  ~Transaction() {
    if (open_) sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  void commit() {
    exec("COMMIT", "cannot save the state");
    open_ = false;
  }

 private:
  void exec(const char* sql, const char* what) {
    if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail_sqlite(db_, what);
  }

  sqlite3* db_;
  bool open_ = true;
};

}  // namespace

void MetaDb::in_transaction(const std::function<void()>& body) {
  if (sqlite3_get_autocommit(impl_->db) == 0) return body();
  Transaction transaction(impl_->db);
  body();
  transaction.commit();
}

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
  in_transaction([&] {
    const std::string before = json(key);
    nlohmann::json value = before.empty() ? nlohmann::json::object() : nlohmann::json::parse(before);
    value.merge_patch(nlohmann::json::parse(merge_patch));
    set_json(key, value.dump());
  });
}

}  // namespace voyager::format

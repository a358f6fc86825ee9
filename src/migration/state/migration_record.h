// What is known of a migration as a whole: what is done, in which way, and which cutover is pending. One value with one
// reader and one writer; it is kept as the JSON object `migration_status` (docs/formats/meta-db.md has its names).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "format/ledgers.h"
#include "model/connection.h"
#include "model/identifier.h"

namespace voyager::migration {

/// How a database was reached last, and what was found there. Never with a password.
struct NotedDatabase {
  std::string product = {};
  std::string host = {};
  int port = 0;
  std::string user = {};
  std::string database = {};
  std::string ssl_mode = {};
  std::string ssl_cert = {};
  std::string ssl_key = {};
  std::string ssl_root_cert = {};
  std::string ssl_crl = {};
  std::string version = {};  ///< For people; empty where it was not asked.
  std::vector<model::Identifier> schemas = {};

  /// With side, password and stop left out.
  model::ConnectionOptions options() const;
  /// The version stays.
  void note(const model::ConnectionOptions& options);
};

/// What the last `import schema` was told.
struct SchemaImportNotes {
  bool continue_on_error = false;
  bool ignore_exist = false;
  bool run_guardrails = true;
  std::vector<std::string> object_types = {};
  std::vector<std::string> excluded_object_types = {};
};

struct NotedTarget : NotedDatabase {
  std::vector<std::string> endpoints = {};
  bool use_public_ip = false;
  bool for_rows = false;  ///< An import of rows has noted it, not only one of the schema.
  SchemaImportNotes schema_import = {};

  model::ConnectionOptions options() const;
  void note(const model::ConnectionOptions& options);
};

/// What the files below schema/ were written for.
struct ExportedSchemaNotes {
  std::string target = {};               ///< Product; empty: an older version wrote them.
  bool recommendations_applied = false;  ///< Colocation, redundant indexes.
  bool colocated_tables = false;         ///< Some tables are meant to share a tablet.
  // What was taken along. verify compares by default what was.
  bool owners = false;
  bool grants = false;
  bool comments = false;
  bool settings = false;  ///< Of the database and of roles in it.
};

enum class ExportType : std::uint8_t { kSnapshotOnly, kSnapshotAndChanges, kChangesOnly };
/// "snapshot-only", ...
std::string_view word_of(ExportType type);

/// How the rows of the snapshot go to the target.
enum class SnapshotWay : std::uint8_t { kFiles, kWithoutFiles };

/// The tables that are exported, for scripts. Names are quoted.
struct ExportedTables {
  std::vector<std::string> roots = {};
  std::vector<std::string> leaves = {};
  std::map<std::string, std::string> root_of_leaf = {};  ///< Where they differ.
  bool limited = false;                                  ///< The user has named tables.
};

/// What `import data file` was told last.
struct FileImportNotes {
  std::string file_table_map = {};
  std::string data_dir = {};
  std::string default_schema = {};
};

/// How far one cutover is.
struct CutoverMarks {
  bool requested = false;
  bool captured = false;       ///< The last change and the word behind it are in the queue.
  bool exporter_done = false;  ///< Sequences are noted, and nothing of the capture is left on its database.
  bool applied = false;        ///< Everything before the word is on the other side.
  bool importer_done = false;  ///< Its sequences are set.
  bool done() const { return requested && exporter_done && importer_done; }
};

struct NotedCutover {
  CutoverMarks marks = {};
  std::string requested_at = {};  ///< RFC 3339, UTC; empty before.
};

struct MigrationRecord {
  std::string uuid = {};
  std::string begun_by_version = {};  ///< Of yb-voyager.
  std::string config_file = {};       ///< Of the last command that changed something.
  std::optional<NotedDatabase> source = {};
  std::optional<NotedTarget> target = {};
  std::optional<NotedDatabase> source_replica = {};
  std::optional<NotedDatabase> source_as_target = {};  ///< Another way to the source, where earlier versions noted one.

  bool assessed = false;
  bool assessed_by_export_schema = false;
  bool schema_exported = false;
  ExportedSchemaNotes schema = {};
  bool performance_compared = false;

  std::optional<ExportType> export_type = {};
  std::optional<SnapshotWay> snapshot_way = {};
  /// `export data` has begun; behind a cutover to the source: the source keeps its changes.
  bool export_begun = false;
  bool exported = false;
  /// The target may have rows or changes of ours.
  bool import_begun = false;
  ExportedTables tables = {};
  std::vector<std::string> tables_read_later = {};  ///< Under a later snapshot than the others.
  std::vector<std::string> value_rules = {};        ///< That rows were exported by.
  std::vector<std::string> type_rules = {};         ///< That the schema was exported by.
  FileImportNotes files = {};

  NotedCutover to_target = {};
  NotedCutover to_source = {};
  NotedCutover to_source_replica = {};
  bool fall_back = false;     ///< Asked for with the cutover to the target.
  bool fall_forward = false;  ///< A replica of the source follows.
  bool target_captured_for_fall_back = false;
  bool target_captured_for_fall_forward = false;
  bool source_importer_begun = false;
  bool next_iteration_requested = false;  ///< With the cutover to the source.
  bool next_iteration_made = false;
  int iteration = 0;                   ///< 0: the migration itself.
  std::string parent_export_dir = {};  ///< Of an iteration: the migration's.
  int latest_iteration = 0;            ///< Of the migration; for scripts.
  bool archiving = false;              ///< `archive changes` has been asked for.
  bool segments_being_removed = false;
};

/// Nothing but defaults while nothing was noted, and where the text is damaged or a member has another type.
MigrationRecord migration_record(format::DocumentLedger& db);

/// Members of the JSON object that no field stands for stay as they are. Use `change_record`, which loses no change of
/// another process.
void save_record(format::DocumentLedger& db, const MigrationRecord& record);

/// Reads, changes and saves in one transaction, the caller's where one is open.
template <typename Change>
void change_record(format::DocumentLedger& db, Change&& change) {
  db.in_transaction([&] {
    MigrationRecord record = migration_record(db);
    change(record);
    save_record(db, record);
  });
}

}  // namespace voyager::migration

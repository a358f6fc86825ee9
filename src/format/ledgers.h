// What is known of a migration, cut by who asks: small ledgers of one state. format/meta_db.h keeps them in a file.
// Within one connection a ledger is used by one thread at a time; a call is one transaction unless inside of
// `in_transaction`. All throw Error.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "model/post_data_statement.h"
#include "model/rows.h"
#include "model/schema_object.h"
#include "model/snapshot.h"
#include "model/table.h"

namespace voyager::format {

/// Documented JSON objects: what is known of the migration as a whole, and options that later runs go by.
class DocumentLedger {
 public:
  virtual ~DocumentLedger() = default;
  /// Runs `body` in one transaction over all ledgers of the connection: the caller's where one is open, else one of its
  /// own, of which nothing stays when `body` throws.
  virtual void in_transaction(const std::function<void()>& body) = 0;
  /// The text under `key`, or empty. Keys: migration_status, import_data_status, import_data_file_status, ...
  virtual std::string json(std::string_view key) = 0;
  virtual void set_json(std::string_view key, std::string_view text) = 0;
  /// Reads, patches and writes `key` in one transaction: `merge_patch` is an RFC 7386 JSON merge patch.
  virtual void patch_json(std::string_view key, std::string_view merge_patch) = 0;
};

/// Which tables the snapshot reads.
class PlanLedger {
 public:
  virtual ~PlanLedger() = default;
  virtual void save_plan(const std::vector<model::PlannedTable>& tables) = 0;
  virtual std::vector<model::PlannedTable> plan() = 0;
  virtual void save_sequences(const std::vector<model::Sequence>& sequences) = 0;
  virtual std::vector<model::Sequence> sequences() = 0;  ///< By name.
  /// Forgets a table's chunks and puts it back to the start with the next generation.
  virtual void restart_table(const model::TableName& table, const model::RangeSpace& space) = 0;
  /// Forgets plan, chunks, frames and sequences (start clean).
  virtual void clear_snapshot() = 0;
};

/// What was read of them. A chunk exists for the importer when it is done.
class ChunkLedger {
 public:
  virtual ~ChunkLedger() = default;
  /// Inserts a leased chunk and moves its table's `next` in one transaction; fills id and file_name.
  virtual void lease_chunk(model::Chunk& chunk, std::uint64_t next, bool handed_out) = 0;
  virtual void finish_chunk(const model::Chunk& chunk) = 0;
  /// A done chunk that lies in no file and is to be read again: leased once more, under the same name.
  virtual void reopen_chunk(const model::Chunk& chunk) = 0;
  virtual std::vector<model::Chunk> leased_chunks() = 0;
  /// Done chunks with a done_order above `after`, in that order; a terabyte has a million frames, so those only if
  /// asked.
  enum class Frames : std::uint8_t { kLeaveOut, kRead };
  virtual std::vector<model::Chunk> done_chunks(std::int64_t after, Frames frames = Frames::kRead) = 0;
};

/// How far the planned tables are.
class SnapshotTotals {
 public:
  virtual ~SnapshotTotals() = default;
  virtual std::vector<model::TableTotals> table_totals() = 0;  ///< In the plan's order.
  /// The planned tables whose chunks are not all done; quick, for asking often.
  virtual std::vector<model::TableName> open_tables() = 0;
};

/// How much of each file is in, as an importer last knew: only to be shown. `role` as in docs: target_db_importer,
/// import_file.
class ImportedFiles {
 public:
  virtual ~ImportedFiles() = default;
  virtual void add_imported(std::string_view role, const model::ImportedFile& delta) = 0;
  /// Replaces what is known of one file's rows and bytes by what the target says; rows set aside stay.
  virtual void set_imported_rows(std::string_view role, const model::ImportedFile& file) = 0;
  /// Replaces what is known of these files by what the target says.
  virtual void set_imported_files(std::string_view role, const std::vector<model::ImportedFile>& files) = 0;
  /// Replaces what is known of all files.
  virtual void set_imported(std::string_view role, const std::vector<model::ImportedFile>& files) = 0;
  virtual std::vector<model::ImportedFile> imported(std::string_view role) = 0;  ///< By name.
};

/// What an importer has taken hold of.
class ImportClaims {
 public:
  virtual ~ImportClaims() = default;
  /// Notes, before the first batch of a chunk file is sent, that its rows may now be on the target. False when the
  /// chunk is not there any more (its table is being exported again).
  virtual bool claim_chunk(std::string_view role, const model::Chunk& chunk, const model::TableName& target) = 0;
  /// Forgets all that the importer has noted: files, rows set aside, lanes, segments.
  virtual void clear_import(std::string_view role) = 0;
  /// Forgets the files and rows set aside of one table of the target.
  virtual void clear_import_of(std::string_view role, const model::TableName& table) = 0;
};

/// Rows that the target refused, with the reason.
class SetAsideLedger {
 public:
  virtual ~SetAsideLedger() = default;
  /// False when the row was known already; a released one is set aside again, with its new reason.
  virtual bool add_set_aside(std::string_view role, const model::SetAsideRow& row) = 0;
  /// Those that need no loading: without the released ones. By file and number.
  virtual std::vector<model::SetAsideRow> set_aside(std::string_view role) = 0;
  /// The rows of these files that were not given up are to be loaded; they stay known until the target has them.
  virtual void release_set_aside(std::string_view role, const std::vector<std::string>& files) = 0;
  /// The tables with released rows.
  virtual std::vector<model::TableName> released_tables(std::string_view role) = 0;
  /// Of rows that the target has.
  virtual void forget_set_aside(std::string_view role, const std::vector<model::BatchKey>& rows) = 0;
};

/// Statements that wait for rows.
class StatementLedger {
 public:
  virtual ~StatementLedger() = default;
  /// Replaces all statements that are not done.
  virtual void save_post_data(const std::vector<model::PostDataStatement>& statements) = 0;
  /// Adds one (a key dropped for the load), or makes the one of the same text wait again; returns its id.
  virtual std::int64_t add_post_data(const model::PostDataStatement& statement) = 0;
  virtual std::vector<model::PostDataStatement> post_data() = 0;  ///< In the order in which they were added.
  virtual void mark_post_data_done(std::int64_t id) = 0;
  virtual void clear_post_data() = 0;
};

/// What became of the source's objects.
class ObjectLedger {
 public:
  virtual ~ObjectLedger() = default;
  /// Replaces all by what the export says of them.
  virtual void save_schema_objects(const std::vector<model::SchemaObject>& objects) = 0;
  /// As they are now, in the order in which they were saved.
  virtual std::vector<model::SchemaObject> schema_objects() = 0;
  /// What `command` made of the statements of `files` (below schema/) now, in place of what it made of them before. An
  /// object is known by the statement's fingerprint, else by kind, schema and name; one that the export does not know
  /// is added as a property.
  virtual void note_statement_outcomes(const std::string& command, const std::vector<std::string>& files,
                                       const std::vector<model::StatementOutcome>& outcomes) = 0;
  /// Of all commands, in the order in which they were noted, without `fingerprint` and `object`.
  virtual std::vector<model::StatementOutcome> statement_outcomes() = 0;
  virtual void forget_statement_outcomes() = 0;
};

}  // namespace voyager::format

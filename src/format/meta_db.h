// metainfo/meta.db: the one truth about a migration on our side. Format: docs/formats/meta-db.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/post_data_statement.h"
#include "model/rows.h"
#include "model/schema_object.h"
#include "model/snapshot.h"
#include "model/table.h"

struct sqlite3;

namespace voyager::format {

/// Opens one connection to the file. One thread at a time may use it; several processes may have it open (WAL; waits up
/// to 30 s for the other's transaction). Every method is one transaction unless inside `Transaction`. Throws Error; a
/// damaged file is named as such (code DIR-005) with what to do.
class MetaDb {
 public:
  enum class Mode : std::uint8_t { kReadWrite, kReadOnly };
  /// Creates the file and its folder, or opens and migrates it forward. A newer version is refused. kReadOnly: for who
  /// only asks; takes no lock that another one waits for, and nothing can be changed. A file of an earlier version is
  /// brought forward all the same.
  explicit MetaDb(const std::filesystem::path& export_dir, Mode mode = Mode::kReadWrite);
  ~MetaDb();
  MetaDb(const MetaDb&) = delete;
  MetaDb& operator=(const MetaDb&) = delete;

  static bool exists(const std::filesystem::path& export_dir);

  /// Groups several calls; rolled back unless committed.
  class Transaction {
   public:
    explicit Transaction(MetaDb& db);
    ~Transaction();
    void commit();

   private:
    MetaDb& db_;
    bool open_ = true;
  };

  /// Runs `body` in one transaction: the caller's where one is open, else one of its own.
  void in_transaction(const std::function<void()>& body);

  // --- documented JSON objects (table json_objects) -------------------------------------------------------------
  /// The text under `key`, or empty. Keys: migration_status, import_data_status, import_data_file_status, ...
  std::string json(std::string_view key);
  void set_json(std::string_view key, std::string_view text);
  /// Reads, patches and writes `key` in one transaction: `merge_patch` is an RFC 7386 JSON merge patch.
  void patch_json(std::string_view key, std::string_view merge_patch);

  // --- snapshot plan and chunks -----------------------------------------------------------------------------------
  void save_plan(const std::vector<model::PlannedTable>& tables);
  std::vector<model::PlannedTable> plan();
  void save_sequences(const std::vector<model::Sequence>& sequences);
  std::vector<model::Sequence> sequences();
  /// Inserts a leased chunk and moves its table's `next` in one transaction; fills id and file_name.
  void lease_chunk(model::Chunk& chunk, std::uint64_t next, bool handed_out);
  void finish_chunk(const model::Chunk& chunk);
  /// A done chunk that lies in no file and is to be read again: leased once more, under the same name.
  void reopen_chunk(const model::Chunk& chunk);
  /// What of each planned table is finished, in the plan's order.
  struct TableTotals {
    model::TableName table = {};
    model::TableName root = {};
    std::uint64_t rows = 0, raw_bytes = 0;
    std::string first_file = {};  ///< Empty when no chunk with rows is finished.
    bool begun = false;           ///< A chunk was ever leased.
    bool open = true;             ///< Not all is handed out, or a chunk is still leased.
  };
  std::vector<TableTotals> table_totals();
  /// The planned tables whose chunks are not all done; quick, for asking often.
  std::vector<model::TableName> open_tables();
  std::vector<model::Chunk> leased_chunks();
  /// Done chunks with a done_order above `after`, in that order; a terabyte has a million frames, so those only if
  /// asked.
  enum class Frames : std::uint8_t { kLeaveOut, kRead };
  std::vector<model::Chunk> done_chunks(std::int64_t after, Frames frames = Frames::kRead);
  /// Forgets plan, chunks, frames and sequences (start clean).
  void clear_snapshot();
  /// Forgets a table's chunks and puts it back to the start with the next generation.
  void restart_table(const model::TableName& table, const model::RangeSpace& space);

  // --- import -----------------------------------------------------------------------------------------------------
  /// Notes, before the first batch of a chunk file is sent, that its rows may now be on the target. False when the
  /// chunk is not there any more (its table is being exported again).
  bool claim_chunk(std::string_view role, const model::Chunk& chunk, const model::TableName& target);
  /// `role` as in docs: target_db_importer, import_file.
  void add_imported(std::string_view role, const model::ImportedFile& delta);
  /// Replaces what is known of one file's rows and bytes by what the target says; rows set aside stay.
  void set_imported_rows(std::string_view role, const model::ImportedFile& file);
  /// Replaces what is known of these files by what the target says.
  void set_imported_files(std::string_view role, const std::vector<model::ImportedFile>& files);
  /// Replaces what is known of all files.
  void set_imported(std::string_view role, const std::vector<model::ImportedFile>& files);
  std::vector<model::ImportedFile> imported(std::string_view role);
  /// False when the row was known already; a released one is set aside again, with its new reason.
  bool add_set_aside(std::string_view role, const model::SetAsideRow& row);
  /// Those that need no loading: without the released ones.
  std::vector<model::SetAsideRow> set_aside(std::string_view role);
  /// The rows of these files that were not given up are to be loaded; they stay known until the target has them.
  void release_set_aside(std::string_view role, const std::vector<std::string>& files);
  /// The tables with released rows.
  std::vector<model::TableName> released_tables(std::string_view role);
  /// Of rows that the target has.
  void forget_set_aside(std::string_view role, const std::vector<model::BatchKey>& rows);
  void clear_import(std::string_view role);
  /// The same for one table of the target.
  void clear_import_of(std::string_view role, const model::TableName& table);

  // --- statements that wait for rows --------------------------------------------------------------------------------
  /// Replaces all statements that are not done.
  void save_post_data(const std::vector<model::PostDataStatement>& statements);
  /// Adds one (a key dropped for the load) unless a statement of the same text is there; returns its id.
  std::int64_t add_post_data(const model::PostDataStatement& statement);
  std::vector<model::PostDataStatement> post_data();
  void mark_post_data_done(std::int64_t id);
  void clear_post_data();

  // --- what became of the source's objects --------------------------------------------------------------------------
  /// Replaces all by what the export says of them.
  void save_schema_objects(const std::vector<model::SchemaObject>& objects);
  /// As they are now, in the order in which they were saved.
  std::vector<model::SchemaObject> schema_objects();
  /// What `command` made of the statements of `files` (below schema/) now, in place of what it made of them before. An
  /// object is known by the statement's fingerprint, else by kind, schema and name; one that the export does not know
  /// is added as a property.
  void note_statement_outcomes(const std::string& command, const std::vector<std::string>& files,
                               const std::vector<model::StatementOutcome>& outcomes);
  /// Of all commands, in the order in which they were noted, without `fingerprint` and `object`.
  std::vector<model::StatementOutcome> statement_outcomes();
  void forget_statement_outcomes();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  friend class Transaction;
  friend class QueueLedger;
  friend class LaneLedger;
};

}  // namespace voyager::format

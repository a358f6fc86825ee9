// What an import notes on our side: progress for status commands, and rows set aside.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "format/migration_state.h"
#include "migration/snapshot/batch.h"
#include "migration/state/import_record.h"

namespace voyager::migration {

/// Lanes of the importer have begun: what is in its database came with changes, too.
bool changes_were_applied(format::LaneLedger& db, std::string_view importer);
/// Everything that is known of the importer's database goes: it begins anew.
void forget_import(format::MigrationState& db, std::string_view importer);

/// The one way of import workers to the state. What was imported is noted there only to be shown, so it is saved when
/// `save` is called and not with every batch; the target's own bookkeeping is the truth. Thread-safe.
class ImportLedger {
 public:
  ImportLedger(format::MigrationState& db, std::string_view role, std::filesystem::path export_dir)
      : db_(db), role_(role), export_dir_(std::move(export_dir)) {}

  struct Claim {
    const model::Chunk* chunk = nullptr;
    model::TableName target = {};
    std::uint64_t rows = 0, bytes = 0;  ///< What the target has of it already.
  };
  /// Before the first batch of these chunks, and on disk when it returns: one write for all of them. False for one that
  /// is gone, so that its rows must not be loaded.
  std::vector<bool> claim(const std::vector<Claim>& claims);
  /// The same for a user's file; what the target has of it is noted as it is found.
  void claim_file(const std::string& file, const model::TableName& target);
  void note_found(const ImportFile& file, std::uint64_t rows, std::uint64_t bytes);
  /// After the target has committed `batch`.
  void note_imported(const Batch& batch, std::uint64_t rows);
  void save();
  /// Keeps a refused row: appended to its file below data/errors/, synced, then known to the state; only then it counts
  /// as handled. `row` is its bytes. Safe to repeat after a kill.
  void set_aside(const Batch& one_row, const std::string& row, const std::string& sqlstate, const std::string& reason);
  /// What the target did otherwise than on the source: on disk when it returns, each text once.
  void add_note(const std::string& note);
  /// Of the whole import, earlier runs included.
  std::vector<std::string> notes();
  /// Rows set aside, as batches of one row: part of what need not be loaded.
  std::vector<model::BatchKey> handled();
  /// Makes the rows of these files (with their tables) that were set aside rows to be loaded. They stay in the state
  /// until `close` forgets them or they are set aside again. Safe to repeat after a kill.
  void release(const std::map<std::string, model::TableName>& files);
  std::vector<model::TableName> released_tables();
  struct Closing {
    std::vector<model::ImportedFile> files = {};        ///< As the target says.
    bool all_files = false;                             ///< There are no others.
    std::vector<model::BatchKey> no_longer_aside = {};  ///< As of ImportRun::set_aside_but_in.
  };
  /// Marks the import as done, with its figures.
  void close(const Closing& closing);

 private:
  void add(const ImportFile& file, std::uint64_t rows, std::uint64_t bytes) VOY_REQUIRES(mutex_);

  base::Mutex mutex_;
  format::MigrationState& db_ VOY_GUARDED_BY(mutex_);
  std::map<std::string, model::ImportedFile> unsaved_ VOY_GUARDED_BY(mutex_);  // by file
  std::set<std::string> notes_ VOY_GUARDED_BY(mutex_);                         // on disk already
  const std::string role_;
  const std::filesystem::path export_dir_;
};

}  // namespace voyager::migration

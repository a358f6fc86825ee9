// What an import notes on our side: progress for status commands, and rows set aside.
#pragma once

#include <filesystem>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "format/meta_db.h"
#include "migration/snapshot/batch.h"

namespace voyager::migration {

/// The role names of the documents: target_db_importer, import_file.
inline constexpr std::string_view kTargetImporter = "target_db_importer";
inline constexpr std::string_view kFileImporter = "import_file";

/// The one way of import workers to the state. Thread-safe.
class ImportLedger {
 public:
  ImportLedger(format::MetaDb& db, std::string_view role, std::filesystem::path export_dir)
      : db_(db), role_(role), export_dir_(std::move(export_dir)) {}

  /// Before the first batch of a chunk: false when the chunk is gone, so its rows must not be loaded.
  bool claim(const format::Chunk& chunk, const model::TableName& target);
  /// Before the first batch of a user's file.
  void claim_file(const std::string& file, const model::TableName& target);
  /// After the target has committed `batch`.
  void note_imported(const Batch& batch, std::uint64_t rows);
  /// Keeps a refused row: appended to its file below data/errors/, synced, then known to the state; only then it counts
  /// as handled. `row` is its bytes. Safe to repeat after a kill.
  void set_aside(const Batch& one_row, const std::string& row, const std::string& sqlstate, const std::string& reason);
  /// What the target did otherwise than on the source, each text once.
  void add_note(const std::string& note);
  std::vector<std::string> take_notes();
  /// Rows set aside, as batches of one row: part of what need not be loaded.
  std::vector<model::BatchKey> handled();
  std::uint64_t rows_set_aside();
  /// Overwrites the local figures by what the target says.
  void reset_imported(const std::vector<format::ImportedFile>& files);

 private:
  std::mutex mutex_;
  format::MetaDb& db_;           // used under mutex_ only
  std::set<std::string> notes_;  // guarded by mutex_
  const std::string role_;
  const std::filesystem::path export_dir_;
};

}  // namespace voyager::migration

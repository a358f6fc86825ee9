// import data and import data file: batches of rows into the target, exactly once.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "connector/connector.h"
#include "format/chunk_store.h"
#include "format/migration_state.h"
#include "migration/schema/options_left_out.h"
#include "model/connection.h"
#include "model/flow_context.h"
#include "model/rows.h"
#include "model/table_list.h"

namespace voyager::migration {

enum class ErrorPolicy { kAbort, kStashAndContinue };
enum class KeyConflict { kErrorPolicy, kIgnore };
enum class Adaptive { kDisabled, kBalanced, kAggressive };

/// Who brings the chunks that are not there yet.
struct Exporter {
  std::function<bool()> runs = {};  ///< Whether an export of this migration is at work; nothing: one always is.
  std::string command = {};         ///< That starts it, ready to paste.
};

struct ImportDataOptions {
  std::string command = "import data";  ///< Whose import this is, for people.
  std::filesystem::path export_dir = {};
  model::TableList tables = {};
  std::int64_t batch_rows = 0;            ///< 0 = the target's default.
  int parallel_jobs = 0;                  ///< 0 = from the target.
  std::optional<Adaptive> adaptive = {};  ///< Nothing: the target's default, disabled when parallel_jobs is given.
  int adaptive_max = 0;
  std::string encoding = {};  ///< As CopyFormat::encoding: of the files, or of rows that were exported as raw bytes.
  ErrorPolicy error_policy = ErrorPolicy::kAbort;
  KeyConflict key_conflict = KeyConflict::kErrorPolicy;
  std::optional<bool> random_batches = {};  ///< Batches in any order; nothing: where the target is distributed.
  bool start_clean = false;
  bool truncate_tables = false;
  bool run_guardrails = true;
  bool skip_replication_checks = false;
  bool skip_node_health_checks = false;
  Exporter exporter = {};
  /// The files whose set-aside rows are tried again, as the bookkeeping calls them, with their tables on the target:
  /// such a run loads these tables (files) and no others, whatever else it was given. Rows are in already, and
  /// sequences may be in use.
  std::map<std::string, model::TableName> retried = {};
  int tries_max = 10;                     ///< Of a batch.
  std::chrono::seconds longest_wait{60};  ///< Between two of them.
  int cpu_percent_max = 0;                ///< Of a node, when the number of jobs adapts; 0: as the mode says.
  std::chrono::seconds cluster_look{10};  ///< How often the nodes are asked.
  /// Called before anything of the target is changed; throws what must not begin.
  std::function<void()> before_begun = {};
  /// Called once nothing refuses the run any more, before the first row.
  std::function<void()> on_begun = {};
  /// Into the source-replica: its schema is the user's, so nothing of it is put off for the load or built afterwards.
  bool to_replica = false;
};

/// A file of `import data file`.
struct UserFile {
  std::filesystem::path path = {};
  model::TableName table = {};
};

struct FileImportOptions {
  ImportDataOptions common = {};
  std::vector<UserFile> files = {};
  model::CopyFormat format = {};
  bool has_header = false;
  std::uint64_t row_bytes_max = 32ULL * 1024 * 1024;        ///< CSV_READER_MAX_BUFFER_SIZE_BYTES
  std::int32_t frames_per_name = model::kFramesPerFileMax;  ///< Smaller in tests.
};

struct ImportedTable {
  model::TableName table = {};
  std::string file_name = {};  ///< import data file only.
  std::uint64_t rows = 0;
  std::uint64_t rows_set_aside = 0;
  std::uint64_t bytes = 0;
};

struct ImportDataReport {
  std::vector<ImportedTable> tables = {};
  std::uint64_t rows_set_aside_now = 0;  ///< By this run; the tables' figures are those of the whole import.
  std::uint64_t indexes_built = 0;
  std::vector<OptionLeftOut> left_out = {};  ///< Of those indexes.
  double seconds = 0;
};

/// Imports what the export has finished, waits for more while an export is at work, builds indexes of finished tables
/// where the target wants them after the rows, then sequences and foreign keys. Rows come from `store`. Every row of
/// every chunk is in or set aside when it returns; throws DIR-008 when rows are missing and nobody exports them.
/// Resumes by asking the target. Drains like export_data.
ImportDataReport import_data(const connector::ConnectorEntry& product, const model::ConnectionOptions& target,
                             const ImportDataOptions& options, const format::ChunkStore& store,
                             format::MigrationState& db, const model::FlowContext& context);

/// The same for files that the user brings: batches are byte ranges found by a scan for row ends.
ImportDataReport import_data_file(const connector::ConnectorEntry& product, const model::ConnectionOptions& target,
                                  const FileImportOptions& options, format::MigrationState& db,
                                  const model::FlowContext& context);

}  // namespace voyager::migration

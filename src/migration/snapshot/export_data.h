// export data: the snapshot of the source into chunk files.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "connector/connector.h"
#include "format/chunk_store.h"
#include "format/migration_state.h"
#include "model/connection.h"
#include "model/flow_context.h"
#include "model/table_list.h"

namespace voyager::migration {

enum class DataFormat { kAuto, kText, kBinary };

struct ExportDataOptions {
  std::string command = "export data";  ///< Whose export this is, for people.
  bool to_files = true;                 ///< False: the rows go straight on to a target (copy data).
  std::filesystem::path export_dir = {};
  model::TableList tables = {};
  int parallel_jobs = 4;
  bool start_clean = false;
  bool run_guardrails = true;
  bool compress = true;
  DataFormat format = DataFormat::kAuto;
  bool with_changes = false;               ///< A capture begins exactly where the snapshot ends; see migration/changes.
  bool snapshot = true;                    ///< False, with_changes only: the rows that are there now stay behind.
  std::optional<bool> large_objects = {};  ///< Nothing: yes, unless the tables are limited.
};

struct ExportedTable {
  model::TableName table = {};  ///< Roots stand for their leaves.
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
};

struct ExportDataReport {
  std::vector<ExportedTable> tables = {};  ///< By rows, largest first.
  std::uint64_t rows_read = 0;             ///< Equal to the sum of rows, or the run has failed.
  double seconds = 0;
};

/// Throws COP-001 or EXP-001, before anything is changed, where there is nothing to export.
void refuse_export(const ExportDataOptions& options, format::MigrationState& db);

/// Exports what is not yet exported. `target_columns` are the target's tables when known (for the choice of binary
/// rows); else the ones that import schema noted in the state are used. Writes chunk files into `store`, metainfo views
/// and the state. A drain (`stop`) ends with Error kInterrupted/kTerminated after the chunks in hand; run again to go
/// on.
ExportDataReport export_data(const connector::ConnectorEntry& product, const model::ConnectionOptions& source,
                             const std::optional<std::vector<model::Table>>& target_columns,
                             const ExportDataOptions& options, format::ChunkStore& store, format::MigrationState& db,
                             const model::FlowContext& context);

}  // namespace voyager::migration

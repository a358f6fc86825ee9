// The state as rows of the status reports.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "format/migration_state.h"
#include "model/data_migration_report.h"
#include "report/status_report.h"

namespace voyager::cli {

inline constexpr const char* kExportStatusFile = "export-data-status-report.json";
inline constexpr const char* kImportStatusFile = "import-data-status-report.json";
inline constexpr const char* kDataMigrationReportFile = "data-migration-report.json";

/// Nothing when export data has never planned a snapshot.
std::optional<std::vector<report::ExportStatusRow>> export_status(format::MigrationState& db);

struct ImportStatus {
  report::ImportKind kind = report::ImportKind::kTables;
  std::vector<report::ImportStatusRow> rows = {};
};
/// Of `import data`, or of `import data file` when that was used. Nothing when no import has started.
std::optional<ImportStatus> import_status(format::MigrationState& db);

class Session;
/// What of each table was exported and imported, changes included, by iteration, the first one first; `count`: with the
/// rows that the databases count, in the last one.
std::vector<std::vector<model::DataReportRow>> data_migration_reports(Session& session, bool count);

/// Writes the two JSON reports below `folder` as far as there is something to say.
void write_status_reports(format::MigrationState& db, const std::filesystem::path& folder);

}  // namespace voyager::cli

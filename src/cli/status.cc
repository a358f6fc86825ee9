#include "cli/status.h"

#include <algorithm>
#include <map>

#include "base/error.h"
#include "base/files.h"
#include "cli/file_map.h"
#include "migration/snapshot/export_plan.h"
#include "migration/state/import_record.h"
#include "migration/state/migration_record.h"
#include "migration/state/status.h"

namespace voyager::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTableImporter = "target_db_importer";
constexpr const char* kFileImporter = "import_file";

std::optional<ImportStatus> table_import_status(format::MigrationState& db) {
  const std::vector<model::ImportedFile> imported = db.imported(kTableImporter);
  if (imported.empty() && !migration::import_was_noted(db, migration::kTargetImporter) &&
      !migration::import_data_started(db)) {
    return std::nullopt;
  }
  std::map<std::string, model::ImportedFile> by_file;
  for (const model::ImportedFile& one : imported) by_file[one.file_name] = one;
  const bool export_done = migration::export_data_done(db);
  std::map<model::TableName, report::ImportStatusRow> rows;
  std::map<model::TableName, model::TableName> root_of;
  for (const model::TableTotals& table : db.table_totals()) {
    root_of[table.table] = table.root;
    report::ImportStatusRow& row = rows[table.root];
    row.table = model::quoted(table.root);
    row.total_final = export_done;
  }
  for (const model::Chunk& chunk : db.done_chunks(0, format::ChunkLedger::Frames::kLeaveOut)) {
    const auto root = root_of.find(chunk.table);
    if (root == root_of.end()) continue;
    report::ImportStatusRow& row = rows[root->second];
    row.total += chunk.rows;
    const auto found = by_file.find(chunk.file_name);
    if (found == by_file.end()) continue;
    row.imported += found->second.rows;
    row.errored += found->second.rows_set_aside;
    row.started = true;
  }
  for (auto& [root, row] : rows) row.started = row.started || (row.total == 0 && export_done);
  ImportStatus status;
  for (auto& [root, row] : rows) status.rows.push_back(std::move(row));
  return status;
}

std::optional<ImportStatus> file_import_status(format::MigrationState& db) {
  const migration::FileImportNotes told = migration::migration_record(db).files;
  if (told.file_table_map.empty()) return std::nullopt;
  const std::string schema = told.default_schema.empty() ? "public" : told.default_schema;
  ImportStatus out{.kind = report::ImportKind::kFiles};
  std::map<std::string, std::size_t> by_path;
  const auto row_of = [&](const fs::path& path, const model::TableName& table,
                          std::uint64_t total) -> report::ImportStatusRow& {
    const auto [at, is_new] = by_path.try_emplace(path.string(), out.rows.size());
    if (is_new) out.rows.push_back({.table = model::quoted(table), .file = path.filename().string(), .total = total});
    return out.rows[at->second];
  };
  try {
    for (const migration::UserFile& file : mapped_files(told.data_dir, told.file_table_map, schema)) {
      row_of(file.path, file.table, fs::file_size(file.path));
    }
  } catch (const base::Error&) {
    // The files have been moved away since: what was imported of them is still told below.
  }
  for (const model::ImportedFile& one : db.imported(kFileImporter)) {
    // A row that was set aside has at least the byte that ends its line.
    const std::uint64_t errored = std::max(one.bytes_set_aside, one.rows_set_aside);
    report::ImportStatusRow& row = row_of(one.file_name, one.table, one.bytes + one.bytes_set_aside);
    row.errored += errored;
    row.imported += std::min(one.bytes, row.total - std::min(row.total, errored));
    row.started = true;
  }
  return out;
}

}  // namespace

std::optional<std::vector<report::ExportStatusRow>> export_status(format::MigrationState& db) {
  const bool all_done = migration::export_data_done(db);
  const std::vector<model::TableTotals> tables = db.table_totals();
  if (tables.empty() && !all_done) return std::nullopt;
  const model::Identifier default_schema = migration::default_schema_of(migration::source_schemas(db));
  std::vector<report::ExportStatusRow> rows;
  for (const model::TableTotals& table : tables) {
    const report::ExportStatus status = !table.open   ? report::ExportStatus::kDone
                                        : table.begun ? report::ExportStatus::kExporting
                                                      : report::ExportStatus::kNotStarted;
    rows.push_back(
        {.table = migration::exported_name(table.root, default_schema), .status = status, .exported_rows = table.rows});
  }
  return rows;
}

std::optional<ImportStatus> import_status(format::MigrationState& db) {
  if (auto files = file_import_status(db)) return files;
  return table_import_status(db);
}

void write_status_reports(format::MigrationState& db, const fs::path& folder) {
  fs::create_directories(folder);
  if (const auto rows = export_status(db)) {
    base::write_file_atomically(folder / kExportStatusFile, report::export_status_json(*rows));
  }
  if (const auto status = import_status(db)) {
    base::write_file_atomically(folder / kImportStatusFile, report::import_status_json(status->rows, status->kind));
  }
}

}  // namespace voyager::cli

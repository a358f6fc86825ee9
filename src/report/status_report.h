// `export data status`, `import data status` and the tables at the end of export and import: values in, text out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "report/table.h"

namespace voyager::report {

/// Enumerators stand in the order in which rows are shown.
enum class ExportStatus { kNotStarted, kExporting, kDone };
enum class ImportStatus { kMigrating, kDone, kDoneWithErrors, kNotStarted };
/// NOT-STARTED, EXPORTING, DONE
const char* to_string(ExportStatus status);
/// NOT_STARTED, MIGRATING, DONE, DONE_WITH_ERRORS
const char* to_string(ImportStatus status);

/// A table, or a leaf partition under its root's name: rows of the same table are added up. The sum is DONE when all
/// its parts are, NOT-STARTED when none has begun.
struct ExportStatusRow {
  std::string table = {};  ///< As shown: TableName::display().
  ExportStatus status = ExportStatus::kNotStarted;
  std::uint64_t exported_rows = 0;
};

/// Counts are rows after `export data`, bytes after `import data file`. Rows of the same table and file are added up.
struct ImportStatusRow {
  std::string table = {};
  std::string file = {};  ///< `import data file` only.
  std::uint64_t total = 0;
  std::uint64_t imported = 0;
  std::uint64_t errored = 0;
  bool total_final = true;  ///< False while the export may still add rows.
  bool started = false;
};
ImportStatus import_status(const ImportStatusRow& row);
/// Floored to two decimals; 100 only when nothing is left, and for an empty table.
double import_percentage(const ImportStatusRow& row);

/// Columns TABLE, STATUS, EXPORTED ROWS. Order: NOT-STARTED, EXPORTING, DONE, then by name.
std::string export_status_text(const std::vector<ExportStatusRow>& rows, const TextStyle& style);
/// Array of {table_name, status, exported_count, format_version}. Whole JSON documents end with a newline; one-line
/// events and errors do not.
std::string export_status_json(const std::vector<ExportStatusRow>& rows);

enum class ImportKind { kTables, kFiles };
/// Columns TABLE, STATUS, TOTAL ROWS, IMPORTED ROWS, ERRORED ROWS, PERCENTAGE; for files TABLE, FILE, STATUS, TOTAL
/// SIZE, IMPORTED SIZE, ERRORED SIZE, PERCENTAGE. Order: MIGRATING, DONE, DONE_WITH_ERRORS, NOT_STARTED, then by name.
std::string import_status_text(const std::vector<ImportStatusRow>& rows, ImportKind kind, const TextStyle& style);
/// Array of {table_name, file_name (files only), status, total_count, imported_count, errored_count,
/// percentage_complete, format_version}.
std::string import_status_json(const std::vector<ImportStatusRow>& rows, ImportKind kind);

/// One table (or file) of the report at the end of a run.
struct ReportRow {
  std::string schema = {};
  std::string table = {};
  std::string file = {};  ///< `import data file` only.
  std::uint64_t rows = 0;
  std::uint64_t rows_errored = 0;
  std::uint64_t bytes = 0;
};
/// SCHEMA, TABLE, ROW COUNT by rows, largest first; of more than 200 tables the first 40. `schema_title` is DATABASE
/// for products without schemas.
std::string export_report_text(std::vector<ReportRow> rows, const TextStyle& style,
                               std::string_view schema_title = "SCHEMA");
/// As above, with all tables that set rows aside: SCHEMA, TABLE, IMPORTED ROW COUNT, and ERRORED ROW COUNT when rows
/// were set aside; for files also FILE and IMPORTED SIZE.
std::string import_report_text(std::vector<ReportRow> rows, ImportKind kind, const TextStyle& style,
                               std::string_view schema_title = "SCHEMA");

}  // namespace voyager::report

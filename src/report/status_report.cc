#include "report/status_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

#include "base/text.h"
#include "report/format_versions.h"
#include "report/json_number.h"

namespace voyager::report {

namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

ExportStatus combined(ExportStatus a, ExportStatus b) {
  return a == b ? a : ExportStatus::kExporting;
}

std::vector<ExportStatusRow> merged(const std::vector<ExportStatusRow>& rows) {
  std::map<std::string, ExportStatusRow> tables;
  for (const ExportStatusRow& row : rows) {
    const auto [at, is_new] = tables.try_emplace(row.table, row);
    if (is_new) continue;
    at->second.status = combined(at->second.status, row.status);
    at->second.exported_rows += row.exported_rows;
  }
  std::vector<ExportStatusRow> out;
  for (auto& [name, row] : tables) out.push_back(std::move(row));
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.status < b.status; });
  return out;
}

std::vector<ImportStatusRow> merged(const std::vector<ImportStatusRow>& rows) {
  std::map<std::tuple<std::string, std::string>, ImportStatusRow> tables;
  for (const ImportStatusRow& row : rows) {
    const auto [at, is_new] = tables.try_emplace({row.table, row.file}, row);
    if (is_new) continue;
    ImportStatusRow& sum = at->second;
    sum.total += row.total;
    sum.imported += row.imported;
    sum.errored += row.errored;
    sum.total_final &= row.total_final;
    sum.started |= row.started;
  }
  std::vector<ImportStatusRow> out;
  for (auto& [name, row] : tables) out.push_back(std::move(row));
  std::stable_sort(out.begin(), out.end(),
                   [](const auto& a, const auto& b) { return import_status(a) < import_status(b); });
  return out;
}

bool is_complete(const ImportStatusRow& row) {
  return row.total_final && row.imported + row.errored >= row.total;
}

std::string count(std::uint64_t number, const TextStyle& style) {
  return style.grouped_digits ? base::format_count(number) : std::to_string(number);
}

std::string amount(std::uint64_t number, ImportKind kind, const TextStyle& style) {
  return kind == ImportKind::kFiles ? base::format_bytes(number) : count(number, style);
}

void by_rows(std::vector<ReportRow>& rows) {
  std::sort(rows.begin(), rows.end(), [](const ReportRow& a, const ReportRow& b) {
    if (a.rows != b.rows) return a.rows > b.rows;
    return std::tie(a.schema, a.table, a.file) < std::tie(b.schema, b.table, b.file);
  });
}

/// Where a migration has more tables than these, nobody reads a list of all.
constexpr std::size_t kRowsTold = 200;
constexpr std::size_t kRowsShown = 40;

/// Of many rows in order the first, and any from which rows were set aside. What is left out: "4,960 more, with 12,345
/// rows".
std::string fold(std::vector<ReportRow>& rows, std::string_view what, std::string_view where) {
  if (rows.size() <= kRowsTold) return {};
  const auto left_out = std::stable_partition(rows.begin() + kRowsShown, rows.end(),
                                              [](const ReportRow& row) { return row.rows_errored > 0; });
  std::uint64_t count = 0;
  for (auto row = left_out; row != rows.end(); ++row) count += row->rows;
  const std::string text = fmt::format("{} more {}, with {} rows ({} lists them)\n",
                                       base::format_count(static_cast<std::uint64_t>(rows.end() - left_out)), what,
                                       base::format_count(count), where);
  rows.erase(left_out, rows.end());
  return text;
}

}  // namespace

const char* to_string(ExportStatus status) {
  switch (status) {
    case ExportStatus::kNotStarted:
      return "NOT-STARTED";
    case ExportStatus::kExporting:
      return "EXPORTING";
    case ExportStatus::kDone:
      return "DONE";
  }
  return "NOT-STARTED";
}

const char* to_string(ImportStatus status) {
  switch (status) {
    case ImportStatus::kMigrating:
      return "MIGRATING";
    case ImportStatus::kDone:
      return "DONE";
    case ImportStatus::kDoneWithErrors:
      return "DONE_WITH_ERRORS";
    case ImportStatus::kNotStarted:
      return "NOT_STARTED";
  }
  return "NOT_STARTED";
}

ImportStatus import_status(const ImportStatusRow& row) {
  if (is_complete(row)) return row.errored > 0 ? ImportStatus::kDoneWithErrors : ImportStatus::kDone;
  const bool untouched = !row.started && row.imported + row.errored == 0;
  return untouched ? ImportStatus::kNotStarted : ImportStatus::kMigrating;
}

double import_percentage(const ImportStatusRow& row) {
  if (is_complete(row)) return 100;
  if (row.total == 0) return 0;
  const double share = static_cast<double>(row.imported + row.errored) / static_cast<double>(row.total);
  return std::clamp(std::floor(share * 10'000) / 100, 0.0, 99.99);
}

std::string export_status_text(const std::vector<ExportStatusRow>& rows, const TextStyle& style) {
  TextTable table{.columns = {{"TABLE"}, {"STATUS"}, {"EXPORTED ROWS", Align::kRight}}};
  for (const ExportStatusRow& row : merged(rows)) {
    table.rows.push_back({row.table, to_string(row.status), count(row.exported_rows, style)});
  }
  return table_text(table, style);
}

std::string export_status_json(const std::vector<ExportStatusRow>& rows) {
  Json out = Json::array();
  for (const ExportStatusRow& row : merged(rows)) {
    out.push_back({{"table_name", row.table},
                   {"status", to_string(row.status)},
                   {"exported_count", row.exported_rows},
                   {"format_version", kStatusForm}});
  }
  return dump(out);
}

std::string import_status_text(const std::vector<ImportStatusRow>& rows, ImportKind kind, const TextStyle& style) {
  const bool files = kind == ImportKind::kFiles;
  TextTable table{.columns = {{"TABLE"}}};
  if (files) table.columns.push_back({"FILE"});
  table.columns.push_back({"STATUS"});
  for (const char* title : {"TOTAL", "IMPORTED", "ERRORED"}) {
    table.columns.push_back({fmt::format("{} {}", title, files ? "SIZE" : "ROWS"), Align::kRight});
  }
  table.columns.push_back({"PERCENTAGE", Align::kRight});
  for (const ImportStatusRow& row : merged(rows)) {
    std::vector<std::string> cells{row.table};
    if (files) cells.push_back(row.file);
    cells.push_back(to_string(import_status(row)));
    for (const std::uint64_t number : {row.total, row.imported, row.errored})
      cells.push_back(amount(number, kind, style));
    cells.push_back(fmt::format("{:.2f}", import_percentage(row)));
    table.rows.push_back(std::move(cells));
  }
  return table_text(table, style);
}

std::string import_status_json(const std::vector<ImportStatusRow>& rows, ImportKind kind) {
  Json out = Json::array();
  for (const ImportStatusRow& row : merged(rows)) {
    Json one = {{"table_name", row.table}};
    if (kind == ImportKind::kFiles) one["file_name"] = row.file;
    one["status"] = to_string(import_status(row));
    one["total_count"] = row.total;
    one["imported_count"] = row.imported;
    one["errored_count"] = row.errored;
    one["percentage_complete"] = number_json(import_percentage(row));
    one["format_version"] = kStatusForm;
    out.push_back(std::move(one));
  }
  return dump(out);
}

std::string export_report_text(std::vector<ReportRow> rows, const TextStyle& style, std::string_view schema_title) {
  by_rows(rows);
  const std::string more = fold(rows, "tables", "export data status");
  TextTable table{.columns = {{std::string(schema_title)}, {"TABLE"}, {"ROW COUNT", Align::kRight}}};
  for (const ReportRow& row : rows) table.rows.push_back({row.schema, row.table, base::format_count(row.rows)});
  return table_text(table, style) + more;
}

std::string import_report_text(std::vector<ReportRow> rows, ImportKind kind, const TextStyle& style,
                               std::string_view schema_title) {
  by_rows(rows);
  const bool files = kind == ImportKind::kFiles;
  const std::string more = fold(rows, files ? "files" : "tables", "import data status");
  const bool errors = std::any_of(rows.begin(), rows.end(), [](const ReportRow& row) { return row.rows_errored > 0; });
  TextTable table{.columns = {{std::string(schema_title)}, {"TABLE"}}};
  if (files) table.columns.push_back({"FILE"});
  table.columns.push_back({"IMPORTED ROW COUNT", Align::kRight});
  if (errors) table.columns.push_back({"ERRORED ROW COUNT", Align::kRight});
  if (files) table.columns.push_back({"IMPORTED SIZE", Align::kRight});
  for (const ReportRow& row : rows) {
    std::vector<std::string> cells{row.schema, row.table};
    if (files) cells.push_back(row.file);
    cells.push_back(base::format_count(row.rows));
    if (errors) cells.push_back(base::format_count(row.rows_errored));
    if (files) cells.push_back(base::format_bytes(row.bytes));
    table.rows.push_back(std::move(cells));
  }
  return table_text(table, style) + more;
}

}  // namespace voyager::report

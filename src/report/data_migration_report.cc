#include "report/data_migration_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "report/format_versions.h"
#include "report/text_width.h"

namespace voyager::report {
namespace {

using Json = nlohmann::ordered_json;
using model::DataReportRow;

constexpr std::size_t kRowsPerPage = 30;

const char* name_of(model::DatabaseRole database) {
  switch (database) {
    case model::DatabaseRole::kTarget:
      return "target";
    case model::DatabaseRole::kSourceReplica:
      return "source-replica";
    case model::DatabaseRole::kSource:
      break;
  }
  return "source";
}

std::int64_t difference(const DataReportRow& row) {
  return static_cast<std::int64_t>(*row.counted_rows) - row.rows_so_far();
}

std::string check_of(const DataReportRow& row) {
  if (!row.counted_rows) return "not counted";
  const std::int64_t by = difference(row);
  return by == 0 ? "equal" : fmt::format("differs by {:+}", by);
}

using Cells = std::vector<std::string>;

void add(Cells& cells, const model::MovedChanges& changes) {
  for (const std::uint64_t one : {changes.inserts, changes.updates, changes.deletes})
    cells.push_back(std::to_string(one));
}

Cells cells_of(const DataReportRow& row, bool counted, bool first, bool detailed) {
  Cells cells = {first ? model::display(row.table) : "", name_of(row.database)};
  if (detailed) cells.push_back(std::to_string(row.iteration));
  for (const std::uint64_t rows : {row.exported_snapshot_rows, row.imported_snapshot_rows, row.errored_snapshot_rows})
    cells.push_back(row.iteration > 0 ? "-" : std::to_string(rows));
  add(cells, row.exported);
  add(cells, row.imported);
  cells.push_back(std::to_string(row.final_rows()));
  if (detailed) cells.push_back(std::to_string(row.rows_so_far()));
  if (!counted) return cells;
  cells.push_back(row.counted_rows ? std::to_string(*row.counted_rows) : "-");
  cells.push_back(check_of(row));
  return cells;
}

std::string line_of(const Cells& cells, const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string blanks(widths[i] - std::min(widths[i], display_width(cells[i])), ' ');
    line += (i == 0 ? "" : " | ") + (i < 2 ? cells[i] + blanks : blanks + cells[i]);
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

}  // namespace

std::string data_migration_report_text(const std::vector<DataReportRow>& rows, const TextStyle& style,
                                       Iterations iterations) {
  const bool detailed = iterations == Iterations::kDetailed;
  const bool counted = std::ranges::any_of(rows, [](const DataReportRow& row) { return row.counted_rows.has_value(); });
  std::vector<Cells> header = {{"TABLE", "DB_TYPE", "EXPORTED", "IMPORTED", "ERRORED-IMPORTED", "EXPORTED", "EXPORTED",
                                "EXPORTED", "IMPORTED", "IMPORTED", "IMPORTED", "FINAL_ROW_COUNT"},
                               {"", "", "SNAPSHOT_ROWS", "SNAPSHOT_ROWS", "SNAPSHOT_ROWS", "INSERTS", "UPDATES",
                                "DELETES", "INSERTS", "UPDATES", "DELETES", ""}};
  if (detailed) {
    header[0].insert(header[0].begin() + 2, "ITERATION");
    header[1].insert(header[1].begin() + 2, "NUMBER");
    header[0].emplace_back("CUMULATIVE");
    header[1].emplace_back("FINAL_ROW_COUNT");
  }
  if (counted) {
    header[0].insert(header[0].end(), {"COUNTED_ROWS", "CHECK"});
    header[1].insert(header[1].end(), {"", ""});
  }
  std::vector<Cells> body;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool first = i % kRowsPerPage == 0 || rows[i].table != rows[i - 1].table;
    body.push_back(cells_of(rows[i], counted, first, detailed));
  }
  std::vector<std::size_t> widths(header[0].size(), 0);
  for (const std::vector<Cells>* part : {&header, &body}) {
    for (const Cells& cells : *part) {
      for (std::size_t i = 0; i < cells.size(); ++i) widths[i] = std::max(widths[i], display_width(cells[i]));
    }
  }
  std::string out;
  for (std::size_t i = 0; i == 0 || i < body.size(); i += kRowsPerPage) {
    if (i > 0) out += "\n";
    for (const Cells& cells : header) {
      const std::string line = line_of(cells, widths);
      out += style.colour ? "\x1b[1m" + line.substr(0, line.size() - 1) + "\x1b[0m\n" : line;
    }
    for (std::size_t row = i; row < std::min(body.size(), i + kRowsPerPage); ++row) out += line_of(body[row], widths);
  }
  return out;
}

std::string data_migration_report_json(const std::vector<DataReportRow>& rows, Iterations iterations) {
  Json out = Json::array();
  for (const DataReportRow& row : rows) {
    Json one = {{"table_name", model::display(row.table)},
                {"db_type", name_of(row.database)},
                {"iteration_number", row.iteration},
                {"exported_snapshot_rows", row.exported_snapshot_rows},
                {"imported_snapshot_rows", row.imported_snapshot_rows},
                {"errored_imported_snapshot_rows", row.errored_snapshot_rows},
                {"imported_inserts", row.imported.inserts},
                {"imported_updates", row.imported.updates},
                {"imported_deletes", row.imported.deletes},
                {"exported_inserts", row.exported.inserts},
                {"exported_updates", row.exported.updates},
                {"exported_deletes", row.exported.deletes},
                {"final_row_count", row.final_rows()}};
    if (iterations == Iterations::kDetailed) one["cumulative_final_row_count"] = row.rows_so_far();
    if (row.truncated_rows > 0) one["truncated_rows"] = row.truncated_rows;
    if (row.counted_rows) {
      one["counted_rows"] = *row.counted_rows;
      one["check"] = check_of(row);
    }
    one["format_version"] = kDataReportForm;
    out.push_back(std::move(one));
  }
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace voyager::report

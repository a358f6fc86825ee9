#include "migration/snapshot/export_views.h"

#include <map>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "model/identifier.h"

namespace voyager::migration {
namespace {

using nlohmann::ordered_json;

const char* status_of(const format::MetaDb::TableTotals& table) {
  if (!table.open) return "DONE";
  return table.begun ? "EXPORTING" : "NOT-STARTED";
}

}  // namespace

void write_export_snapshot_status(const std::filesystem::path& export_dir, format::MetaDb& db) {
  ordered_json tables = ordered_json::object();
  for (const format::MetaDb::TableTotals& table : db.table_totals()) {
    tables[model::quoted(table.table)] = {{"table_name", model::display(table.table)},
                                          {"file_name", table.first_file},
                                          {"status", status_of(table)},
                                          {"exported_row_count_snapshot", table.rows}};
  }
  base::write_file_atomically(export_dir / "metainfo" / "export_snapshot_status.json",
                              ordered_json{{"tables", tables}}.dump(1, '\t') + "\n");
}

void write_data_file_descriptor(const std::filesystem::path& export_dir, format::MetaDb& db) {
  std::map<model::TableName, model::Table> planned;
  for (format::PlannedTable& table : db.plan()) planned[table.table.name] = std::move(table.table);

  ordered_json files = ordered_json::array();
  ordered_json columns = ordered_json::object();
  for (const format::Chunk& chunk : db.done_chunks(0, format::MetaDb::Frames::kLeaveOut)) {
    if (chunk.rows == 0) continue;
    const model::Table& table = planned.at(chunk.table);
    files.push_back({{"FilePath", chunk.file_name},
                     {"TableName", model::quoted(table.root)},
                     {"RowCount", chunk.rows},
                     {"FileSize", chunk.stored_bytes},
                     {"RowFormat", chunk.rows_format == model::RowFormat::kBinary ? "binary" : "text"},
                     {"Compression", chunk.compressed ? "zstd" : "none"}});
  }
  for (const auto& [name, table] : planned) {
    ordered_json names = ordered_json::array();
    for (const model::Column& column : table.columns) {
      if (!column.generated) names.push_back(column.name.catalog_text());
    }
    columns[model::quoted(name)] = std::move(names);
  }
  const ordered_json descriptor = {{"FileFormat", "text"}, {"Delimiter", "\t"},
                                   {"HasHeader", false},   {"NullString", "\\N"},
                                   {"FileList", files},    {"TableNameToExportedColumns", columns}};
  base::write_file_atomically(export_dir / "metainfo" / "dataFileDescriptor.json", descriptor.dump(1, '\t') + "\n");
}

}  // namespace voyager::migration

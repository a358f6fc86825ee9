#include "migration/snapshot/export_views.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

#include "base/files.h"
#include "base/text.h"
#include "format/chunk_file.h"
#include "format/json_members.h"
#include "migration/snapshot/chunk_scheduler.h"
#include "migration/snapshot/export_plan.h"
#include "migration/state/status.h"
#include "model/identifier.h"

namespace voyager::migration {
namespace {

using nlohmann::ordered_json;

const char* status_of(const model::TableTotals& table) {
  if (!table.open) return "DONE";
  return table.begun ? "EXPORTING" : "NOT-STARTED";
}

}  // namespace

void write_export_snapshot_status(const std::filesystem::path& export_dir, format::DocumentLedger& documents,
                                  format::SnapshotTotals& totals) {
  const std::filesystem::path data = std::filesystem::absolute(export_dir) / "data";
  const model::Identifier default_schema = default_schema_of(source_schemas(documents));
  ordered_json tables = ordered_json::object();
  for (const model::TableTotals& table : totals.table_totals()) {
    const bool is_leaf = table.root != table.table;
    const std::string name = is_leaf ? exported_name(table.root, default_schema) : model::quoted(table.table);
    format::append_member(tables, model::quoted(table.table),
                          {{"table_name", name},
                           {"file_name", table.first_file.empty() ? "" : data / table.first_file},
                           {"status", status_of(table)},
                           {"exported_row_count_snapshot", table.rows}});
  }
  base::write_file_atomically(export_dir / "metainfo" / "export_snapshot_status.json",
                              ordered_json{{"tables", tables}, {"format_version", 1}}.dump(1, '\t') + "\n");
}

void write_data_file_descriptor(const std::filesystem::path& export_dir, format::PlanLedger& plan,
                                format::ChunkLedger& chunks) {
  std::map<model::TableName, model::Table> planned;
  for (model::PlannedTable& table : plan.plan()) planned[table.table.name] = std::move(table.table);

  ordered_json files = ordered_json::array();
  ordered_json columns = ordered_json::object();
  for (const model::Chunk& chunk : chunks.done_chunks(0, format::ChunkLedger::Frames::kLeaveOut)) {
    if (chunk.rows == 0) continue;
    const model::Table& table = planned.at(chunk.table);
    files.push_back({{"FilePath", chunk.file_name},
                     {"TableName", model::quoted(table.root)},
                     {"RowCount", chunk.rows},
                     {"FileSize", chunk.stored_bytes + format::chunk_trailer(chunk).size()},
                     {"RowFormat", chunk.rows_format == model::RowFormat::kBinary ? "binary" : "text"},
                     {"Compression", chunk.compressed ? "zstd" : "none"}});
  }
  for (const auto& [name, table] : planned) {
    ordered_json names = ordered_json::array();
    for (const model::Column& column : table.columns) {
      if (!column.generated) names.push_back(column.name.catalog_text());
    }
    format::append_member(columns, model::quoted(name), std::move(names));
  }
  const ordered_json descriptor = {{"FileFormat", "text"}, {"Delimiter", "\t"}, {"HasHeader", false},
                                   {"NullString", "\\N"},  {"FileList", files}, {"TableNameToExportedColumns", columns},
                                   {"FormatVersion", 1}};
  base::write_file_atomically(export_dir / "metainfo" / "dataFileDescriptor.json", descriptor.dump(1, '\t') + "\n");
}

std::string value_changes_patch(const std::string& file_name, const std::vector<connector::ValueChange>& changes) {
  if (changes.empty()) return {};
  ordered_json list = ordered_json::array();
  for (const connector::ValueChange& one : changes) {
    list.push_back({{"table", model::display(one.table)},
                    {"column", model::display(one.column)},
                    {"value", one.what},
                    {"rule", one.action},
                    {"rows", one.rows},
                    {"first_keys", one.keys}});
  }
  return ordered_json{{file_name, list}}.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::vector<std::string> write_value_changes(const std::filesystem::path& export_dir, format::MigrationState& db) {
  const std::filesystem::path file = export_dir / "reports" / "value-changes.json";
  const std::string text = db.json(kValueChanges);
  const ordered_json noted = text.empty() ? ordered_json::object() : ordered_json::parse(text);
  std::map<std::tuple<std::string, std::string, std::string, std::string>, ordered_json> sums;
  std::vector<std::string> from;
  for (const model::Chunk& chunk : db.done_chunks(0, format::ChunkLedger::Frames::kLeaveOut))
    from.push_back(chunk.file_name);
  for (const auto& [name, list] : noted.items()) {
    if (name.starts_with(kOfCapturedChanges)) from.push_back(name);
  }
  for (const std::string& name : from) {
    if (!noted.contains(name)) continue;
    for (const ordered_json& one : noted[name]) {
      ordered_json& sum = sums[{one["table"], one["column"], one["value"], one["rule"]}];
      if (sum.is_null()) {
        sum = one;
        continue;
      }
      sum["rows"] = sum["rows"].get<std::uint64_t>() + one["rows"].get<std::uint64_t>();
      constexpr std::size_t kKeysMax = 5;
      for (const ordered_json& key : one["first_keys"]) {
        if (sum["first_keys"].size() < kKeysMax) sum["first_keys"].push_back(key);
      }
    }
  }
  if (sums.empty()) {
    std::error_code ignored;  // Of an earlier export.
    std::filesystem::remove(file, ignored);
    return {};
  }
  std::vector<std::string> lines;
  ordered_json list = ordered_json::array();
  for (const auto& [key, one] : sums) {
    lines.push_back(fmt::format("{}.{}: {} in {} rows, rule {}", one["table"].get<std::string>(),
                                one["column"].get<std::string>(), one["value"].get<std::string>(),
                                base::format_count(one["rows"].get<std::uint64_t>()), one["rule"].get<std::string>()));
    list.push_back(one);
  }
  std::filesystem::create_directories(file.parent_path());
  base::write_file_atomically(file, ordered_json{{"format_version", 1}, {"changes", list}}.dump(2) + "\n");
  return lines;
}

}  // namespace voyager::migration

#include "migration/changes/capture_record.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "migration/changes/state_text.h"
#include "migration/state/migration_record.h"

namespace voyager::migration {
namespace {

using nlohmann::json;

std::string key_of(const std::string& exporter_role) {
  return "capture_" + exporter_role;
}

}  // namespace

std::optional<CaptureRecord> capture_record(format::DocumentLedger& db, const std::string& exporter_role) {
  const json saved = json::parse(db.json(key_of(exporter_role)), nullptr, false);
  if (!saved.is_object() || !saved.contains("start")) return std::nullopt;
  CaptureRecord record{.start = {bytes_of_hex(saved.value("start", ""))}};
  for (const std::string& one : saved.value("undo", std::vector<std::string>()))
    record.undo.push_back(from_state_text(one));
  const json held = saved.value("held", json::object());
  for (const auto& [table, position] : held.items())
    record.held[model::parse_table_name(from_state_text(table))] = {bytes_of_hex(position.get<std::string>())};
  return record;
}

void save_capture_record(format::DocumentLedger& db, const std::string& exporter_role, const CaptureRecord& record) {
  json held = json::object();
  for (const auto& [table, position] : record.held) held[state_text(model::quoted(table))] = hex(position.bytes);
  json undo = json::array();
  for (const std::string& one : record.undo) undo.push_back(state_text(one));
  db.set_json(key_of(exporter_role), json{{"start", hex(record.start.bytes)}, {"held", held}, {"undo", undo}}.dump());
}

void add_undo(CaptureRecord& record, const std::vector<std::string>& statements) {
  for (const std::string& one : statements) {
    if (std::ranges::find(record.undo, one) == record.undo.end()) record.undo.push_back(one);
  }
}

std::filesystem::path capture_folder(const std::filesystem::path& export_dir) {
  return export_dir / "data" / "queue" / "uncommitted";
}

void forget_capture_record(format::DocumentLedger& db, const std::string& exporter_role) {
  db.set_json(key_of(exporter_role), "{}");
}

bool with_changes(format::DocumentLedger& db) {
  const std::optional<ExportType> type = migration_record(db).export_type;
  return type == ExportType::kSnapshotAndChanges || type == ExportType::kChangesOnly;
}

bool changes_only(format::DocumentLedger& db) {
  return migration_record(db).export_type == ExportType::kChangesOnly;
}

}  // namespace voyager::migration

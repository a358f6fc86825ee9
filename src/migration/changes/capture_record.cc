#include "migration/changes/capture_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "format/migration_status.h"

namespace voyager::migration {
namespace {

using nlohmann::json;

std::string key_of(const std::string& exporter_role) {
  return "capture_" + exporter_role;
}

std::string hex(std::string_view bytes) {
  std::string out;
  for (const char byte : bytes) out += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return out;
}

model::Position position_of(const std::string& text) {
  model::Position out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    unsigned value = 0;
    std::from_chars(text.data() + i, text.data() + i + 2, value, 16);
    out.bytes += static_cast<char>(value);
  }
  return out;
}

}  // namespace

std::optional<CaptureRecord> capture_record(format::MetaDb& db, const std::string& exporter_role) {
  const json saved = json::parse(db.json(key_of(exporter_role)), nullptr, false);
  if (!saved.is_object() || !saved.contains("start")) return std::nullopt;
  CaptureRecord record{.start = position_of(saved.value("start", "")),
                       .undo = saved.value("undo", std::vector<std::string>())};
  const json held = saved.value("held", json::object());
  for (const auto& [table, position] : held.items())
    record.held[model::parse_table_name(table)] = position_of(position.get<std::string>());
  return record;
}

void save_capture_record(format::MetaDb& db, const std::string& exporter_role, const CaptureRecord& record) {
  json held = json::object();
  for (const auto& [table, position] : record.held) held[model::quoted(table)] = hex(position.bytes);
  db.set_json(key_of(exporter_role),
              json{{"start", hex(record.start.bytes)}, {"held", held}, {"undo", record.undo}}.dump());
}

void add_undo(CaptureRecord& record, const std::vector<std::string>& statements) {
  for (const std::string& one : statements) {
    if (std::ranges::find(record.undo, one) == record.undo.end()) record.undo.push_back(one);
  }
}

void forget_capture_record(format::MetaDb& db, const std::string& exporter_role) {
  db.set_json(key_of(exporter_role), "{}");
}

bool with_changes(format::MetaDb& db) {
  const std::string type = format::migration_status(db).value("ExportType", "");
  return type == "snapshot-and-changes" || type == "changes-only";
}

bool changes_only(format::MetaDb& db) {
  return format::migration_status(db).value("ExportType", "") == "changes-only";
}

}  // namespace voyager::migration

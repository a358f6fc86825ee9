// What the state keeps of a capture, beside the queue.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "format/ledgers.h"
#include "model/changes.h"

namespace voyager::migration {

/// Kept under the role of the exporter.
struct CaptureRecord {
  model::Position start = {};                             ///< Where the capture begins.
  std::map<model::TableName, model::Position> held = {};  ///< What a later snapshot of a table holds already.
  std::vector<std::string> undo = {};                     ///< Puts the tables back as they were.
};

/// Nothing while no capture was set up, or when it was taken down. It is there, with `undo` alone, before anything of
/// the database is changed.
std::optional<CaptureRecord> capture_record(format::DocumentLedger& db, const std::string& exporter_role);
void save_capture_record(format::DocumentLedger& db, const std::string& exporter_role, const CaptureRecord& record);
/// Adds the statements that are not there yet.
void add_undo(CaptureRecord& record, const std::vector<std::string>& statements);
/// Where a capture keeps what is its own.
std::filesystem::path capture_folder(const std::filesystem::path& export_dir);

void forget_capture_record(format::DocumentLedger& db, const std::string& exporter_role);

/// True when changes follow the snapshot: --export-type snapshot-and-changes.
bool with_changes(format::DocumentLedger& db);
/// Changes without a snapshot: --export-type changes-only.
bool changes_only(format::DocumentLedger& db);

}  // namespace voyager::migration

// What the state keeps of a capture, beside the queue.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "format/meta_db.h"
#include "model/changes.h"

namespace voyager::migration {

/// Kept under the role of the exporter.
struct CaptureRecord {
  model::Position start = {};                             ///< Where the capture begins.
  std::map<model::TableName, model::Position> held = {};  ///< What a later snapshot of a table holds already.
  std::vector<std::string> undo = {};                     ///< Puts the tables back as they were.
};

/// Nothing while no capture was set up, or when it was taken down.
std::optional<CaptureRecord> capture_record(format::MetaDb& db, const std::string& exporter_role);
void save_capture_record(format::MetaDb& db, const std::string& exporter_role, const CaptureRecord& record);
void forget_capture_record(format::MetaDb& db, const std::string& exporter_role);

/// How far a cutover is. The marks have the documented names in `migration_status`.
struct CutoverMarks {
  bool requested = false;
  bool exporter_done = false;
  bool importer_done = false;
  std::string requested_at = {};  ///< RFC 3339, UTC.
  bool done() const { return requested && exporter_done && importer_done; }
};
CutoverMarks cutover_to_target(format::MetaDb& db);
/// False when it was requested before.
bool request_cutover_to_target(format::MetaDb& db);
void note_cutover_exporter_done(format::MetaDb& db);
void note_cutover_importer_done(format::MetaDb& db);

/// True when changes follow the snapshot: --export-type snapshot-and-changes.
bool with_changes(format::MetaDb& db);
/// Changes without a snapshot: --export-type changes-only.
bool changes_only(format::MetaDb& db);

}  // namespace voyager::migration

#include "migration/live/cutover_record.h"

#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "format/migration_status.h"
#include "migration/changes/roles.h"

namespace voyager::migration {
namespace {

using nlohmann::json;

// The fields of one direction.
struct Fields {
  const char* word;
  const char* requested;
  const char* requested_at;
  const char* captured;
  const char* exporter_done;
  const char* applied;
  const char* importer_done;
};

constexpr Fields kToTarget = {.word = kCutoverToTarget,
                              .requested = "CutoverToTargetRequested",
                              .requested_at = "ToTargetCutoverRequestedAt",
                              .captured = "CutoverDetectedBySourceExporter",
                              .exporter_done = "CutoverProcessedBySourceExporter",
                              .applied = "CutoverDetectedByTargetImporter",
                              .importer_done = "CutoverProcessedByTargetImporter"};
constexpr Fields kToSource = {.word = "cutover.source",
                              .requested = "CutoverToSourceRequested",
                              .requested_at = "ToSourceCutoverRequestedAt",
                              .captured = "CutoverDetectedByTargetFBExporter",
                              .exporter_done = "CutoverToSourceProcessedByTargetExporter",
                              .applied = "CutoverDetectedBySourceImporter",
                              .importer_done = "CutoverToSourceProcessedBySourceImporter"};
constexpr Fields kToSourceReplica = {.word = "cutover.source_replica",
                                     .requested = "CutoverToSourceReplicaRequested",
                                     .requested_at = "ToSourceReplicaCutoverRequestedAt",
                                     .captured = "CutoverDetectedByTargetFFExporter",
                                     .exporter_done = "CutoverToSourceReplicaProcessedByTargetExporter",
                                     .applied = "CutoverDetectedBySourceReplicaImporter",
                                     .importer_done = "CutoverToSourceReplicaProcessedBySRImporter"};

const Fields& fields(Direction direction) {
  switch (direction) {
    case Direction::kToTarget:
      return kToTarget;
    case Direction::kToSource:
      return kToSource;
    case Direction::kToSourceReplica:
      break;
  }
  return kToSourceReplica;
}

bool is_set(const json& status, const char* name) {
  const auto mark = status.find(name);
  return mark != status.end() && mark->is_boolean() && mark->get<bool>();
}

CutoverMarks marks(const json& status, const Fields& names) {
  return {.requested = is_set(status, names.requested),
          .captured = is_set(status, names.captured),
          .exporter_done = is_set(status, names.exporter_done),
          .applied = is_set(status, names.applied),
          .importer_done = is_set(status, names.importer_done)};
}

}  // namespace

CutoverRecord cutover_record(format::MetaDb& db) {
  const json status = format::migration_status(db);
  CutoverRecord record{.to_target = marks(status, kToTarget)};
  if (is_set(status, "FallForwardEnabled")) {
    record.way_back = WayBack::kFallForward;
    record.back = marks(status, kToSourceReplica);
    record.target_captured = is_set(status, "ExportFromTargetFallForwardStarted");
  } else if (is_set(status, "FallbackEnabled")) {
    record.way_back = WayBack::kFallBack;
    record.back = marks(status, kToSource);
    record.target_captured = is_set(status, "ExportFromTargetFallBackStarted");
    record.source_importer_started = is_set(status, "ImportDataToSourceStarted");
    record.again = is_set(status, "RestartDataMigrationSourceTargetNextIteration");
  }
  record.later = status.value("Iteration", 0) > 0;
  record.source_captured = is_set(status, "ExportDataFromSourceStarted");
  record.target_importer_started = is_set(status, "ImportDataToTargetStarted");
  return record;
}

void note_cutover(format::MetaDb& db, Direction direction, CutoverMark mark) {
  const Fields& names = fields(direction);
  const char* name = mark == CutoverMark::kCaptured       ? names.captured
                     : mark == CutoverMark::kExporterDone ? names.exporter_done
                     : mark == CutoverMark::kApplied      ? names.applied
                                                          : names.importer_done;
  format::patch_migration_status(db, {{name, true}});
}

RequestAnswer request_cutover(format::MetaDb& db, const CutoverRequest& request) {
  format::MetaDb::Transaction transaction(db);
  const CutoverRecord record = cutover_record(db);
  const RequestAnswer answer = may_request(record, request.direction);
  if (answer != RequestAnswer::kGranted) return answer;
  const Fields& names = fields(request.direction);
  json patch = {{names.requested, true}, {"CutoverTimings", {{names.requested_at, base::utc_now()}}}};
  if (request.fall_back) patch["FallbackEnabled"] = true;
  if (request.again) {
    patch["RestartDataMigrationSourceTargetNextIteration"] = true;
    patch["NextIterationInitialized"] = true;
  }
  format::patch_migration_status(db, patch);
  transaction.commit();
  return answer;
}

std::string cutover_requested_at(format::MetaDb& db, Direction direction) {
  const json timings = format::migration_status(db).value("CutoverTimings", json::object());
  return timings.value(fields(direction).requested_at, "");
}

LiveNext enter_fall_forward(format::MetaDb& db) {
  format::MetaDb::Transaction transaction(db);
  const LiveNext next = next_step(cutover_record(db), LiveRole::kToReplica);
  if (next.step != LiveStep::kPrepare) return next;
  format::patch_migration_status(db, {{"FallForwardEnabled", true}});
  transaction.commit();
  return next_step(cutover_record(db), LiveRole::kToReplica);
}

void note_target_captured(format::MetaDb& db) {
  const bool back = cutover_record(db).way_back == WayBack::kFallBack;
  format::patch_migration_status(
      db, {{back ? "ExportFromTargetFallBackStarted" : "ExportFromTargetFallForwardStarted", true}});
}

void note_source_importer_started(format::MetaDb& db) {
  format::patch_migration_status(db, {{"ImportDataToSourceStarted", true}});
}

void note_source_captured(format::MetaDb& db) {
  format::patch_migration_status(db, {{"ExportDataFromSourceStarted", true}, {"ExportDataDone", true}});
}

void note_target_importer_started(format::MetaDb& db) {
  format::patch_migration_status(db, {{"ImportDataToTargetStarted", true}});
}

std::string role_name(LiveRole role, WayBack way_back) {
  switch (role) {
    case LiveRole::kFromSource:
      return kSourceExporter;
    case LiveRole::kToTarget:
      return "target_db_importer";
    case LiveRole::kFromTarget:
      return way_back == WayBack::kFallForward ? kTargetExporterForward : kTargetExporterBack;
    case LiveRole::kToSource:
      return "source_db_importer";
    case LiveRole::kToReplica:
      break;
  }
  return "source_replica_db_importer";
}

std::string cutover_word(Direction direction) {
  return fields(direction).word;
}

Direction direction_back(WayBack way_back) {
  return way_back == WayBack::kFallForward ? Direction::kToSourceReplica : Direction::kToSource;
}

}  // namespace voyager::migration

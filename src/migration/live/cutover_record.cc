#include "migration/live/cutover_record.h"

#include "base/clock.h"
#include "migration/changes/roles.h"

namespace voyager::migration {
namespace {

NotedCutover& cutover(MigrationRecord& record, Direction direction) {
  switch (direction) {
    case Direction::kToTarget:
      return record.to_target;
    case Direction::kToSource:
      return record.to_source;
    case Direction::kToSourceReplica:
      break;
  }
  return record.to_source_replica;
}

}  // namespace

CutoverRecord cutover_record(format::DocumentLedger& db) {
  const MigrationRecord noted = migration_record(db);
  CutoverRecord record{.to_target = noted.to_target.marks};
  if (noted.fall_forward) {
    record.way_back = WayBack::kFallForward;
    record.back = noted.to_source_replica.marks;
    record.target_captured = noted.target_captured_for_fall_forward;
  } else if (noted.fall_back) {
    record.way_back = WayBack::kFallBack;
    record.back = noted.to_source.marks;
    record.target_captured = noted.target_captured_for_fall_back;
    record.source_importer_started = noted.source_importer_begun;
    record.again = noted.next_iteration_requested;
  }
  record.later = noted.iteration > 0;
  record.source_captured = noted.export_begun;
  record.target_importer_started = noted.import_begun;
  return record;
}

void note_cutover(format::DocumentLedger& db, Direction direction, CutoverMark mark) {
  change_record(db, [&](MigrationRecord& record) {
    CutoverMarks& marks = cutover(record, direction).marks;
    bool& noted = mark == CutoverMark::kCaptured       ? marks.captured
                  : mark == CutoverMark::kExporterDone ? marks.exporter_done
                  : mark == CutoverMark::kApplied      ? marks.applied
                                                       : marks.importer_done;
    noted = true;
  });
}

RequestAnswer request_cutover(format::DocumentLedger& db, const CutoverRequest& request) {
  RequestAnswer answer = RequestAnswer::kGranted;
  db.in_transaction([&] {
    answer = may_request(cutover_record(db), request.direction);
    if (answer != RequestAnswer::kGranted) return;
    change_record(db, [&](MigrationRecord& record) {
      NotedCutover& requested = cutover(record, request.direction);
      requested.marks.requested = true;
      requested.requested_at = base::utc_now();
      if (request.fall_back) record.fall_back = true;
      if (request.again) record.next_iteration_requested = record.next_iteration_made = true;
    });
  });
  return answer;
}

std::string cutover_requested_at(format::DocumentLedger& db, Direction direction) {
  MigrationRecord record = migration_record(db);
  return cutover(record, direction).requested_at;
}

LiveNext enter_fall_forward(format::DocumentLedger& db) {
  db.in_transaction([&] {
    if (next_step(cutover_record(db), LiveRole::kToReplica).step == LiveStep::kPrepare)
      change_record(db, [](MigrationRecord& record) { record.fall_forward = true; });
  });
  return next_step(cutover_record(db), LiveRole::kToReplica);
}

void note_target_captured(format::DocumentLedger& db) {
  change_record(db, [](MigrationRecord& record) {
    const bool back = record.fall_back && !record.fall_forward;
    (back ? record.target_captured_for_fall_back : record.target_captured_for_fall_forward) = true;
  });
}

void note_source_importer_started(format::DocumentLedger& db) {
  change_record(db, [](MigrationRecord& record) { record.source_importer_begun = true; });
}

void note_source_captured(format::DocumentLedger& db) {
  change_record(db, [](MigrationRecord& record) { record.export_begun = record.exported = true; });
}

void note_target_importer_started(format::DocumentLedger& db) {
  change_record(db, [](MigrationRecord& record) { record.import_begun = true; });
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
  switch (direction) {
    case Direction::kToTarget:
      return kCutoverToTarget;
    case Direction::kToSource:
      return "cutover.source";
    case Direction::kToSourceReplica:
      break;
  }
  return "cutover.source_replica";
}

Direction direction_back(WayBack way_back) {
  return way_back == WayBack::kFallForward ? Direction::kToSourceReplica : Direction::kToSource;
}

}  // namespace voyager::migration

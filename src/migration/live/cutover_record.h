// What the migration's record says of the cutovers of a live migration.
#pragma once

#include <string>

#include "format/ledgers.h"
#include "migration/live/cutover.h"

namespace voyager::migration {

/// Of the iteration that the state is of; `next_begun` is unknown here (see iterations.h).
CutoverRecord cutover_record(format::DocumentLedger& db);

enum class CutoverMark : std::uint8_t { kCaptured, kExporterDone, kApplied, kImporterDone };
void note_cutover(format::DocumentLedger& db, Direction direction, CutoverMark mark);

/// How a cutover is asked for.
struct CutoverRequest {
  Direction direction = Direction::kToTarget;
  bool fall_back = false;  ///< Of the cutover to the target: changes of the target are to flow back to the source.
  bool again = false;      ///< Of the cutover to the source: the next iteration, which is there already, is to begin.
};
/// Notes the request when it is granted.
RequestAnswer request_cutover(format::DocumentLedger& db, const CutoverRequest& request);
/// RFC 3339, UTC; empty before.
std::string cutover_requested_at(format::DocumentLedger& db, Direction direction);

/// A replica of the source follows too, so that changes of the target can go there. What it may do next: kRefuse when
/// it is too late for that.
LiveNext enter_fall_forward(format::DocumentLedger& db);
void note_target_captured(format::DocumentLedger& db);
void note_source_importer_started(format::DocumentLedger& db);
// Of a later iteration.
void note_source_captured(format::DocumentLedger& db);
void note_target_importer_started(format::DocumentLedger& db);

/// What a role is called in state and bookkeeping: source_db_exporter, ...
std::string role_name(LiveRole role, WayBack way_back);
/// The last word of the changes before a cutover: cutover.target, ...
std::string cutover_word(Direction direction);
/// Where the cutover from the target leads.
Direction direction_back(WayBack way_back);

}  // namespace voyager::migration

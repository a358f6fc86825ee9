// Who does what next when a live migration changes sides: functions of what the state records, without a clock, a
// connection or a log.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "migration/state/migration_record.h"

namespace voyager::migration {

/// The processes of a live migration. One turns into the next when a cutover is through.
enum class LiveRole : std::uint8_t {
  kFromSource,  ///< export data
  kToTarget,    ///< import data
  kFromTarget,  ///< export data from target
  kToSource,    ///< import data to source
  kToReplica,   ///< import data to source-replica
};

/// Where changes of the target go once the application writes there.
enum class WayBack : std::uint8_t {
  kNone,
  kFallBack,     ///< To the source.
  kFallForward,  ///< To a replica of the source, which has followed the source until then.
};

/// What the state records of the cutovers of a live migration, or of one iteration of it: a cutover to the source may
/// begin the next iteration, whose changes flow from the source to the target again.
struct CutoverRecord {
  WayBack way_back = WayBack::kNone;
  CutoverMarks to_target = {};
  CutoverMarks back = {};                ///< From the target to the source, or to the source-replica.
  bool target_captured = false;          ///< From now on the target keeps every change for us.
  bool source_importer_started = false;  ///< What applies the changes to the source is ready for them.
  bool again = false;                    ///< The cutover to the source was asked to begin the next iteration.
  bool next_begun = false;               ///< It has: source_captured and target_importer_started hold there.
  // Of an iteration behind the first, which has no snapshot.
  bool later = false;
  bool source_captured = false;          ///< From now on the source keeps every change for us.
  bool target_importer_started = false;  ///< What applies them to the target is ready for them.
};

enum class LiveStep : std::uint8_t {
  kRefuse,           ///< It is not this role's turn yet, or never; LiveNext::refusal says why.
  kPrepare,          ///< Set up what the way back needs, then mark it.
  kCapture,          ///< Capture until the cutover is requested and its word is in the queue, then mark `captured`.
  kFinishCapture,    ///< Note the sequences and take the capture down, then mark `exporter_done`.
  kApply,            ///< Apply up to the word, then mark `applied`.
  kWaitForExporter,  ///< The sequences are not noted yet.
  kSetSequences,     ///< Set them, then mark `importer_done`.
  kBecome,           ///< Turn into LiveNext::successor.
  kEnd,
};

enum class LiveRefusal : std::uint8_t {
  kNone,
  kNoWayBack,       ///< The cutover was not asked to leave a way back.
  kNotFallForward,  ///< A replica cannot be set up any more: the changes flow back to the source, or nowhere.
  kTooEarly,        ///< The cutover to the target is not that far yet.
  kEarlierFirst,    ///< The cutover to the source, which begins this iteration, is not that far yet.
};

struct LiveNext {
  LiveStep step = LiveStep::kEnd;
  std::optional<LiveRole> successor = {};
  bool next_iteration = false;  ///< The successor works in the next one.
  LiveRefusal refusal = LiveRefusal::kNone;
  bool operator==(const LiveNext&) const = default;
};

/// What a process of that role does next. It does the step, whose last act is a mark, and asks again; killed at any
/// moment it asks again, too.
LiveNext next_step(const CutoverRecord& record, LiveRole role);

/// Whether a role of the next iteration may begin: what it would capture, or apply to, is free of this one.
bool may_begin_next(const CutoverRecord& record, LiveRole role);

enum class Direction : std::uint8_t { kToTarget, kToSource, kToSourceReplica };

/// The documented words: NOT_INITIATED, INITIATED, COMPLETED.
enum class CutoverStatus : std::uint8_t { kNotInitiated, kInitiated, kCompleted };

/// COMPLETED means that the application may write on the other side: nothing written there can be lost.
CutoverStatus cutover_status(const CutoverRecord& record, Direction direction);

/// Who has something to do before a cutover that was asked for is completed. A process that is to turn into such a role
/// stands for it.
struct CutoverWorker {
  LiveRole role = LiveRole::kFromSource;
  bool next_iteration = false;          ///< It works there.
  std::optional<LiveRole> before = {};  ///< What turns into it, of this iteration.
  bool operator==(const CutoverWorker&) const = default;
};
/// `next`: the record of the iteration that the cutover begins, where it does.
std::vector<CutoverWorker> cutover_workers(const CutoverRecord& record, Direction direction, const CutoverRecord& next);

/// True when the migration has that way.
bool has_direction(const CutoverRecord& record, Direction direction);

enum class RequestAnswer : std::uint8_t {
  kGranted,
  kGrantedBefore,
  kNoSuchWay,  ///< No way back was asked for, or the other one.
  kTooEarly,   ///< The cutover before it is not completed.
};
/// Whether that cutover may be requested.
RequestAnswer may_request(const CutoverRecord& record, Direction direction);

}  // namespace voyager::migration

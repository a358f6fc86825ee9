#include "migration/live/cutover.h"

namespace voyager::migration {
namespace {

LiveNext step(LiveStep next) {
  return {.step = next};
}
LiveNext become(LiveRole successor) {
  return {.step = LiveStep::kBecome, .successor = successor};
}
LiveNext become_in_next_iteration(LiveRole successor) {
  return {.step = LiveStep::kBecome, .successor = successor, .next_iteration = true};
}
LiveNext refuse(LiveRefusal why) {
  return {.step = LiveStep::kRefuse, .refusal = why};
}

LiveNext capture_until(const CutoverMarks& cutover) {
  return step(cutover.captured ? LiveStep::kFinishCapture : LiveStep::kCapture);
}

LiveNext apply_until(const CutoverMarks& cutover) {
  if (!cutover.applied) return step(LiveStep::kApply);
  return step(cutover.exporter_done ? LiveStep::kSetSequences : LiveStep::kWaitForExporter);
}

// In a later iteration the source is captured when the one before has brought its last change to it.
LiveNext source_exporter(const CutoverRecord& now) {
  if (now.later && !now.source_captured) return step(LiveStep::kPrepare);
  if (!now.to_target.exporter_done) return capture_until(now.to_target);
  if (now.way_back == WayBack::kFallBack && !now.back.importer_done) return become(LiveRole::kToSource);
  return step(LiveStep::kEnd);
}

LiveNext target_importer(const CutoverRecord& now) {
  if (now.later && !now.target_importer_started) return step(LiveStep::kPrepare);
  if (!now.to_target.importer_done) return apply_until(now.to_target);
  if (now.way_back != WayBack::kNone && !now.back.exporter_done) return become(LiveRole::kFromTarget);
  return step(LiveStep::kEnd);
}

// The target is captured when the importer has applied its last change and before the application may write: what is
// captured is the application's work, all of it, and nothing else.
LiveNext target_exporter(const CutoverRecord& now) {
  if (now.way_back == WayBack::kNone)
    return refuse(now.to_target.requested ? LiveRefusal::kNoWayBack : LiveRefusal::kTooEarly);
  if (!now.to_target.importer_done) return refuse(LiveRefusal::kTooEarly);
  if (!now.back.exporter_done) return now.target_captured ? capture_until(now.back) : step(LiveStep::kPrepare);
  return now.again ? become_in_next_iteration(LiveRole::kToTarget) : step(LiveStep::kEnd);
}

LiveNext source_importer(const CutoverRecord& now) {
  if (now.way_back == WayBack::kFallForward) return refuse(LiveRefusal::kNoWayBack);
  if (now.way_back == WayBack::kNone)
    return refuse(now.to_target.requested ? LiveRefusal::kNoWayBack : LiveRefusal::kTooEarly);
  if (!now.to_target.exporter_done) return refuse(LiveRefusal::kTooEarly);
  if (!now.source_importer_started) return step(LiveStep::kPrepare);
  if (!now.back.importer_done) return apply_until(now.back);
  return now.again ? become_in_next_iteration(LiveRole::kFromSource) : step(LiveStep::kEnd);
}

LiveNext replica_importer(const CutoverRecord& now) {
  if (now.way_back == WayBack::kFallBack) return refuse(LiveRefusal::kNotFallForward);
  if (now.way_back == WayBack::kNone)
    return now.to_target.requested ? refuse(LiveRefusal::kNotFallForward) : step(LiveStep::kPrepare);
  return now.back.importer_done ? step(LiveStep::kEnd) : apply_until(now.back);
}

}  // namespace

LiveNext next_step(const CutoverRecord& record, LiveRole role) {
  switch (role) {
    case LiveRole::kFromSource:
      return source_exporter(record);
    case LiveRole::kToTarget:
      return target_importer(record);
    case LiveRole::kFromTarget:
      return target_exporter(record);
    case LiveRole::kToSource:
      return source_importer(record);
    case LiveRole::kToReplica:
      break;
  }
  return replica_importer(record);
}

bool may_begin_next(const CutoverRecord& record, LiveRole role) {
  if (!record.again) return false;
  return role == LiveRole::kFromSource ? record.back.importer_done : record.back.exporter_done;
}

CutoverStatus cutover_status(const CutoverRecord& record, Direction direction) {
  const CutoverMarks& marks = direction == Direction::kToTarget ? record.to_target : record.back;
  if (!marks.requested) return CutoverStatus::kNotInitiated;
  bool ready = marks.done();
  if (direction == Direction::kToTarget) {
    ready = ready && (record.way_back == WayBack::kNone || record.target_captured) &&
            (record.way_back != WayBack::kFallBack || record.source_importer_started);
  } else {
    ready = ready && (!record.again || record.next_begun);
  }
  return ready ? CutoverStatus::kCompleted : CutoverStatus::kInitiated;
}

std::vector<CutoverWorker> cutover_workers(const CutoverRecord& record, Direction direction,
                                           const CutoverRecord& next) {
  std::vector<CutoverWorker> out;
  if (cutover_status(record, direction) != CutoverStatus::kInitiated) return out;
  const auto add = [&out](bool needed, const CutoverWorker& worker) {
    if (needed) out.push_back(worker);
  };
  if (direction == Direction::kToTarget) {
    const CutoverMarks& marks = record.to_target;
    add(!marks.exporter_done, {.role = LiveRole::kFromSource});
    add(!marks.importer_done, {.role = LiveRole::kToTarget});
    add(marks.exporter_done && record.way_back == WayBack::kFallBack && !record.source_importer_started,
        {.role = LiveRole::kToSource, .before = LiveRole::kFromSource});
    add(marks.importer_done && record.way_back != WayBack::kNone && !record.target_captured,
        {.role = LiveRole::kFromTarget, .before = LiveRole::kToTarget});
    return out;
  }
  const CutoverMarks& marks = record.back;
  const LiveRole importer = direction == Direction::kToSource ? LiveRole::kToSource : LiveRole::kToReplica;
  add(!marks.exporter_done, {.role = LiveRole::kFromTarget});
  add(!marks.importer_done, {.role = importer});
  add(record.again && marks.importer_done && !next.source_captured,
      {.role = LiveRole::kFromSource, .next_iteration = true, .before = LiveRole::kToSource});
  add(record.again && marks.exporter_done && !next.target_importer_started,
      {.role = LiveRole::kToTarget, .next_iteration = true, .before = LiveRole::kFromTarget});
  return out;
}

bool has_direction(const CutoverRecord& record, Direction direction) {
  switch (direction) {
    case Direction::kToTarget:
      return true;
    case Direction::kToSource:
      return record.way_back == WayBack::kFallBack;
    case Direction::kToSourceReplica:
      break;
  }
  return record.way_back == WayBack::kFallForward;
}

RequestAnswer may_request(const CutoverRecord& record, Direction direction) {
  if (direction == Direction::kToTarget) {
    if (record.to_target.requested) return RequestAnswer::kGrantedBefore;
    const bool begun = !record.later || (record.source_captured && record.target_importer_started);
    return begun ? RequestAnswer::kGranted : RequestAnswer::kTooEarly;
  }
  if (!has_direction(record, direction)) {
    // A fall-back is asked for with the cutover to the target: before it nobody can tell.
    const bool may_come = direction == Direction::kToSource && record.way_back == WayBack::kNone;
    return may_come && !record.to_target.requested ? RequestAnswer::kTooEarly : RequestAnswer::kNoSuchWay;
  }
  if (record.back.requested) return RequestAnswer::kGrantedBefore;
  return cutover_status(record, Direction::kToTarget) == CutoverStatus::kCompleted ? RequestAnswer::kGranted
                                                                                   : RequestAnswer::kTooEarly;
}

}  // namespace voyager::migration

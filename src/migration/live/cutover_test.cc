#include "migration/live/cutover.h"

#include <gtest/gtest.h>

#include <set>
#include <tuple>
#include <vector>

namespace voyager::migration {
namespace {

constexpr LiveRole kRoles[] = {LiveRole::kFromSource, LiveRole::kToTarget, LiveRole::kFromTarget, LiveRole::kToSource,
                               LiveRole::kToReplica};

using Key = std::vector<bool>;
Key key(const CutoverRecord& r) {
  return {r.way_back == WayBack::kFallBack,
          r.way_back == WayBack::kFallForward,
          r.to_target.requested,
          r.to_target.captured,
          r.to_target.exporter_done,
          r.to_target.applied,
          r.to_target.importer_done,
          r.back.requested,
          r.back.captured,
          r.back.exporter_done,
          r.back.applied,
          r.back.importer_done,
          r.target_captured,
          r.source_importer_started,
          r.again,
          r.later,
          r.source_captured,
          r.target_importer_started};
}

// Every record that marks could spell, also those that no migration comes to.
std::vector<CutoverRecord> all_records() {
  std::vector<CutoverRecord> out;
  for (const WayBack way : {WayBack::kNone, WayBack::kFallBack, WayBack::kFallForward}) {
    for (unsigned bits = 0; bits < 1U << 17U; ++bits) {
      const auto bit = [bits](unsigned n) { return ((bits >> n) & 1U) != 0; };
      out.push_back({.way_back = way,
                     .to_target = {bit(0), bit(1), bit(2), bit(3), bit(4)},
                     .back = {bit(5), bit(6), bit(7), bit(8), bit(9)},
                     .target_captured = bit(10),
                     .source_importer_started = bit(11),
                     .again = bit(12),
                     .next_begun = bit(13),
                     .later = bit(14),
                     .source_captured = bit(15),
                     .target_importer_started = bit(16)});
    }
  }
  return out;
}

CutoverMarks& marks_of(CutoverRecord& record, LiveRole role) {
  return role == LiveRole::kFromSource || role == LiveRole::kToTarget ? record.to_target : record.back;
}

// What the driver notes when the step is done; false where the step leaves no mark now.
bool do_step(CutoverRecord& record, LiveRole role, LiveStep step) {
  CutoverMarks& marks = marks_of(record, role);
  switch (step) {
    case LiveStep::kPrepare:
      if (role == LiveRole::kFromTarget) record.target_captured = true;
      if (role == LiveRole::kToSource) record.source_importer_started = true;
      if (role == LiveRole::kFromSource) record.source_captured = true;
      if (role == LiveRole::kToTarget) record.target_importer_started = true;
      return true;
    case LiveStep::kCapture:
      if (!marks.requested) return false;
      return marks.captured = true;
    case LiveStep::kFinishCapture:
      return marks.exporter_done = true;
    case LiveStep::kApply:
      // A replica that follows the source meets the word of its own cutover only when that was captured.
      if (!marks.captured) return false;
      return marks.applied = true;
    case LiveStep::kSetSequences:
      return marks.importer_done = true;
    default:
      return false;
  }
}

struct World {
  CutoverRecord record = {};
  std::set<LiveRole> running = {LiveRole::kFromSource, LiveRole::kToTarget};
  std::set<LiveRole> gone_on = {};  // in the next iteration
};

// Every order in which users ask and processes work, from the start of a migration on.
void walk(const World& world, std::set<std::tuple<Key, std::set<LiveRole>>>& seen, const auto& visit) {
  if (!seen.emplace(key(world.record), world.running).second) return;
  visit(world);
  for (const Direction direction : {Direction::kToTarget, Direction::kToSource, Direction::kToSourceReplica}) {
    if (may_request(world.record, direction) != RequestAnswer::kGranted) continue;
    if (direction == Direction::kToSource) {
      World next = world;
      next.record.back.requested = next.record.again = true;
      walk(next, seen, visit);
    }
    for (const bool fall_back : {false, true}) {
      World next = world;
      CutoverRecord& record = next.record;
      if (fall_back && (direction != Direction::kToTarget || record.way_back == WayBack::kFallForward)) continue;
      if (fall_back) record.way_back = WayBack::kFallBack;
      (direction == Direction::kToTarget ? record.to_target : record.back).requested = true;
      walk(next, seen, visit);
    }
  }
  if (!world.running.contains(LiveRole::kToReplica) &&
      next_step(world.record, LiveRole::kToReplica).step == LiveStep::kPrepare) {
    World next = world;
    next.running.insert(LiveRole::kToReplica);
    next.record.way_back = WayBack::kFallForward;
    walk(next, seen, visit);
  }
  for (const LiveRole role : world.running) {
    const LiveNext step = next_step(world.record, role);
    World next = world;
    if (step.next_iteration) {
      next.running.erase(role);
      next.gone_on.insert(*step.successor);
      walk(next, seen, visit);
    } else if (step.step == LiveStep::kBecome) {
      next.running.erase(role);
      next.running.insert(*step.successor);
      walk(next, seen, visit);
    } else if (do_step(next.record, role, step.step)) {
      walk(next, seen, visit);
    }
  }
}

TEST(Cutover, EveryRecordHasAnAnswerForEveryRole) {
  for (const CutoverRecord& record : all_records()) {
    for (const LiveRole role : kRoles) {
      const LiveNext next = next_step(record, role);
      EXPECT_EQ(next.step == LiveStep::kBecome, next.successor.has_value());
      EXPECT_EQ(next.step == LiveStep::kRefuse, next.refusal != LiveRefusal::kNone);
      // Done work is not done again.
      CutoverRecord copy = record;
      const CutoverMarks& marks = marks_of(copy, role);
      const bool exporter = role == LiveRole::kFromSource || role == LiveRole::kFromTarget;
      if (exporter && marks.exporter_done) {
        EXPECT_NE(next.step, LiveStep::kCapture);
        EXPECT_NE(next.step, LiveStep::kFinishCapture);
      }
      if (!exporter && marks.importer_done) {
        EXPECT_NE(next.step, LiveStep::kApply);
        EXPECT_NE(next.step, LiveStep::kSetSequences);
      }
      if (next.step == LiveStep::kSetSequences) {
        EXPECT_TRUE(marks.applied && marks.exporter_done);
      }
    }
    for (const Direction direction : {Direction::kToTarget, Direction::kToSource, Direction::kToSourceReplica}) {
      if (cutover_status(record, direction) == CutoverStatus::kCompleted) {
        EXPECT_NE(may_request(record, direction), RequestAnswer::kGranted);
      }
    }
  }
}

TEST(Cutover, WhateverTheOrderTheTargetIsCapturedBetweenTheLastChangeAndTheApplication) {
  std::set<std::tuple<Key, std::set<LiveRole>>> seen;
  int completed = 0;
  walk({}, seen, [&](const World& world) {
    const CutoverRecord& record = world.record;
    if (record.target_captured) {
      EXPECT_TRUE(record.to_target.importer_done) << "its own changes would come back";
    }
    if (cutover_status(record, Direction::kToTarget) == CutoverStatus::kCompleted) {
      ++completed;
      EXPECT_TRUE(record.way_back == WayBack::kNone || record.target_captured) << "the application's would be lost";
    }
    if (record.back.requested) {
      EXPECT_TRUE(record.target_captured);
    }
    if (record.to_target.importer_done) {
      EXPECT_TRUE(record.to_target.exporter_done);
    }
  });
  EXPECT_GT(completed, 0);
  EXPECT_GT(seen.size(), 40U);
}

TEST(Cutover, NoProcessIsLeftWaitingForNobody) {
  std::set<std::tuple<Key, std::set<LiveRole>>> seen;
  std::set<Direction> reached;
  walk({}, seen, [&](const World& world) {
    bool somebody_works = false;
    for (const LiveRole role : world.running) {
      CutoverRecord copy = world.record;
      const LiveNext next = next_step(copy, role);
      EXPECT_NE(next.step, LiveStep::kRefuse) << static_cast<int>(role);
      somebody_works = somebody_works || next.step == LiveStep::kBecome || do_step(copy, role, next.step);
    }
    // What is left to do, is done in the next iteration.
    somebody_works = somebody_works || !world.gone_on.empty();
    for (const Direction direction : {Direction::kToTarget, Direction::kToSource, Direction::kToSourceReplica}) {
      if (!has_direction(world.record, direction)) continue;
      const CutoverStatus status = cutover_status(world.record, direction);
      if (status == CutoverStatus::kCompleted) reached.insert(direction);
      if (status == CutoverStatus::kInitiated) {
        EXPECT_TRUE(somebody_works);
      }
    }
  });
  EXPECT_EQ(reached.size(), 3U);
}

TEST(Cutover, TheNextIterationBeginsWhereTheEarlierOneHasEnded) {
  std::set<std::tuple<Key, std::set<LiveRole>>> seen;
  std::set<LiveRole> begun;
  walk({}, seen, [&](const World& world) {
    for (const LiveRole role : world.gone_on) {
      begun.insert(role);
      EXPECT_TRUE(may_begin_next(world.record, role));
    }
    if (may_begin_next(world.record, LiveRole::kFromSource)) {
      EXPECT_TRUE(world.record.back.importer_done) << "changes of the target would be captured";
    }
    if (may_begin_next(world.record, LiveRole::kToTarget)) {
      EXPECT_TRUE(world.record.back.exporter_done);
    }
    if (world.record.again) {
      EXPECT_NE(cutover_status(world.record, Direction::kToSource), CutoverStatus::kCompleted)
          << "the source is not captured yet";
    }
  });
  EXPECT_EQ(begun, (std::set{LiveRole::kFromSource, LiveRole::kToTarget}));
}

TEST(Cutover, ALaterIterationIsCutOverOnceBothSidesAreReady) {
  std::set<std::tuple<Key, std::set<LiveRole>>> seen;
  bool requested = false;
  walk({.record = {.later = true}}, seen, [&](const World& world) {
    const CutoverRecord& record = world.record;
    if (record.to_target.requested) {
      requested = true;
      EXPECT_TRUE(record.source_captured && record.target_importer_started);
    }
    if (record.to_target.captured) {
      EXPECT_TRUE(record.source_captured);
    }
  });
  EXPECT_TRUE(requested);
}

TEST(Cutover, WhoHasToWorkIsWhoeverMakesTheNextMark) {
  std::set<std::tuple<Key, std::set<LiveRole>>> seen;
  bool in_next_iteration = false;
  walk({}, seen, [&](const World& world) {
    for (const Direction direction : {Direction::kToTarget, Direction::kToSource, Direction::kToSourceReplica}) {
      if (!has_direction(world.record, direction)) continue;
      const auto workers = cutover_workers(world.record, direction, {});
      EXPECT_EQ(workers.empty(), cutover_status(world.record, direction) != CutoverStatus::kInitiated);
      for (const CutoverWorker& worker : workers) {
        const std::set<LiveRole>& under_its_name = worker.next_iteration ? world.gone_on : world.running;
        EXPECT_TRUE(under_its_name.contains(worker.role) || (worker.before && world.running.contains(*worker.before)))
            << static_cast<int>(worker.role);
        in_next_iteration = in_next_iteration || worker.next_iteration;
      }
    }
  });
  EXPECT_TRUE(in_next_iteration);
}

TEST(Cutover, AReplicaCanJoinUntilTheCutover) {
  CutoverRecord record;
  EXPECT_EQ(next_step(record, LiveRole::kToReplica).step, LiveStep::kPrepare);
  record.to_target.requested = true;
  EXPECT_EQ(next_step(record, LiveRole::kToReplica).refusal, LiveRefusal::kNotFallForward);
  record.way_back = WayBack::kFallBack;
  EXPECT_EQ(next_step(record, LiveRole::kToReplica).refusal, LiveRefusal::kNotFallForward);
  EXPECT_EQ(may_request(record, Direction::kToSourceReplica), RequestAnswer::kNoSuchWay);
  EXPECT_EQ(may_request(record, Direction::kToSource), RequestAnswer::kTooEarly);
}

}  // namespace
}  // namespace voyager::migration

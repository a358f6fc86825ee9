// Which change goes through which lane, and what has to be applied before it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "migration/changes/cascade_reach.h"
#include "migration/changes/lane.h"
#include "migration/changes/table_plan.h"
#include "model/changes.h"

namespace voyager::migration {

struct RouterLimits {
  std::size_t rows_per_task = 10'000;
  std::size_t bytes_per_task = 4UL << 20U;
  std::size_t rows_together =
      500;  ///< Of several lanes, that go as one transaction where none has anything to do. 1: never.
  bool whole_transactions = false;  ///< With one lane: a task ends only where a transaction of the source does.
};

/// Changes of one row, by the key that it has before the change, always go through the same lane: which one depends on
/// nothing but table, key and the number of lanes, so a later run finds out from the lanes' rows what is in. Changes of
/// different rows that share a unique value, and changes that move a key, wait for one another across lanes. One
/// thread.
class Router {
 public:
  /// What is applied already, by lane, is left out.
  Router(std::vector<Lane*> lanes, std::vector<std::int64_t> applied, LaneProgress& progress,
         const RouterLimits& limits);

  /// True when the change is not applied yet.
  bool is_new(const TablePlan& plan, const LaneRule& rule, const model::Change& change, std::int64_t vsn) const;
  /// The source's transactions, for tasks that keep them whole.
  void begin() { in_transaction_ = true; }
  void commit();
  /// In the order of their numbers. `rule`: the plan's, or the one that the run went by which may have applied it.
  void route(const TablePlan& plan, const LaneRule& rule, const model::Change& change, std::int64_t vsn);
  /// A change of any rows of tables (a truncation, what foreign keys did): everything before it is applied first, and
  /// nothing behind it before, but what has nothing to do with a cascade.
  void alone(std::vector<const TablePlan*> plans, const model::Change& change, std::int64_t vsn);
  /// What was collected goes to the lanes now, unless it is the beginning of a transaction that has to stay whole.
  /// Little goes as one transaction where no lane has anything to do: each one more costs what some hundred rows do.
  void flush();
  /// Little was collected, and lanes are at work: what comes until they are through may go along with it.
  bool may_gather() const;
  /// Tasks have so many rows from here on, in parts of what the limits say. Their bytes stay bounded as they are.
  void set_task_size(double size) { task_size_ = size; }
  /// Rows that wait here for the end of their transaction.
  std::uint64_t held() const;
  /// Everything up to `vsn` was routed: lanes that had nothing of it learn so, and a later run need not read it again.
  /// Nothing inside of a transaction that has to stay whole.
  void advance(std::int64_t vsn);
  /// The last number of each lane so far: once each has applied that, everything routed so far is applied.
  std::vector<std::int64_t> given() const;
  /// The last number that each lane was given to do.
  std::vector<std::int64_t> sent() const;

 private:
  struct Open {
    LanePart part = {};
    std::vector<LaneWait> waits = {};
    std::unordered_map<std::uint32_t, const TablePlan*> described = {};  // by the number that the records use
    std::int64_t given = 0;                      // last number that went to the lane or stands in the part
    std::int64_t sent = 0;                       // last number that went to the lane
    std::vector<model::ChangeTable> alone = {};  // described last, as numbers from 0 on
  };
  struct Holder {
    int lane = 0;
    std::int64_t vsn = 0;
  };
  int lane_of(const TablePlan& plan, const LaneRule& rule, std::span<const model::ChangeValue> tuple) const;
  void wait_for_slots(const TablePlan& plan, const model::Change& change, int lane, std::int64_t vsn,
                      std::vector<LaneWait>& waits);
  void wait_for_key(const TablePlan& plan, const LaneRule& rule, const model::Change& change, int lane,
                    std::int64_t vsn, std::vector<LaneWait>& waits);
  void touch(std::uint64_t slot, int lane, std::int64_t vsn, std::vector<LaneWait>& waits);
  void wait_for_lane(int lane, std::int64_t vsn, std::vector<LaneWait>& waits) const;
  void wait_for_cascades();
  void put(int lane, const TablePlan& plan, const model::Change& change, std::int64_t vsn, std::vector<LaneWait> waits);
  LanePart take_part(int lane);
  void send(int lane);
  bool idle() const;
  bool little() const;
  bool full(const LanePart& part) const;
  bool must_wait() const { return limits_.whole_transactions && in_transaction_; }
  void forget_what_is_applied();

  const std::vector<Lane*> lanes_;
  const std::vector<std::int64_t> applied_;  // when this run began
  LaneProgress& progress_;
  const RouterLimits limits_;
  double task_size_ = 1;
  std::vector<Open> open_;
  std::unordered_map<std::uint64_t, Holder> holders_ = {};  // of unique values and moved keys, by hash
  std::size_t forget_at_ = 1'024;
  bool in_transaction_ = false;
  CascadeReach cascaded_ = {};     // by cascades of the first lane that others do not wait for yet
  std::int64_t last_cascade_ = 0;  // of these
};

}  // namespace voyager::migration

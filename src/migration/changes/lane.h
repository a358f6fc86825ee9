// A lane: changes that are applied one after the other. Each has a thread and a connection, over which little of other
// lanes may go along.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/stop.h"
#include "connector/changes.h"
#include "migration/changes/fold.h"
#include "migration/changes/table_plan.h"
#include "model/changes.h"

namespace voyager::migration {

/// A lane must have applied so much before.
struct LaneWait {
  int lane = 0;
  std::int64_t vsn = 0;
};

/// Changes of a lane that stand behind one another. What lies between its numbers and is not among them is no matter of
/// the lane.
struct LanePart {
  int lane = 0;
  std::int64_t before_vsn = 0;  ///< Where the lane's part before ended: that is applied first.
  std::int64_t last_vsn = 0;
  std::string records = {};  ///< Rows, truncations and cascades, and the tables that they are of.
  /// In their order: of a row one, of a truncation or a cascade one for each of its tables.
  std::vector<const TablePlan*> plans = {};
};

/// What one transaction will apply: a part of one lane, or little of several that do not wait for one another.
struct LaneTask {
  std::vector<LanePart> parts = {};
  std::vector<LaneWait> waits = {};

  std::size_t rows() const;
  std::size_t bytes() const;
};

/// How far each lane is. Thread-safe.
class LaneProgress {
 public:
  explicit LaneProgress(std::vector<std::int64_t> applied) : applied_(std::move(applied)) {}
  std::int64_t applied(int lane) const VOY_EXCLUDES(mutex_);
  std::int64_t least() const VOY_EXCLUDES(mutex_);
  void note(const std::vector<LanePart>& parts) VOY_EXCLUDES(mutex_);
  /// Wakes whoever waits, because something else has changed.
  void wake() VOY_EXCLUDES(mutex_);
  /// Waits until the lane is there. False when `stop` drains first.
  [[nodiscard]] bool wait_for(const LaneWait& wait, const base::Stop& stop) VOY_EXCLUDES(mutex_);
  /// Waits until each lane is where `given` says, or until somebody wakes it, or for `longest`.
  void wait_for_all(const std::vector<std::int64_t>& given, std::chrono::milliseconds longest) VOY_EXCLUDES(mutex_);

 private:
  mutable base::Mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::int64_t> applied_ VOY_GUARDED_BY(mutex_);
};

/// What all lanes have applied, by table. Thread-safe.
class AppliedChanges {
 public:
  void add(const std::vector<connector::LaneCounts>& counts) VOY_EXCLUDES(mutex_);
  std::vector<connector::LaneCounts> by_table() const VOY_EXCLUDES(mutex_);

 private:
  mutable base::Mutex mutex_;
  std::map<model::TableName, connector::LaneCounts> counts_ VOY_GUARDED_BY(mutex_) = {};
};

/// Figures of all lanes. Thread-safe.
struct ApplyCounters {
  std::atomic<std::uint64_t> changes = 0;
  std::atomic<std::uint64_t> missed = 0;    ///< Updates and deletes that found no row.
  std::atomic<std::uint64_t> in_order = 0;  ///< Batches that had to be applied change by change.
  std::atomic<std::uint64_t> bytes_waiting = 0;
  std::atomic<std::uint64_t> rows_waiting = 0;
  std::atomic<std::int64_t> busy_micros = 0;  ///< That lanes have worked, in sum.
  std::atomic<std::uint64_t> rows_sent = 0;   ///< Of batches that are not committed yet.
  AppliedChanges applied = {};
};

/// `add` is called by one thread, `work` runs on another.
class Lane {
 public:
  Lane(std::unique_ptr<connector::ChangeTarget> target, int tries_max, Sides sides, LaneProgress& progress,
       ApplyCounters& counters, const base::Clock& clock, const base::Stop& stop)
      : target_(std::move(target)),
        tries_max_(tries_max),
        sides_(sides),
        progress_(progress),
        counters_(counters),
        clock_(clock),
        stop_(stop) {}

  void add(LaneTask task) VOY_EXCLUDES(mutex_);
  /// Nothing more comes.
  void close() VOY_EXCLUDES(mutex_);
  /// Applies until closed, or until `stop` drains: then what is in hand is finished. Throws what cannot be applied.
  void work();
  std::size_t waiting() const VOY_EXCLUDES(mutex_);

 private:
  bool take(LaneTask& task) VOY_EXCLUDES(mutex_);
  void apply(const LaneTask& task);
  void fold_part(const LanePart& part, model::ChangeTables& tables);
  connector::ApplyOutcome send(const LaneTask& task, bool in_order);
  connector::ApplyOutcome try_again(const LaneTask& task, bool in_order);
  [[noreturn]] void refuse(const LaneTask& task, const connector::ApplyOutcome& outcome) const;

  const std::unique_ptr<connector::ChangeTarget> target_;
  const int tries_max_;
  const Sides sides_;
  LaneProgress& progress_;
  ApplyCounters& counters_;
  const base::Clock& clock_;
  const base::Stop& stop_;
  Fold fold_ = Fold();  // work()'s thread only
  mutable base::Mutex mutex_;
  std::condition_variable changed_;
  std::deque<LaneTask> tasks_ VOY_GUARDED_BY(mutex_) = {};
  bool closed_ VOY_GUARDED_BY(mutex_) = false;
};

}  // namespace voyager::migration

// A lane: changes that are applied one after the other, over a connection of their own.
#pragma once

#include <atomic>
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

/// What one transaction of a lane will apply.
struct LaneTask {
  std::string records = {};  ///< Rows, truncations and cascades, and the tables that they are of.
  /// In their order: of a row one, of a truncation or a cascade one for each of its tables.
  std::vector<const TablePlan*> plans = {};
  std::int64_t last_vsn = 0;
  std::vector<LaneWait> waits = {};
};

/// How far each lane is. Thread-safe.
class LaneProgress {
 public:
  explicit LaneProgress(std::vector<std::int64_t> applied) : applied_(std::move(applied)) {}
  std::int64_t applied(int lane) const VOY_EXCLUDES(mutex_);
  std::int64_t least() const VOY_EXCLUDES(mutex_);
  void note(int lane, std::int64_t vsn) VOY_EXCLUDES(mutex_);
  /// Wakes whoever waits, because something else has changed.
  void wake() VOY_EXCLUDES(mutex_);
  /// Waits until the lane is there. False when `stop` drains first.
  [[nodiscard]] bool wait_for(const LaneWait& wait, const base::Stop& stop) VOY_EXCLUDES(mutex_);

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
  Lane(int number, std::unique_ptr<connector::ChangeTarget> target, std::int64_t applied, int tries_max, Sides sides,
       LaneProgress& progress, ApplyCounters& counters, const base::Clock& clock, const base::Stop& stop)
      : number_(number),
        target_(std::move(target)),
        tries_max_(tries_max),
        sides_(sides),
        progress_(progress),
        counters_(counters),
        clock_(clock),
        stop_(stop),
        applied_(applied) {}

  void add(LaneTask task) VOY_EXCLUDES(mutex_);
  /// Nothing more comes.
  void close() VOY_EXCLUDES(mutex_);
  /// Applies until closed, or until `stop` drains: then what is in hand is finished. Throws what cannot be applied.
  void work();
  std::size_t waiting() const VOY_EXCLUDES(mutex_);

 private:
  bool take(LaneTask& task) VOY_EXCLUDES(mutex_);
  void apply(const LaneTask& task);
  connector::ApplyOutcome send(const LaneTask& task, bool in_order);
  connector::ApplyOutcome try_again(const LaneTask& task, bool in_order);
  [[noreturn]] void refuse(const LaneTask& task, const connector::ApplyOutcome& outcome) const;

  const int number_;
  const std::unique_ptr<connector::ChangeTarget> target_;
  const int tries_max_;
  const Sides sides_;
  LaneProgress& progress_;
  ApplyCounters& counters_;
  const base::Clock& clock_;
  const base::Stop& stop_;
  std::int64_t applied_;  // work()'s thread only
  Fold fold_ = Fold();    // work()'s thread only
  mutable base::Mutex mutex_;
  std::condition_variable changed_;
  std::deque<LaneTask> tasks_ VOY_GUARDED_BY(mutex_) = {};
  bool closed_ VOY_GUARDED_BY(mutex_) = false;
};

}  // namespace voyager::migration

// Counters that a flow owns and anyone may ask for at their own pace.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace voyager::model {

/// The one vocabulary of terminal, JSON and reports.
enum class WorkState : std::uint8_t { kQueued, kRunning, kWaiting, kPaced, kDone, kFailed, kSkipped, kStopped };
const char* to_string(WorkState state);

struct ItemProgress {
  std::string name = {};  ///< Table, or "index t_b_idx on t".
  WorkState state = WorkState::kQueued;
  std::uint64_t rows_done = 0;
  std::uint64_t rows_total = 0;  ///< 0 = not known.
  std::uint64_t bytes_done = 0;
  std::uint64_t bytes_total = 0;
  bool total_is_estimate = true;
  std::uint64_t rows_before = 0;  ///< Of those done, what earlier runs had done.
  std::uint64_t bytes_before = 0;
  std::uint64_t rows_set_aside = 0;
  std::string note = {};  ///< Why it waits, which phase an index build is in.

  std::uint64_t rows_moved() const { return rows_done - rows_before; }  ///< In this run.
  std::uint64_t bytes_moved() const { return bytes_done - bytes_before; }
};

struct ProgressSnapshot {
  std::string phase = {};   ///< "export-data", "import-data", ...
  std::string stage = {};   ///< "rows", "indexes", "foreign keys", ...
  std::string reason = {};  ///< Why nothing moves, shown instead of an ETA.
  int workers = 0;
  std::vector<ItemProgress> items = {};
  /// Over all items.
  std::uint64_t rows_done = 0, rows_total = 0, bytes_done = 0, bytes_total = 0, rows_set_aside = 0;
  std::uint64_t rows_before = 0, bytes_before = 0;
  int done = 0, running = 0, queued = 0, failed = 0;
  bool total_is_estimate = true;
};

/// Thread-safe; writers add, readers take snapshots. Items keep their index for life.
class ProgressBoard {
 public:
  explicit ProgressBoard(std::string phase) : phase_(std::move(phase)) {}

  std::size_t add_item(std::string name, std::uint64_t rows_total, std::uint64_t bytes_total, bool total_is_estimate);
  void add_done(std::size_t item, std::uint64_t rows, std::uint64_t bytes);
  /// What earlier runs had done: counts as done, and not as this run's.
  void add_before(std::size_t item, std::uint64_t rows, std::uint64_t bytes);
  void add_set_aside(std::size_t item, std::uint64_t rows);
  void set_state(std::size_t item, WorkState state, std::string note = {});
  /// Done by this run, or skipped with `note` when earlier runs had done all of it.
  void finish_item(std::size_t item, std::string note);
  void set_totals(std::size_t item, std::uint64_t rows_total, std::uint64_t bytes_total, bool total_is_estimate);
  void set_stage(std::string stage);
  void set_reason(std::string reason);
  void set_workers(int workers);
  ProgressSnapshot snapshot() const;

 private:
  const std::string phase_;
  mutable std::mutex mutex_;
  std::vector<ItemProgress> items_ = {};  // guarded by mutex_
  std::string stage_ = {};                // guarded by mutex_
  std::string reason_ = {};               // guarded by mutex_
  std::atomic<int> workers_ = 0;
};

}  // namespace voyager::model

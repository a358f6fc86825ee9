// Counters that a flow owns and anyone may ask for at their own pace.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"

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

/// Rows that were set aside, by what was wrong with them.
enum class AsideKind : std::uint8_t {
  kUnreadable,  ///< They cannot be cut out of a user's file.
  kRefused,     ///< By the target.
};

/// What became of an item's batches in this run, where rows go in batches.
struct BatchFigures {
  static constexpr std::array<std::uint64_t, 7> kRowLimits = {100, 500, 1'000, 5'000, 10'000, 50'000, 100'000};
  static constexpr std::array<std::uint64_t, 8> kByteLimits = {1ULL << 10U, 1ULL << 12U, 1ULL << 14U, 1ULL << 16U,
                                                               1ULL << 18U, 1ULL << 20U, 1ULL << 22U, 1ULL << 24U};
  std::uint64_t created = 0;    ///< Cut, and ready to be sent.
  std::uint64_t submitted = 0;  ///< Given to the target; one that was refused is given again in pieces.
  std::uint64_t ingested = 0;   ///< Committed by the target.
  std::uint64_t rows = 0;       ///< Of those that were ingested.
  std::uint64_t bytes = 0;
  /// How many were ingested of at most so many rows, bytes, and of more than the limit before.
  std::array<std::uint64_t, kRowLimits.size()> by_rows = {};
  std::array<std::uint64_t, kByteLimits.size()> by_bytes = {};
  std::uint64_t unreadable_rows = 0, unreadable_bytes = 0;  ///< Set aside.
  std::uint64_t refused_rows = 0, refused_bytes = 0;
};

/// What a part of a run has taken, of which several workers may have worked at the same time.
struct StageTime {
  std::string name = {};    ///< "rows", "indexes"
  double wall_s = 0;        ///< While at least one worker was at it.
  double sum_s = 0;         ///< Of all workers.
  std::uint64_t items = 0;  ///< Pieces of work: chunks, batches, statements.
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
  std::vector<StageTime> stages = {};  ///< In the order in which they began; what is under way is not in it.
  double busy_s = 0;                   ///< While at least one worker was at any of them.
  int working_max = 0;                 ///< The most workers at the same time.
};

class ProgressBoard;

/// A worker's time at one piece of a stage, from construction to the end of the scope.
class StageWork {
 public:
  StageWork(ProgressBoard& board, std::string_view stage);
  ~StageWork();
  StageWork(const StageWork&) = delete;
  StageWork& operator=(const StageWork&) = delete;

 private:
  ProgressBoard& board_;
  std::size_t stage_ = 0;
  base::Clock::Instant begun_ = {};
};

/// Thread-safe; writers add, readers take snapshots. Items keep their index for life.
class ProgressBoard {
 public:
  explicit ProgressBoard(std::string phase, const base::Clock& clock = base::system_clock())
      : phase_(std::move(phase)), clock_(clock) {}

  std::size_t add_item(std::string name, std::uint64_t rows_total, std::uint64_t bytes_total, bool total_is_estimate);
  void add_done(std::size_t item, std::uint64_t rows, std::uint64_t bytes);
  /// The same, of a batch that is in.
  void add_batch(std::size_t item, std::uint64_t rows, std::uint64_t bytes);
  void add_created_batches(std::size_t item, std::uint64_t batches);
  void add_submitted_batch(std::size_t item);
  /// What earlier runs had done: counts as done, and not as this run's.
  void add_before(std::size_t item, std::uint64_t rows, std::uint64_t bytes);
  void add_set_aside(std::size_t item, AsideKind kind, std::uint64_t rows, std::uint64_t bytes);
  void set_state(std::size_t item, WorkState state, std::string note = {});
  /// Done by this run, or skipped with `note` when earlier runs had done all of it.
  void finish_item(std::size_t item, std::string note);
  void set_totals(std::size_t item, std::uint64_t rows_total, std::uint64_t bytes_total, bool total_is_estimate);
  void set_stage(std::string stage);
  void set_reason(std::string reason);
  void set_workers(int workers);
  /// How busy the nodes of the target are, in per cent.
  void set_node_cpu(std::map<std::string, double> percent);
  ProgressSnapshot snapshot() const;
  std::vector<BatchFigures> batches() const;  ///< By item.
  std::map<std::string, double> node_cpu() const;

 private:
  friend class StageWork;
  // Time during which somebody works.
  struct Busy {
    int workers = 0;
    base::Clock::Instant since = {};
    double seconds = 0;
    void begin(base::Clock::Instant now);
    void end(base::Clock::Instant now);
  };
  struct Stage {
    StageTime time = {};
    Busy busy = {};
  };
  std::size_t begin_work(std::string_view stage, base::Clock::Instant now);
  void end_work(std::size_t stage, base::Clock::Instant begun);

  const std::string phase_;
  const base::Clock& clock_;
  mutable base::Mutex mutex_;
  std::vector<Stage> stages_ VOY_GUARDED_BY(mutex_) = {};
  Busy busy_ VOY_GUARDED_BY(mutex_) = {};
  int working_max_ VOY_GUARDED_BY(mutex_) = 0;
  std::vector<ItemProgress> items_ VOY_GUARDED_BY(mutex_) = {};
  std::vector<BatchFigures> batches_ VOY_GUARDED_BY(mutex_) = {};  // as many as items_
  std::map<std::string, double> node_cpu_ VOY_GUARDED_BY(mutex_) = {};
  std::string stage_ VOY_GUARDED_BY(mutex_) = {};
  std::string reason_ VOY_GUARDED_BY(mutex_) = {};
  std::atomic<int> workers_ = 0;
};

}  // namespace voyager::model

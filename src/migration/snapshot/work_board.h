// What is left to do for an import, and who does what next.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <variant>
#include <vector>

#include "base/mutex.h"
#include "base/stop.h"
#include "migration/snapshot/batch.h"
#include "model/snapshot.h"

namespace voyager::migration {

/// What happens to a batch that the target refuses because of a row. A row may be refused only because another one is
/// not there yet; so rows are given up for good only after a whole round has brought nothing more in.
enum class Attempt : std::uint8_t {
  kWhole,   ///< The batch as it is; when refused it is tried again later.
  kPieces,  ///< Taken apart; refused rows are tried again later.
  kLast,    ///< Refused rows are set aside, or end the run.
};

/// One board for rows and index builds. A table's statements become ready when no more batches of it will come and none
/// is open; they are preferred, because a big index decides the end of the run, as long as one worker stays with the
/// rows. A table's primary key is built alone, its other statements side by side. Work on a task costs the same however
/// many tables there are. Thread-safe.
class WorkBoard {
 public:
  struct RowsTask {
    Batch batch = {};
    Attempt attempt = Attempt::kWhole;
  };
  struct StatementTask {
    model::PostDataStatement statement = {};
    std::size_t table = 0;
  };
  using Task = std::variant<RowsTask, StatementTask>;

  struct Options {
    int workers = 1;
    std::size_t batches_max = 4;  ///< Batches ready at a time; who brings more waits.
    /// Batches are handed out in random order from this seed: neighbours would go to one node of a distributed target.
    std::optional<std::uint32_t> shuffle_seed = {};
  };
  explicit WorkBoard(const Options& options) : options_(options), random_(options.shuffle_seed.value_or(0)) {}

  /// Returns the table's index. `statements` run when its rows are in. Its batches are handed out when those of all
  /// tables with a lower `turn` have been tried.
  std::size_t add_table(std::vector<model::PostDataStatement> statements, int turn = 0);
  /// Waits while too many batches are ready. False when stopped.
  bool add_batches(std::size_t table, std::vector<Batch> batches, const base::Stop& stop);
  /// No more batches of this table.
  void close_table(std::size_t table);
  /// No more batches at all; closes what is open.
  void close();

  /// Waits for a task; nothing when all is done or stopped.
  std::optional<Task> next(const base::Stop& stop);
  /// `refused`: what of a RowsTask is to be tried again later; nothing after Attempt::kLast.
  void done(const Task& task, std::vector<Batch> refused = {});

  /// True when everything is done.
  bool finished();
  /// More rows wait than workers have taken, and nothing but rows is worked on: how fast they go says something.
  bool has_rows_ready();
  /// True when nothing is ready or in hand: only new batches can bring work.
  bool idle();
  /// Every row that was brought is in, or was tried and is to be tried again at the end.
  bool rows_were_tried();
  /// The tables whose rows are in and whose statements have run, each told once.
  std::vector<std::size_t> take_finished_tables();

 private:
  struct Table {
    std::vector<model::PostDataStatement> statements = {};
    int turn = 0;
    std::size_t next_statement = 0;
    int batches_open = 0;  // ready, held, in hand or refused
    int statements_in_hand = 0;
    bool key_in_hand = false;
    bool closed = false;
    bool listed = false;    // in ready_statements_
    bool finished = false;  // and counted as such
  };
  void look_at(std::size_t table) VOY_REQUIRES(mutex_);
  void begin_next_round() VOY_REQUIRES(mutex_);
  bool all_done() const VOY_REQUIRES(mutex_) { return closed_ && tables_open_ == 0; }
  std::optional<Task> take_statement() VOY_REQUIRES(mutex_);
  std::optional<Task> take_rows() VOY_REQUIRES(mutex_);

  const Options options_;
  base::Mutex mutex_;
  std::condition_variable changed_;
  std::mt19937 random_ VOY_GUARDED_BY(mutex_);
  std::deque<Table> tables_ VOY_GUARDED_BY(mutex_);
  std::size_t tables_open_ VOY_GUARDED_BY(mutex_) = 0;
  std::deque<Batch> ready_ VOY_GUARDED_BY(mutex_);
  std::map<int, std::deque<Batch>> held_ VOY_GUARDED_BY(mutex_);     // by turn
  std::vector<Batch> refused_ VOY_GUARDED_BY(mutex_);                // to be tried again
  std::deque<std::size_t> ready_statements_ VOY_GUARDED_BY(mutex_);  // tables
  std::vector<std::size_t> finished_tables_ VOY_GUARDED_BY(mutex_);
  int turn_ VOY_GUARDED_BY(mutex_) = 0;
  Attempt attempt_ VOY_GUARDED_BY(mutex_) = Attempt::kWhole;
  bool brought_rows_ VOY_GUARDED_BY(mutex_) = false;  // since the present round began
  int rows_in_hand_ VOY_GUARDED_BY(mutex_) = 0;
  int statements_in_hand_ VOY_GUARDED_BY(mutex_) = 0;
  bool closed_ VOY_GUARDED_BY(mutex_) = false;
};

}  // namespace voyager::migration

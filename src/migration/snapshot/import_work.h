// What is left to do for an import, and who does what next.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <variant>
#include <vector>

#include "base/stop.h"
#include "format/meta_db.h"
#include "migration/snapshot/batch.h"

namespace voyager::migration {

/// One scheduler for rows and index builds. A table's statements become ready when no more batches of it will come and
/// none is open; they are preferred, because a big index decides the end of the run, as long as one worker stays with
/// the rows. A table's primary key is built alone, its other statements side by side. Thread-safe.
class ImportWork {
 public:
  struct RowsTask {
    Batch batch = {};
  };
  struct StatementTask {
    format::PostDataStatement statement = {};
    std::size_t table = 0;
  };
  using Task = std::variant<RowsTask, StatementTask>;

  ImportWork(int workers, std::size_t batches_max) : workers_(workers), batches_max_(batches_max) {}

  /// Returns the table's index. `statements` run when its rows are in.
  std::size_t add_table(std::vector<format::PostDataStatement> statements);
  /// Waits while too many batches are queued. False when stopped.
  bool add_batches(std::size_t table, std::vector<Batch> batches, const base::Stop& stop);
  /// No more batches of this table.
  void close_table(std::size_t table);
  /// No more batches at all; closes what is open.
  void close();

  /// Waits for a task; nothing when all is done or stopped.
  std::optional<Task> next(const base::Stop& stop);
  void done(const Task& task);

  /// True when everything is done.
  bool finished();
  /// True once the rows of the table are in and its statements have run.
  bool table_done(std::size_t table);

 private:
  struct Table {
    std::vector<format::PostDataStatement> statements = {};
    std::size_t next_statement = 0;
    int rows_queued = 0;
    int rows_in_hand = 0;
    int statements_in_hand = 0;
    bool key_in_hand = false;
    bool closed = false;
  };
  bool rows_in(const Table& table) const { return table.closed && table.rows_queued == 0 && table.rows_in_hand == 0; }
  bool all_done() const;
  std::optional<Task> take_statement();
  std::optional<Task> take_rows();

  const int workers_;
  const std::size_t batches_max_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Table> tables_;    // guarded by mutex_
  std::deque<Batch> batches_;   // guarded by mutex_
  int statements_in_hand_ = 0;  // guarded by mutex_
  bool closed_ = false;         // guarded by mutex_
};

}  // namespace voyager::migration

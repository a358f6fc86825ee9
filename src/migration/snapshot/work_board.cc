#include "migration/snapshot/work_board.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/error.h"

namespace voyager::migration {
namespace {

constexpr std::chrono::milliseconds kLook{100};

std::uint64_t rows_of(const std::vector<Batch>& batches) {
  std::uint64_t sum = 0;
  for (const Batch& batch : batches) sum += batch.rows();
  return sum;
}

}  // namespace

std::size_t WorkBoard::add_table(std::vector<model::PostDataStatement> statements, int turn) {
  const base::MutexLock lock(mutex_);
  std::ranges::stable_sort(statements, {}, [](const model::PostDataStatement& statement) {
    return statement.kind == model::PostDataStatement::Kind::kKey ? 0 : 1;
  });
  tables_.push_back({.statements = std::move(statements), .turn = turn});
  ++tables_open_;
  return tables_.size() - 1;
}

bool WorkBoard::add_batches(std::size_t table, std::vector<Batch> batches, const base::Stop& stop) {
  base::MutexLock lock(mutex_);
  Table& owner = tables_[table];
  for (Batch& batch : batches) {
    const bool held = owner.turn > turn_;
    while (!held && ready_.size() >= options_.batches_max) {
      if (stop.draining()) return false;
      lock.wait_for(changed_, kLook);
    }
    ++owner.batches_open;
    (held ? held_[owner.turn] : ready_).push_back(std::move(batch));
    changed_.notify_all();
  }
  return !stop.draining();
}

void WorkBoard::close_table(std::size_t table) {
  const base::MutexLock lock(mutex_);
  tables_[table].closed = true;
  look_at(table);
  changed_.notify_all();
}

void WorkBoard::close() {
  const base::MutexLock lock(mutex_);
  closed_ = true;
  for (std::size_t i = 0; i < tables_.size(); ++i) {
    tables_[i].closed = true;
    look_at(i);
  }
  changed_.notify_all();
}

// After everything that can change what a table waits for.
void WorkBoard::look_at(std::size_t index) {
  Table& table = tables_[index];
  if (!table.closed || table.batches_open > 0 || table.key_in_hand || table.listed || table.finished) return;
  if (table.next_statement < table.statements.size()) {
    table.listed = true;
    ready_statements_.push_back(index);
  } else if (table.statements_in_hand == 0) {
    table.finished = true;
    --tables_open_;
    finished_tables_.push_back(index);
  }
}

// When all that was ready has been tried: the tables of the next turn, then once more what was refused.
void WorkBoard::begin_next_round() {
  if (!closed_ || !ready_.empty() || rows_in_hand_ > 0) return;
  if (!held_.empty()) {
    turn_ = held_.begin()->first;
    ready_ = std::move(held_.begin()->second);
    held_.erase(held_.begin());
    return;
  }
  if (refused_.empty()) return;
  if (!brought_rows_) attempt_ = attempt_ == Attempt::kWhole ? Attempt::kPieces : Attempt::kLast;
  brought_rows_ = false;
  for (Batch& batch : std::exchange(refused_, {})) ready_.push_back(std::move(batch));
}

std::optional<WorkBoard::Task> WorkBoard::take_statement() {
  if (ready_statements_.empty()) return std::nullopt;
  const std::size_t index = ready_statements_.front();
  Table& table = tables_[index];
  StatementTask task{table.statements[table.next_statement++], index};
  table.key_in_hand = task.statement.kind == model::PostDataStatement::Kind::kKey;
  if (table.key_in_hand || table.next_statement == table.statements.size()) {
    ready_statements_.pop_front();
    table.listed = false;
  }
  ++table.statements_in_hand;
  ++statements_in_hand_;
  return task;
}

std::optional<WorkBoard::Task> WorkBoard::take_rows() {
  begin_next_round();
  if (ready_.empty()) return std::nullopt;
  if (options_.shuffle_seed) {
    std::uniform_int_distribution<std::size_t> any(0, ready_.size() - 1);
    std::swap(ready_.front(), ready_[any(random_)]);
  }
  RowsTask task{std::move(ready_.front()), attempt_};
  ready_.pop_front();
  ++rows_in_hand_;
  return task;
}

std::optional<WorkBoard::Task> WorkBoard::next(const base::Stop& stop) {
  base::MutexLock lock(mutex_);
  while (!stop.draining()) {
    const bool rows_need_one = !ready_.empty() && statements_in_hand_ >= options_.workers - 1 && options_.workers > 1;
    std::optional<Task> task = rows_need_one ? take_rows() : take_statement();
    if (!task) task = rows_need_one ? take_statement() : take_rows();
    if (task) {
      changed_.notify_all();
      return task;
    }
    if (all_done()) return std::nullopt;
    lock.wait_for(changed_, kLook);
  }
  return std::nullopt;
}

void WorkBoard::done(const Task& task, std::vector<Batch> refused) {
  const base::MutexLock lock(mutex_);
  std::size_t table = 0;
  if (const auto* rows = std::get_if<RowsTask>(&task)) {
    VOY_ASSERT(refused.empty() || rows->attempt != Attempt::kLast);
    table = rows->batch.file->table_index;
    --rows_in_hand_;
    tables_[table].batches_open += static_cast<int>(refused.size()) - 1;
    brought_rows_ |= rows_of(refused) < rows->batch.rows();
    for (Batch& batch : refused) refused_.push_back(std::move(batch));
  } else {
    const auto& statement = std::get<StatementTask>(task);
    table = statement.table;
    --tables_[table].statements_in_hand;
    --statements_in_hand_;
    if (statement.statement.kind == model::PostDataStatement::Kind::kKey) tables_[table].key_in_hand = false;
  }
  look_at(table);
  changed_.notify_all();
}

bool WorkBoard::finished() {
  const base::MutexLock lock(mutex_);
  return all_done();
}

bool WorkBoard::has_rows_ready() {
  const base::MutexLock lock(mutex_);
  return !ready_.empty() && statements_in_hand_ == 0;
}

bool WorkBoard::idle() {
  const base::MutexLock lock(mutex_);
  return ready_.empty() && ready_statements_.empty() && rows_in_hand_ == 0 && statements_in_hand_ == 0;
}

bool WorkBoard::rows_were_tried() {
  const base::MutexLock lock(mutex_);
  return ready_.empty() && rows_in_hand_ == 0;
}

std::vector<std::size_t> WorkBoard::take_finished_tables() {
  const base::MutexLock lock(mutex_);
  return std::exchange(finished_tables_, {});
}

}  // namespace voyager::migration

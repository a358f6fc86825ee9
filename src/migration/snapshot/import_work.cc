#include "migration/snapshot/import_work.h"

#include <algorithm>
#include <chrono>

namespace voyager::migration {
namespace {
constexpr std::chrono::milliseconds kLook{100};
}  // namespace

std::size_t ImportWork::add_table(std::vector<format::PostDataStatement> statements) {
  const std::lock_guard lock(mutex_);
  std::ranges::stable_sort(statements, {}, [](const format::PostDataStatement& statement) {
    return statement.kind == format::PostDataStatement::Kind::kKey ? 0 : 1;
  });
  tables_.push_back({.statements = std::move(statements)});
  return tables_.size() - 1;
}

bool ImportWork::add_batches(std::size_t table, std::vector<Batch> batches, const base::Stop& stop) {
  std::unique_lock lock(mutex_);
  for (Batch& batch : batches) {
    while (batches_.size() >= batches_max_) {
      if (stop.draining()) return false;
      changed_.wait_for(lock, kLook);
    }
    ++tables_[table].rows_queued;
    batches_.push_back(std::move(batch));
    changed_.notify_all();
  }
  return !stop.draining();
}

void ImportWork::close_table(std::size_t table) {
  const std::lock_guard lock(mutex_);
  tables_[table].closed = true;
  changed_.notify_all();
}

void ImportWork::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  for (Table& table : tables_) table.closed = true;
  changed_.notify_all();
}

bool ImportWork::all_done() const {
  return closed_ && batches_.empty() && std::ranges::all_of(tables_, [this](const Table& table) {
           return rows_in(table) && table.next_statement == table.statements.size() && table.statements_in_hand == 0;
         });
}

std::optional<ImportWork::Task> ImportWork::take_statement() {
  for (std::size_t i = 0; i < tables_.size(); ++i) {
    Table& table = tables_[i];
    if (!rows_in(table) || table.key_in_hand || table.next_statement == table.statements.size()) continue;
    const format::PostDataStatement& statement = table.statements[table.next_statement++];
    table.key_in_hand = statement.kind == format::PostDataStatement::Kind::kKey;
    ++table.statements_in_hand;
    ++statements_in_hand_;
    return StatementTask{statement, i};
  }
  return std::nullopt;
}

std::optional<ImportWork::Task> ImportWork::take_rows() {
  if (batches_.empty()) return std::nullopt;
  RowsTask task{std::move(batches_.front())};
  batches_.pop_front();
  Table& table = tables_[task.batch.file->table_index];
  --table.rows_queued;
  ++table.rows_in_hand;
  return task;
}

std::optional<ImportWork::Task> ImportWork::next(const base::Stop& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.draining()) {
    const bool rows_need_one = !batches_.empty() && statements_in_hand_ >= workers_ - 1 && workers_ > 1;
    std::optional<Task> task = rows_need_one ? take_rows() : take_statement();
    if (!task) task = rows_need_one ? take_statement() : take_rows();
    if (task) {
      changed_.notify_all();
      return task;
    }
    if (all_done()) return std::nullopt;
    changed_.wait_for(lock, kLook);
  }
  return std::nullopt;
}

void ImportWork::done(const Task& task) {
  const std::lock_guard lock(mutex_);
  if (const auto* rows = std::get_if<RowsTask>(&task)) {
    --tables_[rows->batch.file->table_index].rows_in_hand;
  } else {
    const auto& statement = std::get<StatementTask>(task);
    Table& table = tables_[statement.table];
    --table.statements_in_hand;
    --statements_in_hand_;
    if (statement.statement.kind == format::PostDataStatement::Kind::kKey) table.key_in_hand = false;
  }
  changed_.notify_all();
}

bool ImportWork::table_done(std::size_t table) {
  const std::lock_guard lock(mutex_);
  const Table& one = tables_[table];
  return rows_in(one) && one.next_statement == one.statements.size() && one.statements_in_hand == 0;
}

bool ImportWork::finished() {
  const std::lock_guard lock(mutex_);
  return all_done();
}

}  // namespace voyager::migration

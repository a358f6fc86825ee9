#include "migration/snapshot/work_board.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace voyager::migration {
namespace {

using Kind = model::PostDataStatement::Kind;
using Task = std::optional<WorkBoard::Task>;

Batch batch_of(std::size_t table, std::uint32_t rows = 1) {
  auto file = std::make_shared<ImportFile>();
  file->table_index = table;
  file->frames = {{.rows = rows}};
  return {.file = file, .parts = {{0, 0, rows}}};
}

bool is_rows(const Task& task) {
  return task && std::holds_alternative<WorkBoard::RowsTask>(*task);
}

std::size_t table_of(const Task& task) {
  return std::get<WorkBoard::RowsTask>(*task).batch.file->table_index;
}

Attempt attempt_of(const Task& task) {
  return std::get<WorkBoard::RowsTask>(*task).attempt;
}

Kind kind_of(const Task& task) {
  return std::get<WorkBoard::StatementTask>(*task).statement.kind;
}

TEST(WorkBoard, StatementsWaitForTheLastBatchOfTheirTable) {
  base::Stop stop;
  WorkBoard board({.workers = 2, .batches_max = 100});
  const std::size_t table = board.add_table({{.kind = Kind::kIndex}});
  board.add_batches(table, {batch_of(table)}, stop);
  board.close_table(table);
  const Task rows = board.next(stop);
  ASSERT_TRUE(is_rows(rows));
  const std::size_t other = board.add_table({});  // Still open, so there is work to wait for.
  board.done(*rows);
  const Task statement = board.next(stop);
  ASSERT_FALSE(is_rows(statement));
  EXPECT_TRUE(board.take_finished_tables().empty());
  board.done(*statement);
  EXPECT_EQ(board.take_finished_tables(), std::vector<std::size_t>{table});
  EXPECT_TRUE(board.idle());
  EXPECT_FALSE(board.finished());
  board.close();
  EXPECT_FALSE(board.next(stop).has_value());
  EXPECT_EQ(board.take_finished_tables(), std::vector<std::size_t>{other}) << "each is told once";
}

TEST(WorkBoard, AKeyIsBuiltAloneAndFirst) {
  base::Stop stop;
  WorkBoard board({.workers = 4});
  board.add_table({{.kind = Kind::kIndex}, {.kind = Kind::kKey}, {.kind = Kind::kIndex}});
  const std::size_t other = board.add_table({{.kind = Kind::kUnique}});
  board.close();
  const Task key = board.next(stop);
  EXPECT_EQ(kind_of(key), Kind::kKey);
  const Task elsewhere = board.next(stop);
  EXPECT_EQ(std::get<WorkBoard::StatementTask>(*elsewhere).table, other) << "the key's table waits, others go on";
  board.done(*key);
  EXPECT_EQ(kind_of(board.next(stop)), Kind::kIndex);
  EXPECT_EQ(kind_of(board.next(stop)), Kind::kIndex) << "two indexes of a table side by side";
  board.done(*elsewhere);
  EXPECT_EQ(board.take_finished_tables(), std::vector<std::size_t>{other});
}

TEST(WorkBoard, OneWorkerStaysWithTheRows) {
  base::Stop stop;
  WorkBoard board({.workers = 2, .batches_max = 100});
  const std::size_t finished = board.add_table({{.kind = Kind::kIndex}, {.kind = Kind::kIndex}});
  const std::size_t loading = board.add_table({});
  board.close_table(finished);
  board.add_batches(loading, {batch_of(loading), batch_of(loading)}, stop);
  EXPECT_FALSE(is_rows(board.next(stop)));
  EXPECT_TRUE(is_rows(board.next(stop))) << "the second index waits: rows are there and only one worker is left";
}

TEST(WorkBoard, AStopEndsWaiting) {
  base::Stop stop;
  WorkBoard board({.workers = 1, .batches_max = 1});
  board.add_table({});
  stop.request_drain();
  EXPECT_FALSE(board.next(stop).has_value());
  EXPECT_FALSE(board.finished());
}

TEST(WorkBoard, TablesOfALaterTurnWaitAndTakeNoRoom) {
  base::Stop stop;
  WorkBoard board({.workers = 2, .batches_max = 1});
  const std::size_t late = board.add_table({}, 1);
  const std::size_t first = board.add_table({});
  EXPECT_TRUE(board.add_batches(late, {batch_of(late), batch_of(late)}, stop)) << "more than fit";
  EXPECT_TRUE(board.add_batches(first, {batch_of(first)}, stop));
  board.close();
  const Task rows = board.next(stop);
  EXPECT_EQ(table_of(rows), first);
  stop.request_drain();
  EXPECT_FALSE(board.next(stop).has_value()) << "its rows are still in hand";
  base::Stop again;
  board.done(*rows);
  EXPECT_EQ(table_of(board.next(again)), late);
}

TEST(WorkBoard, RefusedBatchesAreGivenUpOnlyAfterARoundThatBroughtNothing) {
  base::Stop stop;
  WorkBoard board({.workers = 1, .batches_max = 100});
  const std::size_t table = board.add_table({{.kind = Kind::kIndex}});
  const std::size_t other = board.add_table({});
  board.add_batches(table, {batch_of(table, 10)}, stop);
  board.add_batches(other, {batch_of(other)}, stop);
  board.close();
  const Task refused = board.next(stop);
  EXPECT_EQ(attempt_of(refused), Attempt::kWhole);
  board.done(*refused, {batch_of(table, 10)});
  board.done(*board.next(stop));  // The other table's row came in, which may be what was missing.
  const Task again = board.next(stop);
  EXPECT_EQ(attempt_of(again), Attempt::kWhole);
  board.done(*again, {batch_of(table, 10)});
  const Task pieces = board.next(stop);
  EXPECT_EQ(attempt_of(pieces), Attempt::kPieces);
  board.done(*pieces, {batch_of(table), batch_of(table)});
  for (int i = 0; i < 2; ++i) {
    const Task more = board.next(stop);
    EXPECT_EQ(attempt_of(more), Attempt::kPieces) << "eight of ten came in";
    board.done(*more, {batch_of(table)});
  }
  for (int i = 0; i < 2; ++i) {
    const Task last = board.next(stop);
    EXPECT_EQ(attempt_of(last), Attempt::kLast);
    board.done(*last);
  }
  EXPECT_EQ(kind_of(board.next(stop)), Kind::kIndex) << "only now the table's rows are in";
}

TEST(WorkBoard, AShuffledBoardHandsOutEverythingOnce) {
  base::Stop stop;
  WorkBoard board({.workers = 1, .batches_max = 1'000, .shuffle_seed = 7});
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < 100; ++i) {
    const std::size_t table = board.add_table({});
    board.add_batches(table, {batch_of(table)}, stop);
  }
  board.close();
  while (const Task task = board.next(stop)) {
    order.push_back(table_of(task));
    board.done(*task);
  }
  EXPECT_EQ(std::set<std::size_t>(order.begin(), order.end()).size(), 100U);
  EXPECT_FALSE(std::ranges::is_sorted(order));
}

}  // namespace
}  // namespace voyager::migration

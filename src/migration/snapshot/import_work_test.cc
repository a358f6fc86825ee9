#include "migration/snapshot/import_work.h"

#include <gtest/gtest.h>

#include <set>

namespace voyager::migration {
namespace {

using Kind = format::PostDataStatement::Kind;

Batch batch_of(std::size_t table) {
  auto file = std::make_shared<ImportFile>();
  file->table_index = table;
  file->frames = {{.rows = 1}};
  return {.file = file, .parts = {{0, 0, 1}}};
}

bool is_rows(const std::optional<ImportWork::Task>& task) {
  return task && std::holds_alternative<ImportWork::RowsTask>(*task);
}

Kind kind_of(const std::optional<ImportWork::Task>& task) {
  return std::get<ImportWork::StatementTask>(*task).statement.kind;
}

TEST(ImportWork, StatementsWaitForTheLastBatchOfTheirTable) {
  base::Stop stop;
  ImportWork work(2, 100);
  const std::size_t table = work.add_table({{.kind = Kind::kIndex}});
  work.add_batches(table, {batch_of(table)}, stop);
  work.close_table(table);
  const auto rows = work.next(stop);
  ASSERT_TRUE(is_rows(rows));
  work.add_table({});  // another table that is still open keeps the work alive
  work.done(*rows);
  const auto statement = work.next(stop);
  ASSERT_FALSE(is_rows(statement));
  EXPECT_FALSE(work.table_done(table));
  work.done(*statement);
  EXPECT_TRUE(work.table_done(table));
  work.close();
  EXPECT_FALSE(work.next(stop).has_value());
}

TEST(ImportWork, AKeyIsBuiltAloneAndFirst) {
  base::Stop stop;
  ImportWork work(4, 100);
  const std::size_t table = work.add_table({{.kind = Kind::kIndex}, {.kind = Kind::kKey}, {.kind = Kind::kIndex}});
  const std::size_t other = work.add_table({{.kind = Kind::kUnique}});
  work.close();
  const auto key = work.next(stop);
  EXPECT_EQ(kind_of(key), Kind::kKey);
  const auto elsewhere = work.next(stop);
  EXPECT_EQ(std::get<ImportWork::StatementTask>(*elsewhere).table, other) << "the key's table waits, others go on";
  work.done(*key);
  EXPECT_EQ(kind_of(work.next(stop)), Kind::kIndex);
  EXPECT_EQ(kind_of(work.next(stop)), Kind::kIndex) << "two indexes of a table side by side";
  EXPECT_FALSE(work.table_done(table));
}

TEST(ImportWork, OneWorkerStaysWithTheRows) {
  base::Stop stop;
  ImportWork work(2, 100);
  const std::size_t finished = work.add_table({{.kind = Kind::kIndex}, {.kind = Kind::kIndex}});
  const std::size_t loading = work.add_table({});
  work.close_table(finished);
  work.add_batches(loading, {batch_of(loading), batch_of(loading)}, stop);
  EXPECT_FALSE(is_rows(work.next(stop)));
  EXPECT_TRUE(is_rows(work.next(stop))) << "the second index waits: rows are there and only one worker is left";
}

TEST(ImportWork, AStopEndsWaiting) {
  base::Stop stop;
  ImportWork work(1, 1);
  work.add_table({});
  stop.request_drain();
  EXPECT_FALSE(work.next(stop).has_value());
  EXPECT_FALSE(work.finished());
}

}  // namespace
}  // namespace voyager::migration

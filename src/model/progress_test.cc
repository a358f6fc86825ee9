#include "model/progress.h"

#include <gtest/gtest.h>

#include <thread>

namespace voyager::model {
namespace {

TEST(ProgressBoard, SumsItsItems) {
  ProgressBoard board("export-data");
  const std::size_t a = board.add_item("a", 100, 1000, false);
  const std::size_t b = board.add_item("b", 50, 500, true);
  board.set_state(a, WorkState::kRunning);
  board.add_done(a, 10, 100);
  board.add_done(a, 5, 50);
  board.add_set_aside(a, AsideKind::kRefused, 2, 20);
  board.set_state(b, WorkState::kFailed, "why");
  board.set_stage("rows");
  board.set_reason("the disk is slow");
  board.set_workers(4);

  const ProgressSnapshot now = board.snapshot();
  EXPECT_EQ(now.phase, "export-data");
  EXPECT_EQ(now.stage, "rows");
  EXPECT_EQ(now.reason, "the disk is slow");
  EXPECT_EQ(now.workers, 4);
  EXPECT_EQ(now.rows_done, 15U);
  EXPECT_EQ(now.rows_total, 150U);
  EXPECT_EQ(now.bytes_done, 150U);
  EXPECT_EQ(now.bytes_total, 1500U);
  EXPECT_EQ(now.rows_set_aside, 2U);
  EXPECT_EQ(now.running, 1);
  EXPECT_EQ(now.failed, 1);
  EXPECT_EQ(now.items.at(b).note, "why");
  EXPECT_TRUE(now.total_is_estimate);
}

TEST(ProgressBoard, AStageTakesTheTimeOfAllItsWorkers) {
  const base::ManualClock clock;
  ProgressBoard board("import-data", clock);
  const auto pass = [&clock](int seconds) {
    EXPECT_TRUE(clock.sleep_for(std::chrono::seconds(seconds), base::Stop()));
  };
  {
    const StageWork first(board, "rows");
    pass(2);
    {
      const StageWork second(board, "rows");
      const StageWork index(board, "indexes");
      pass(3);
    }
  }
  pass(10);  // Nobody works.
  {
    const StageWork again(board, "rows");
    pass(1);
  }
  const ProgressSnapshot now = board.snapshot();
  ASSERT_EQ(now.stages.size(), 2U);
  EXPECT_EQ(now.stages[0].name, "rows");
  EXPECT_DOUBLE_EQ(now.stages[0].wall_s, 6);
  EXPECT_DOUBLE_EQ(now.stages[0].sum_s, 9);
  EXPECT_EQ(now.stages[0].items, 3U);
  EXPECT_DOUBLE_EQ(now.stages[1].wall_s, 3);
  EXPECT_DOUBLE_EQ(now.stages[1].sum_s, 3);
  EXPECT_DOUBLE_EQ(now.busy_s, 6);
  EXPECT_EQ(now.working_max, 3);
}

TEST(ProgressBoard, ATotalIsExactOnlyWhenAllItemsAre) {
  ProgressBoard board("import-data");
  const std::size_t a = board.add_item("a", 1, 1, true);
  EXPECT_TRUE(board.snapshot().total_is_estimate);
  board.set_totals(a, 7, 70, false);
  EXPECT_FALSE(board.snapshot().total_is_estimate);
  EXPECT_EQ(board.snapshot().rows_total, 7U);
}

TEST(ProgressBoard, CountsEveryStateOnce) {
  ProgressBoard board("x");
  for (int state = 0; state <= static_cast<int>(WorkState::kStopped); ++state) {
    board.set_state(board.add_item("i", 0, 0, false), static_cast<WorkState>(state));
  }
  const ProgressSnapshot now = board.snapshot();
  EXPECT_EQ(now.done, 2);    // done, skipped
  EXPECT_EQ(now.queued, 2);  // queued, stopped
  EXPECT_EQ(now.failed, 1);
  EXPECT_EQ(now.running, 3);  // running, waiting, paced
  EXPECT_STREQ(to_string(WorkState::kPaced), "paced");
}

TEST(ProgressBoard, LosesNothingBetweenThreads) {
  ProgressBoard board("x");
  const std::size_t item = board.add_item("i", 0, 0, false);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int n = 0; n < 1000; ++n) board.add_done(item, 1, 2);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(board.snapshot().rows_done, 4000U);
  EXPECT_EQ(board.snapshot().bytes_done, 8000U);
}

}  // namespace
}  // namespace voyager::model

#include "report/progress_figures.h"

#include <gtest/gtest.h>

namespace voyager::report {
namespace {

using model::ProgressBoard;
using model::WorkState;

constexpr std::uint64_t kMiB = 1 << 20;

/// Moves `item` by `bytes_per_s` from second `from` to second `to`, taking a snapshot each second.
void move(ProgressBoard& board, ProgressHistory& history, std::size_t item, int from, int to,
          std::uint64_t bytes_per_s) {
  for (int s = from; s < to; ++s) {
    history.add(s, board.snapshot());
    board.add_done(item, 10, bytes_per_s);
  }
  history.add(to, board.snapshot());
}

TEST(ProgressHistory, RateIsTheAverageOfTheLastThirtySeconds) {
  ProgressBoard board("export-data");
  const std::size_t a = board.add_item("a", 0, 10'000 * kMiB, true);
  board.set_state(a, WorkState::kRunning);
  ProgressHistory history;
  move(board, history, a, 0, 60, 100 * kMiB);
  EXPECT_NEAR(history.figures().total.bytes_per_s, 100.0 * kMiB, 1);
  move(board, history, a, 60, 75, 0);
  EXPECT_NEAR(history.figures().total.bytes_per_s, 50.0 * kMiB, 4.0 * kMiB);
  EXPECT_NEAR(history.figures().items[a].bytes_per_s, 50.0 * kMiB, 4.0 * kMiB);
}

TEST(ProgressHistory, WhatAnEarlierRunHadDoneIsNoRate) {
  ProgressBoard board("import-data");
  const std::size_t a = board.add_item("a", 0, 1'000 * kMiB, false);
  board.add_before(a, 1, 500 * kMiB);
  ProgressHistory history;
  history.add(0, board.snapshot());
  const std::size_t b = board.add_item("b", 0, 1'000 * kMiB, false);
  history.add(0.5, board.snapshot());
  board.set_state(b, WorkState::kRunning);
  board.add_before(b, 1, 400 * kMiB);  // Found by the resume, whenever it looks.
  history.add(1, board.snapshot());
  board.set_state(a, WorkState::kRunning);
  board.add_done(a, 1, 100 * kMiB);
  history.add(11, board.snapshot());
  EXPECT_EQ(history.figures().total.percent, 50);
  EXPECT_NEAR(history.figures().total.bytes_per_s, 100.0 * kMiB / 11, kMiB);
}

TEST(ProgressHistory, WhatMovedBeforeTheFirstLookIsThisRuns) {
  ProgressBoard board("export-data");
  const std::size_t a = board.add_item("a", 0, 1'000 * kMiB, false);
  board.set_state(a, WorkState::kRunning);
  board.add_done(a, 1, 500 * kMiB);
  ProgressHistory history;
  history.add(0, board.snapshot());
  history.add(10, board.snapshot());
  history.end(false);
  EXPECT_NEAR(history.figures().total.bytes_per_s, 50.0 * kMiB, kMiB);
}

TEST(ProgressHistory, AnItemJustBegunIsMeasuredFromItsStart) {
  ProgressBoard board("import-data");
  const std::size_t a = board.add_item("a", 0, 10'000 * kMiB, true);
  const std::size_t b = board.add_item("b", 0, 10'000 * kMiB, true);
  board.set_state(a, WorkState::kRunning);
  ProgressHistory history;
  move(board, history, a, 0, 60, kMiB);
  board.set_state(b, WorkState::kRunning);
  move(board, history, b, 61, 66, 10 * kMiB);
  EXPECT_NEAR(history.figures().items[b].bytes_per_s, 10.0 * kMiB, 3.0 * kMiB);
}

TEST(ProgressHistory, EtaWaitsForTenSecondsAndOnePercent) {
  ProgressBoard board("export-data");
  const std::size_t a = board.add_item("a", 0, 1'000 * kMiB, true);
  board.set_state(a, WorkState::kRunning);
  ProgressHistory history;
  move(board, history, a, 0, 9, 10 * kMiB);
  EXPECT_FALSE(history.figures().total.eta_s.has_value());
  move(board, history, a, 9, 10, 10 * kMiB);
  ASSERT_TRUE(history.figures().total.eta_s.has_value());
  EXPECT_NEAR(*history.figures().total.eta_s, 90, 1);
  board.set_totals(a, 0, 100'000 * kMiB, true);  // Now below 1 %.
  history.add(10.1, board.snapshot());
  EXPECT_FALSE(history.figures().total.eta_s.has_value());
}

TEST(ProgressHistory, EtaBeyondNinetyNineHoursIsHidden) {
  ProgressBoard board("export-data");
  const std::size_t a = board.add_item("a", 0, 10'000'000, true);
  board.add_done(a, 0, 200'000);
  board.set_state(a, WorkState::kRunning);
  ProgressHistory history;
  move(board, history, a, 0, 60, 10);
  EXPECT_FALSE(history.figures().total.eta_s.has_value());
}

TEST(ProgressHistory, TotalEtaIsAtLeastThatOfTheSlowestItem) {
  ProgressBoard board("export-data");
  const std::size_t fast = board.add_item("fast", 0, 10'000 * kMiB, true);
  const std::size_t slow = board.add_item("slow", 0, 1'000 * kMiB, true);
  board.set_state(fast, WorkState::kRunning);
  board.set_state(slow, WorkState::kRunning);
  ProgressHistory history;
  for (int s = 0; s <= 60; ++s) {
    history.add(s, board.snapshot());
    board.add_done(fast, 1, 100 * kMiB);
    board.add_done(slow, 1, kMiB);
  }
  const ProgressFigures figures = history.figures();
  EXPECT_EQ(figures.slowest, slow);
  ASSERT_TRUE(figures.total.eta_s.has_value());
  EXPECT_NEAR(*figures.total.eta_s, 940, 2);
}

TEST(ProgressHistory, PercentIsFlooredAndHeldUntilTheEnd) {
  ProgressBoard board("export-data");
  const std::size_t a = board.add_item("a", 0, 1000, true);
  board.set_state(a, WorkState::kRunning);
  board.add_done(a, 0, 999);
  ProgressHistory history;
  history.add(0, board.snapshot());
  EXPECT_EQ(history.figures().items[a].percent, 99);
  board.add_done(a, 0, 501);  // More than was estimated.
  history.add(1, board.snapshot());
  EXPECT_EQ(history.figures().items[a].percent, 99);
  EXPECT_EQ(history.figures().now.bytes_total, 1500U);
  board.set_state(a, WorkState::kDone);
  history.add(2, board.snapshot());
  EXPECT_EQ(history.figures().items[a].percent, 100);
  EXPECT_EQ(history.figures().total.percent, 99) << "more items may come";
  history.end(false);
  EXPECT_EQ(history.figures().total.percent, 100);
  EXPECT_FALSE(history.figures().now.total_is_estimate);
}

TEST(ProgressHistory, AnEndWithFailuresIsNotComplete) {
  ProgressBoard board("export-data");
  const std::size_t a = board.add_item("a", 0, 1000, false);
  board.add_done(a, 0, 1000);
  board.set_state(a, WorkState::kFailed);
  ProgressHistory history;
  history.add(0, board.snapshot());
  history.end(false);
  EXPECT_EQ(history.figures().total.percent, 99);
}

TEST(ProgressHistory, AFlowThatFailedIsNotComplete) {
  ProgressBoard board("import-data");
  ProgressHistory nothing;
  nothing.add(0, board.snapshot());
  nothing.end(true);
  EXPECT_FALSE(nothing.figures().total.percent.has_value()) << "nothing of nothing is not all";
  const std::size_t a = board.add_item("a", 0, 1000, false);
  board.add_done(a, 0, 1000);
  board.set_state(a, WorkState::kDone);
  ProgressHistory history;
  history.add(0, board.snapshot());
  history.end(true);
  EXPECT_EQ(history.figures().total.percent, 99);
}

TEST(ProgressHistory, WeighsByBytesNotByTables) {
  ProgressBoard board("export-data");
  for (int i = 0; i < 99; ++i) {
    const std::size_t small = board.add_item("small", 10, 0, false);
    board.set_state(small, WorkState::kDone);
  }
  const std::size_t huge = board.add_item("huge", 0, 1000, false);
  board.set_state(huge, WorkState::kRunning);
  board.add_done(huge, 0, 100);
  ProgressHistory history;
  history.add(0, board.snapshot());
  EXPECT_EQ(history.figures().total.percent, 10);
}

TEST(ProgressHistory, SaysWhenNothingMoves) {
  ProgressBoard board("export-data");
  const std::size_t a = board.add_item("a", 0, 1000, false);
  board.set_state(a, WorkState::kRunning);
  ProgressHistory history;
  history.add(0, board.snapshot());
  history.add(29, board.snapshot());
  EXPECT_EQ(history.figures().reason, "");
  history.add(40, board.snapshot());
  EXPECT_EQ(history.figures().reason, "nothing moved for 40s");
  board.set_reason("target CPU 92 %");
  history.add(41, board.snapshot());
  EXPECT_EQ(history.figures().reason, "target CPU 92 %");
}

TEST(ProgressHistory, AnItemWithoutASizeIsNotStalled) {
  ProgressBoard board("import-data");
  const std::size_t a = board.add_item("foreign key f on a", 0, 0, false);
  board.set_state(a, WorkState::kRunning);
  ProgressHistory history;
  history.add(0, board.snapshot());
  history.add(100, board.snapshot());
  EXPECT_EQ(history.figures().reason, "");
  EXPECT_FALSE(history.figures().items[a].percent.has_value());
}

TEST(ProgressHistory, NothingAtAll) {
  const ProgressHistory history;
  EXPECT_FALSE(history.figures().total.percent.has_value());
  EXPECT_TRUE(history.figures().items.empty());
}

}  // namespace
}  // namespace voyager::report

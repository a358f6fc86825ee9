#include "migration/changes/batch_pacer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <functional>
#include <map>

namespace voyager::migration {
namespace {

constexpr double kUsual = 10'000;

// Looks once a second at a target that takes `rate(size)` changes a second, in whole transactions. Returns the share of
// the time that was spent at each size, by its logarithm.
std::map<int, int> run(BatchPacer& pacer, int seconds, const std::function<double(double)>& rate) {
  std::map<int, int> spent;
  double changes = 0, open = 0;
  for (int second = 0; second < seconds; ++second) {
    pacer.look(second, static_cast<std::uint64_t>(changes), true);
    ++spent[static_cast<int>(std::lround(std::log2(pacer.size())))];
    open += rate(pacer.size());
    for (const double task = kUsual * pacer.size(); open >= task; open -= task) changes += task;
  }
  return spent;
}

TEST(BatchPacerTest, WhereTheSizeChangesNothingItStaysTheUsualOne) {
  BatchPacer pacer(kUsual);
  int noise = 0;
  const auto spent = run(pacer, 20'000, [&](double) { return 16'000 + 1'600 * (noise++ % 3); });
  EXPECT_GT(spent.at(0), 18'000);
}

TEST(BatchPacerTest, LargerTransactionsAreTakenWhereTheyAreQuicker) {
  BatchPacer pacer(kUsual);
  run(pacer, 600, [](double size) { return 100'000 * size / (size + 2); });
  EXPECT_EQ(pacer.size(), BatchPacer::kMost);
}

TEST(BatchPacerTest, SmallerOnesAreTakenWhereLargeOnesAreSlow) {
  BatchPacer pacer(kUsual);
  run(pacer, 2'000, [](double size) { return 100'000 / (1 + std::abs(std::log2(size) + 2)); });
  EXPECT_EQ(pacer.size(), 0.25);
}

TEST(BatchPacerTest, AFewTransactionsSayNothing) {
  BatchPacer pacer(kUsual);
  for (int second = 0; second < 20; ++second)
    EXPECT_EQ(pacer.look(second, static_cast<std::uint64_t>(second) * 10'000, true), 1);
}

TEST(BatchPacerTest, WhatIsMeasuredWithoutAnythingToApplySaysNothing) {
  BatchPacer pacer(kUsual);
  for (int second = 0; second < 100; ++second)
    EXPECT_EQ(pacer.look(second, static_cast<std::uint64_t>(second) * 1'000'000, second % 3 != 0), 1);
}

}  // namespace
}  // namespace voyager::migration

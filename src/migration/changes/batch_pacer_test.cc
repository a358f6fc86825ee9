#include "migration/changes/batch_pacer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <functional>
#include <map>

namespace voyager::migration {
namespace {

// Looks once a second at a target that takes `rate(size)` changes a second. Returns the share of the time that was
// spent at each size, by its logarithm.
std::map<int, int> run(BatchPacer& pacer, int seconds, const std::function<double(double)>& rate) {
  std::map<int, int> spent;
  double changes = 0;
  for (int second = 0; second < seconds; ++second) {
    pacer.look(second, static_cast<std::uint64_t>(changes), true);
    ++spent[static_cast<int>(std::lround(std::log2(pacer.size())))];
    changes += rate(pacer.size());
  }
  return spent;
}

TEST(BatchPacerTest, WhereTheSizeChangesNothingItStaysTheUsualOne) {
  BatchPacer pacer;
  int noise = 0;
  const auto spent = run(pacer, 2'000, [&](double) { return 10'000 + 300 * (noise++ % 3); });
  EXPECT_GT(spent.at(0), 1'800);
}

TEST(BatchPacerTest, LargerTransactionsAreTakenWhereTheyAreQuicker) {
  BatchPacer pacer;
  run(pacer, 60, [](double size) { return 10'000 * size / (size + 2); });
  EXPECT_EQ(pacer.size(), BatchPacer::kMost);
}

TEST(BatchPacerTest, SmallerOnesAreTakenWhereLargeOnesAreSlow) {
  BatchPacer pacer;
  run(pacer, 200, [](double size) { return 10'000 / (1 + std::abs(std::log2(size) + 2)); });
  EXPECT_EQ(pacer.size(), 0.25);
}

TEST(BatchPacerTest, WhatIsMeasuredWithoutAnythingToApplySaysNothing) {
  BatchPacer pacer;
  for (int second = 0; second < 100; ++second)
    EXPECT_EQ(pacer.look(second, static_cast<std::uint64_t>(second) * 10, second % 3 != 0), 1);
}

}  // namespace
}  // namespace voyager::migration

#include "migration/snapshot/pacer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

namespace voyager::migration {
namespace {

constexpr double kLook = 0.25;

/// Lets the pacer drive a target that takes `speed(n)` bytes a second from n connections. Returns the bytes of
/// `seconds`.
double drive(Pacer& pacer, double seconds, const std::function<double(int)>& speed,
             const std::function<Strain(int)>& strain = {}, double from = 0) {
  double bytes = from;
  for (double at = from; at < from + seconds; at += kLook) {
    pacer.look(at, static_cast<std::uint64_t>(bytes), strain ? strain(pacer.allowed()) : Strain{}, true);
    bytes += speed(pacer.allowed()) * kLook;
  }
  return bytes - from;
}

// `cores` connections are as many as do any good.
std::function<double(int)> flat_beyond(int cores) {
  return [cores](int n) { return 1e6 * std::min(n, cores); };
}

TEST(Pacer, FindsTheNumberBeyondWhichNothingIsGained) {
  for (const int cores : {1, 2, 3, 5, 8, 16, 30}) {
    Pacer pacer(1, 64);
    drive(pacer, 300, flat_beyond(cores));
    EXPECT_GE(pacer.allowed(), cores * 0.95 - 0.5) << cores;
    EXPECT_LE(pacer.allowed(), cores + 1) << cores << ": one more may just be tried";
  }
}

TEST(Pacer, AShortRunIsNearTheBestFixedNumber) {
  Pacer from_one(1, 8);
  EXPECT_GE(drive(from_one, 20, flat_beyond(2)), 0.9 * 20 * 2e6);
  Pacer right_from_the_start(2, 8);
  EXPECT_GE(drive(right_from_the_start, 8, flat_beyond(2)), 0.95 * 8 * 2e6);
}

TEST(Pacer, GoesBackWhenMoreIsSlower) {
  Pacer pacer(2, 64);
  const auto thrashing = [](int n) { return n <= 4 ? 1e6 * n : 4e6 - 5e5 * (n - 4); };
  drive(pacer, 120, thrashing);
  EXPECT_GE(pacer.allowed(), 3);
  EXPECT_LE(pacer.allowed(), 5);
}

TEST(Pacer, GivesWayUnderStrainWhereThatCostsNothing) {
  Pacer pacer(8, 8);
  const auto strained = [](int n) { return Strain{.cpu = n > 3}; };
  drive(pacer, 120, flat_beyond(3), strained);
  EXPECT_LE(pacer.allowed(), 4);
  EXPECT_GE(pacer.allowed(), 3);
  Pacer productive(4, 8);
  drive(productive, 120, flat_beyond(4), [](int) { return Strain{.cpu = true}; });
  EXPECT_GE(productive.allowed(), 3) << "the strain is the work itself";
}

TEST(Pacer, ShortMemoryCountsMoreThanSpeed) {
  Pacer pacer(8, 8);
  drive(pacer, 60, flat_beyond(8), [](int n) { return Strain{.memory = n > 2}; });
  EXPECT_LE(pacer.allowed(), 3);
}

TEST(Pacer, ShortMemoryCountsAlsoWhileThereIsNothingToSend) {
  Pacer pacer(8, 8);
  for (double at = 0; at < 60; at += kLook) pacer.look(at, 0, {.memory = pacer.allowed() > 2}, false);
  EXPECT_EQ(pacer.allowed(), 2);
  Pacer gently(8, 8);
  for (double at = 0; at < 2; at += kLook) gently.look(at, 0, {.memory = true}, at < 1);
  EXPECT_EQ(gently.allowed(), 6) << "each step is given time to show";
}

TEST(Pacer, LearnsNothingWhileThereIsNothingToSend) {
  Pacer pacer(2, 8);
  for (double at = 0; at < 60; at += kLook) pacer.look(at, 0, {}, false);
  EXPECT_EQ(pacer.allowed(), 2);
}

}  // namespace
}  // namespace voyager::migration

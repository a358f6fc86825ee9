#include "base/retry.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace voyager::base {
namespace {

using std::chrono::seconds;

constexpr RetryPolicy kPolicy{.tries_max = 4, .first_wait = seconds(10), .longest_wait = seconds(15)};

TEST(Retry, ReturnsTheFirstSuccess) {
  const Stop stop;
  const ManualClock clock;
  int tries = 0;
  const int result = retry(kPolicy, clock, stop, [&] {
    if (++tries < 3) throw Error({.title = "busy", .retry = Retry::kNow});
    return 42;
  });
  EXPECT_EQ(result, 42);
  EXPECT_EQ(tries, 3);
}

TEST(Retry, NeverMeansOnce) {
  const Stop stop;
  const ManualClock clock;
  int tries = 0;
  EXPECT_THROW(retry(kPolicy, clock, stop,
                     [&] {
                       ++tries;
                       throw Error({.title = "wrong"});
                     }),
               Error);
  EXPECT_EQ(tries, 1);
}

TEST(Retry, HasAMaximum) {
  const Stop stop;
  const ManualClock clock;
  int tries = 0;
  EXPECT_THROW(retry(kPolicy, clock, stop,
                     [&] {
                       ++tries;
                       throw Error({.title = "busy", .retry = Retry::kAfterPeers});
                     }),
               Error);
  EXPECT_EQ(tries, 4);
  EXPECT_EQ(clock.now().time_since_epoch(), seconds(10 + 15 + 15));
}

TEST(Retry, AStopEndsIt) {
  Stop stop;
  const ManualClock clock;
  int tries = 0;
  const auto body = [&] {
    if (++tries == 2) stop.request_drain();
    throw Error({.title = "busy", .retry = Retry::kInDoubt});
  };
  EXPECT_THROW(retry(kPolicy, clock, stop, body), Error);
  EXPECT_EQ(tries, 2);
}

TEST(Retry, OtherExceptionsPassThrough) {
  const Stop stop;
  const ManualClock clock;
  EXPECT_THROW(retry(kPolicy, clock, stop, [] { throw std::runtime_error("x"); }), std::runtime_error);
}

}  // namespace
}  // namespace voyager::base

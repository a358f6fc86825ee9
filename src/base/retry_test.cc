#include "base/retry.h"

#include <gtest/gtest.h>

namespace voyager::base {
namespace {

constexpr RetryPolicy kQuick{
    .tries_max = 4, .first_wait = std::chrono::milliseconds(1), .longest_wait = std::chrono::milliseconds(2)};

TEST(Retry, ReturnsTheFirstSuccess) {
  const Stop stop;
  int tries = 0;
  const int result = retry(kQuick, stop, [&] {
    if (++tries < 3) throw Error({.title = "busy", .retry = Retry::kNow});
    return 42;
  });
  EXPECT_EQ(result, 42);
  EXPECT_EQ(tries, 3);
}

TEST(Retry, NeverMeansOnce) {
  const Stop stop;
  int tries = 0;
  EXPECT_THROW(retry(kQuick, stop,
                     [&] {
                       ++tries;
                       throw Error({.title = "wrong"});
                     }),
               Error);
  EXPECT_EQ(tries, 1);
}

TEST(Retry, HasAMaximum) {
  const Stop stop;
  int tries = 0;
  EXPECT_THROW(retry(kQuick, stop,
                     [&] {
                       ++tries;
                       throw Error({.title = "busy", .retry = Retry::kAfterPeers});
                     }),
               Error);
  EXPECT_EQ(tries, 4);
}

TEST(Retry, AStopEndsIt) {
  Stop stop;
  int tries = 0;
  const auto body = [&] {
    if (++tries == 2) stop.request_drain();
    throw Error({.title = "busy", .retry = Retry::kInDoubt});
  };
  EXPECT_THROW(retry(kQuick, stop, body), Error);
  EXPECT_EQ(tries, 2);
}

TEST(Retry, OtherExceptionsPassThrough) {
  const Stop stop;
  EXPECT_THROW(retry(kQuick, stop, [] { throw std::runtime_error("x"); }), std::runtime_error);
}

}  // namespace
}  // namespace voyager::base

#include "model/event_rates.h"

#include <gtest/gtest.h>

namespace voyager::model {
namespace {

using std::chrono::seconds;

TEST(EventRates, AYoungRunIsMeasuredSinceItBegan) {
  const EventRates::Instant begin{seconds(1'000)};
  EventRates rates(begin);
  EXPECT_EQ(rates.per_second(seconds(180)), 0U);
  rates.note(begin + seconds(5), 1'000);
  EXPECT_EQ(rates.per_second(seconds(180)), 200U);
  EXPECT_EQ(rates.per_second(seconds(600)), 200U);
}

TEST(EventRates, WindowsForgetWhatIsOlder) {
  const EventRates::Instant begin{seconds(1'000)};
  EventRates rates(begin);
  std::uint64_t total = 0;
  for (int second = 1; second <= 1'000; ++second) {
    if (second <= 500) total += 100;  // then nothing
    rates.note(begin + seconds(second), total);
  }
  EXPECT_EQ(rates.per_second(seconds(180)), 0U);
  // Of the last 600 seconds the first hundred were busy.
  EXPECT_NEAR(static_cast<double>(rates.per_second(seconds(600))), 100.0 * 100 / 600, 2);
}

}  // namespace
}  // namespace voyager::model

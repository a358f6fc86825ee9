#include "base/clock.h"

#include <gtest/gtest.h>

#include <regex>

namespace voyager::base {
namespace {

TEST(Clock, WritesUtcByFormat) {
  EXPECT_TRUE(std::regex_match(utc_now(), std::regex("20\\d\\d-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ"))) << utc_now();
  EXPECT_TRUE(std::regex_match(utc_now("%Y%m%d"), std::regex("20\\d{6}")));
}

}  // namespace
}  // namespace voyager::base

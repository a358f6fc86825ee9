#include "connectors/postgresql/followed_log.h"

#include <gtest/gtest.h>

namespace voyager::postgresql {
namespace {

constexpr Lsn kCaptured = 0x5000;

std::string nobody_asks() {
  ADD_FAILURE() << "the timeline is the same";
  return {};
}

std::optional<std::string> why(const FollowedLog& noted, const LogIdentity& now, Lsn slot_keeps,
                               const std::string& history) {
  return why_other_log(noted, now, slot_keeps, kCaptured, [&] { return history; });
}

const FollowedLog kNoted = {.told = 0x6000, .identity = {.system = "7001", .timeline = 2}, .slot_keeps = 0x4000};

TEST(FollowedLog, IsReadAsItWasWritten) {
  const FollowedLog log = parse_followed_log(text_of(kNoted));
  EXPECT_EQ(log.told, kNoted.told);
  EXPECT_EQ(log.identity.system, "7001");
  EXPECT_EQ(log.identity.timeline, 2U);
  EXPECT_EQ(log.slot_keeps, kNoted.slot_keeps);
}

TEST(FollowedLog, OfAnEarlierVersionIsOnlyThePlace) {
  const FollowedLog log = parse_followed_log("0/6000\n");
  EXPECT_EQ(log.told, 0x6000U);
  EXPECT_FALSE(why_other_log(log, {.system = "7002", .timeline = 1}, 0x1000, kCaptured, nobody_asks));
}

TEST(FollowedLog, OfALaterVersionKeepsWhatItSays) {
  FollowedLog log = parse_followed_log("0/6000\nsystem 7001\nstandby of 7002\ntimeline 2\nquiet\n");
  EXPECT_EQ(log.identity.timeline, 2U);
  log.slot_keeps = 0x4000;
  EXPECT_EQ(text_of(log), "0/6000\nsystem 7001\ntimeline 2\nslot 0/4000\nstandby of 7002\nquiet\n");
}

TEST(FollowedLog, GoesOnWhereTheSlotStandsWhereItStoodOrFurther) {
  EXPECT_FALSE(why_other_log(kNoted, kNoted.identity, 0x4000, kCaptured, nobody_asks));
  EXPECT_FALSE(why_other_log(kNoted, kNoted.identity, 0x4800, kCaptured, nobody_asks));
  EXPECT_FALSE(why_other_log(kNoted, kNoted.identity, 0, kCaptured, nobody_asks)) << "it cannot be told";
}

TEST(FollowedLog, OfADiskThatWasPutBackIsAnother) {
  EXPECT_TRUE(why_other_log(kNoted, kNoted.identity, 0x3FFF, kCaptured, nobody_asks));
}

TEST(FollowedLog, OfAnotherServerIsAnother) {
  EXPECT_TRUE(why_other_log(kNoted, {.system = "7002", .timeline = 2}, 0x4000, kCaptured, nobody_asks));
}

TEST(FollowedLog, OfAnEarlierTimelineIsAnother) {
  EXPECT_TRUE(why_other_log(kNoted, {.system = "7001", .timeline = 1}, 0x4000, kCaptured, nobody_asks));
}

TEST(FollowedLog, OfAStandbyThatTookOverGoesOnOnlyBehindWhatWasCaptured) {
  const LogIdentity now = {.system = "7001", .timeline = 4};
  const std::string behind =
      "1\t0/1000\tno recovery target specified\n\n2\t0/5000\tno recovery target specified\n3\t0/9000\tx\n";
  EXPECT_FALSE(why(kNoted, now, 0x1000, behind)) << "its copy of the slot may lag";
  EXPECT_TRUE(why(kNoted, now, 0x4000, "1\t0/1000\tx\n2\t0/4FFF\tx\n3\t0/9000\tx\n"));
  EXPECT_TRUE(why(kNoted, now, 0x4000, "1\t0/1000\tx\n3\t0/9000\tx\n")) << "another branch";
}

}  // namespace
}  // namespace voyager::postgresql

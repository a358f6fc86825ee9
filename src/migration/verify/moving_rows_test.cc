#include "migration/verify/moving_rows.h"

#include <gtest/gtest.h>

namespace voyager::migration {
namespace {

using Rows = std::vector<connector::RowHash>;

TEST(MovingRows, ARowThatWasEqualOnceIsEqual) {
  MovingRows rows;
  rows.look({{"id=1", "a"}, {"id=2", "x"}}, {{"id=1", "a"}, {"id=2", "y"}});
  EXPECT_FALSE(rows.equal());
  EXPECT_FALSE(rows.settled());
  EXPECT_EQ(rows.moving(), 1U);
  // The first is on its way now, the second has arrived.
  rows.look({{"id=1", "b"}, {"id=2", "z"}}, {{"id=1", "c"}, {"id=2", "z"}});
  EXPECT_TRUE(rows.equal());
  EXPECT_TRUE(rows.settled());
}

TEST(MovingRows, WhatLooksTheSameOnBothSidesAndDiffersIsDifferent) {
  MovingRows rows;
  const Rows source = {{"id=1", "a"}, {"id=2", "b"}};
  const Rows target = {{"id=2", "other"}, {"id=3", "c"}};
  for (int look = 1; look <= MovingRows::kLooksForDifference; ++look) {
    EXPECT_FALSE(rows.settled());
    rows.look(source, target);
  }
  EXPECT_TRUE(rows.settled());
  EXPECT_FALSE(rows.equal());
  const auto found = rows.differences();
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].kind, KeyDifference::Kind::kMissingOnTarget);
  EXPECT_EQ(found[1].kind, KeyDifference::Kind::kDifferent);
  EXPECT_EQ(found[2].kind, KeyDifference::Kind::kOnlyOnTarget);
}

TEST(MovingRows, ARowThatLooksOtherwiseEachTimeIsNeitherEqualNorDifferent) {
  MovingRows rows;
  for (int look = 0; look < 8; ++look)
    rows.look({{"id=1", std::to_string(look + 1)}}, {{"id=1", std::to_string(look)}});
  EXPECT_FALSE(rows.equal());
  EXPECT_TRUE(rows.differences().empty());
  EXPECT_EQ(rows.moving(), 1U);
}

// A table without a key: rows are named by their hash, and how many there are is what differs.
TEST(MovingRows, EqualRowsAreCounted) {
  MovingRows rows;
  for (int look = 0; look < MovingRows::kLooksForDifference; ++look) rows.look({{"h", "h"}, {"h", "h"}}, {{"h", "h"}});
  ASSERT_EQ(rows.differences().size(), 1U);
  EXPECT_EQ(rows.differences()[0].kind, KeyDifference::Kind::kDifferent);
}

}  // namespace
}  // namespace voyager::migration

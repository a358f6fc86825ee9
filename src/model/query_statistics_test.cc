#include "model/query_statistics.h"

#include <gtest/gtest.h>

namespace voyager::model {
namespace {

TEST(MergeByText, SumsAndRecomputes) {
  const std::vector<QueryStatistics> all = {
      {.id = "1", .query = "a", .calls = 1, .rows = 2, .total_ms = 10, .mean_ms = 10, .min_ms = 10, .max_ms = 10},
      {.id = "2", .query = "b", .calls = 5},
      {.id = "3",
       .query = "a",
       .calls = 3,
       .rows = 1,
       .total_ms = 2,
       .mean_ms = 0.67,
       .min_ms = 0.5,
       .max_ms = 1,
       .stddev_ms = 9}};
  const std::vector<QueryStatistics> merged = merge_by_text(all);
  ASSERT_EQ(merged.size(), 2U);
  EXPECT_EQ(merged[0].id, "1");
  EXPECT_EQ(merged[0].calls, 4);
  EXPECT_EQ(merged[0].rows, 3);
  EXPECT_EQ(merged[0].total_ms, 12);
  EXPECT_EQ(merged[0].mean_ms, 3);
  EXPECT_EQ(merged[0].min_ms, 0.5);
  EXPECT_EQ(merged[0].max_ms, 10);
  EXPECT_EQ(merged[0].stddev_ms, 0);
  EXPECT_EQ(merged[1].calls, 5);
}

}  // namespace
}  // namespace voyager::model

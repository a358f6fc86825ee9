#include "report/command_states.h"

#include <gtest/gtest.h>

namespace voyager::report {
namespace {

TEST(ProgressLine, NamesTheStageOnceOneHasBegun) {
  EXPECT_EQ(progress_line({.stage = "rows", .rows_done = 5}, std::nullopt), "rows: 5 rows");
  EXPECT_EQ(progress_line({.rows_done = 1}, std::nullopt), "1 row");
}

}  // namespace
}  // namespace voyager::report

#include "report/banner.h"

#include <gtest/gtest.h>

namespace voyager::report {
namespace {

TEST(Banner, IsAsWideAsItsWidestLineAndLeavesOutWhatIsEmpty) {
  EXPECT_EQ(
      banner_text("Assessment", {{"source", "postgresql db1:5432/shop"}, {"metadata", ""}, {"target", "größer"}}, {}),
      "╭──────────────────────────────────╮\n"
      "│ Assessment                       │\n"
      "│ source  postgresql db1:5432/shop │\n"
      "│ target  größer                   │\n"
      "╰──────────────────────────────────╯\n");
}

TEST(Banner, KeepsToAsciiAndShowsControlCharacters) {
  EXPECT_EQ(banner_text("T", {{"a", "x\ny"}}, {.ascii = true}),
            "+---------+\n"
            "| T       |\n"
            "| a  x\\ny |\n"
            "+---------+\n");
}

}  // namespace
}  // namespace voyager::report

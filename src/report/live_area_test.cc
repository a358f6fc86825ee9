#include "report/live_area.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/vt_screen_testing.h"

namespace voyager::report {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::VtScreen;

TEST(LiveArea, OverwritesItselfInPlace) {
  VtScreen screen(40, 10);
  LiveArea area;
  screen.write("$ yb-voyager export data\r\n");
  screen.write(area.update({}, {"Total 1 %", " a 1 %", " b 2 %"}, 40));
  screen.write(area.update({}, {"Total 50 %", " b 3 %"}, 40));
  EXPECT_THAT(screen.visible(), ElementsAre("$ yb-voyager export data", "Total 50 %", " b 3 %"));
  EXPECT_TRUE(screen.cursor_visible());
  EXPECT_EQ(screen.cursor_row(), 3U) << "below the area, so that a shell's prompt does not land in it";
  EXPECT_EQ(screen.cursor_column(), 0U);
  EXPECT_EQ(screen.unknown(), "");
}

TEST(LiveArea, LinesThatStayGoAbove) {
  VtScreen screen(40, 10);
  LiveArea area;
  screen.write(area.update({}, {"Total 1 %", " a 1 %"}, 40));
  screen.write(area.update({"done a", "done b"}, {"Total 2 %"}, 40));
  screen.write(area.update({"done c"}, {"Total 3 %"}, 40));
  EXPECT_THAT(screen.visible(), ElementsAre("done a", "done b", "done c", "Total 3 %"));
}

TEST(LiveArea, LinesThatStayScrollIntoTheHistoryWhole) {
  VtScreen screen(40, 4);
  LiveArea area;
  for (int i = 0; i < 10; ++i) {
    screen.write(area.update({"done " + std::to_string(i)}, {"Total", " item"}, 40));
  }
  EXPECT_THAT(screen.visible(), ElementsAre("done 9", "Total", " item"));
  EXPECT_THAT(screen.scrolled(),
              ElementsAre("done 0", "done 1", "done 2", "done 3", "done 4", "done 5", "done 6", "done 7", "done 8"));
}

TEST(LiveArea, LongLinesThatStayMayWrap) {
  VtScreen screen(20, 10);
  LiveArea area;
  screen.write(area.update({}, {"Total 1 % xxxxxxxxx", " a yyyyyyyyyyyyyyyy"}, 20));
  screen.write(area.update({"a warning that is longer than a line"}, {"Total 2 %"}, 20));
  EXPECT_THAT(screen.visible(), ElementsAre("a warning that is lo", "nger than a line", "Total 2 %"));
}

TEST(LiveArea, CountsTheRowsOfANarrowedTerminal) {
  LiveArea area;
  area.update({}, {std::string(70, 'x'), "short"}, 80);
  // Both lines now take 3 rows at 30 columns, plus 1.
  EXPECT_NE(area.update({}, {"Total"}, 30).find("\x1b[4A"), std::string::npos);
}

TEST(LiveArea, WritesNothingWhenNothingChanged) {
  LiveArea area;
  EXPECT_NE(area.update({}, {"Total"}, 80), "");
  EXPECT_EQ(area.update({}, {"Total"}, 80), "");
}

TEST(LiveArea, ClearLeavesNoTrace) {
  VtScreen screen(40, 10);
  LiveArea area;
  screen.write("before\r\n");
  screen.write(area.update({}, {"Total 1 %", " a 1 %"}, 40));
  screen.write(area.clear(40));
  EXPECT_THAT(screen.visible(), ElementsAre("before"));
  EXPECT_EQ(screen.cursor_row(), 1U);
  EXPECT_THAT(area.clear(40), IsEmpty());
}

TEST(LiveArea, EveryUpdateEndsWithTheCursorShown) {
  LiveArea area;
  for (const std::string& bytes : {area.update({}, {"a"}, 80), area.update({"x"}, {"b"}, 80), area.clear(80)}) {
    EXPECT_TRUE(bytes.ends_with("\x1b[?25h"));
  }
}

TEST(LiveArea, WideCharactersAndColoursDoNotShiftIt) {
  VtScreen screen(20, 6);
  LiveArea area;
  screen.write(area.update({}, {"\x1b[1m注文明細注文明\x1b[0m 50 %", "x"}, 20));
  screen.write(area.update({}, {"Total", "y"}, 20));
  EXPECT_THAT(screen.visible(), ElementsAre("Total", "y"));
}

}  // namespace
}  // namespace voyager::report

#include "report/text_width.h"

#include <gtest/gtest.h>

namespace voyager::report {
namespace {

TEST(TextWidth, CountsColumns) {
  EXPECT_EQ(display_width(""), 0U);
  EXPECT_EQ(display_width("orders"), 6U);
  EXPECT_EQ(display_width("Größe"), 5U);
  EXPECT_EQ(display_width("Gro\xcc\x88\xc3\x9f"
                          "e"),
            5U)
      << "combining diaeresis";
  EXPECT_EQ(display_width("注文"), 4U);
  EXPECT_EQ(display_width("🚀"), 2U);
  EXPECT_EQ(display_width("\xff\xfe"), 2U);
  EXPECT_EQ(display_width("क्षेत्र"), 4U) << "signs of Devanagari that stand above or below";
  EXPECT_EQ(display_width("ශ්\u200dරී"), 2U) << "a script that nobody listed";
  EXPECT_EQ(display_width("🀄🫖"), 4U);
  EXPECT_EQ(display_width("\x1b[1;31mred\x1b[0m"), 3U);
}

TEST(TextWidth, MakesControlCharactersVisible) {
  EXPECT_EQ(printable("a\nb\x1b[2J\x7f"), "a\\nb\\x1b[2J\\x7f");
  EXPECT_EQ(printable("ok \xff Größe"), "ok \\xff Größe");
  EXPECT_EQ(printable("\xc2\x9b"), "\\x9b") << "the one-byte form of ESC [";
  EXPECT_EQ(printable("a\xe2\x80\xae"
                      "b"),
            "a\\u202eb");
  EXPECT_EQ(printable("\xed\xa0\x80\xc0\x80\xf0\x9f"), "\\xed\\xa0\\x80\\xc0\\x80\\xf0\\x9f");
  EXPECT_EQ(printable("\x1b[31mred\x1b[0m\x1b[2J", true), "\x1b[31mred\x1b[0m\\x1b[2J");
}

TEST(TextWidth, FitsAndPads) {
  EXPECT_EQ(fit("orders", 6, false), "orders");
  EXPECT_EQ(fit("orders", 5, false), "orde…");
  EXPECT_EQ(fit("orders", 5, true), "orde~");
  EXPECT_EQ(fit("注文明細", 6, false), "注文…") << "a wide character is never halved";
  EXPECT_EQ(fit("abc", 0, false), "");
  EXPECT_EQ(pad_right("注", 4) + "|", "注  |");
  EXPECT_EQ(pad_left("7", 3), "  7");
  EXPECT_EQ(pad_left("1234", 3), "1234");
}

TEST(TextWidth, HasAnAsciiForm) {
  EXPECT_EQ(to_ascii("Import → yb · run 3 … ✓ █░ ├─┤ ß"), "Import -> yb, run 3 ... ok #. +-+ ?");
  EXPECT_EQ(to_ascii("\xff"), "?");
}

TEST(Printable, LinesKeepTheirEnds) {
  EXPECT_EQ(printable_lines("a\x1b[31m\n\tb\r\n\n\xff"), "a\\x1b[31m\n\tb\\r\n\n\\xff");
  EXPECT_EQ(printable_lines(""), "");
}

}  // namespace
}  // namespace voyager::report

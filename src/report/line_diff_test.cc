#include "report/line_diff.h"

#include <gtest/gtest.h>

namespace voyager::report {
namespace {

TEST(LineDiff, KeepsWhatIsEqualAndTellsTheRest) {
  EXPECT_EQ(unified_diff("a\nb\nc", "a\nx\nc"), " a\n-b\n+x\n c\n");
  EXPECT_EQ(unified_diff("a\nb", "a\nb\nc"), " a\n b\n+c\n");
  EXPECT_EQ(unified_diff("a\nb\nc", "b\nc"), "-a\n b\n c\n");
  EXPECT_EQ(unified_diff("one\ntwo\nthree\nfour", "zero\ntwo\n2.5\nthree"), "-one\n+zero\n two\n+2.5\n three\n-four\n");
}

TEST(LineDiff, TextsThatAreEqualOrEmpty) {
  EXPECT_EQ(unified_diff("a\nb", "a\nb"), "");
  EXPECT_EQ(unified_diff("", "a"), "+a\n");
  EXPECT_EQ(unified_diff("a\nb", ""), "-a\n-b\n");
  EXPECT_TRUE(line_diff("", "").empty());
}

TEST(LineDiff, EveryLineOfBothTextsIsThereOnce) {
  // Texts of few different lines have many ways to be told; any of them has to add up.
  unsigned seed = 7;
  const auto random_text = [&seed](int lines) {
    std::string text;
    for (int i = 0; i < lines; ++i) {
      seed = seed * 1103515245U + 12345U;
      text += (i == 0 ? "" : "\n") + std::string(1, static_cast<char>('a' + (seed >> 16U) % 4));
    }
    return text;
  };
  for (int round = 0; round < 200; ++round) {
    const std::string before = random_text(1 + round % 13);
    const std::string after = random_text(1 + round % 7);
    std::string left;
    std::string right;
    for (const DiffLine& line : line_diff(before, after)) {
      if (line.change != LineChange::kAdded) left += (left.empty() ? "" : "\n") + line.text;
      if (line.change != LineChange::kRemoved) right += (right.empty() ? "" : "\n") + line.text;
    }
    EXPECT_EQ(left, before);
    EXPECT_EQ(right, after);
  }
}

TEST(LineDiff, LongTextsAreToldWhole) {
  std::string before;
  std::string after;
  for (int i = 0; i < 3000; ++i) {
    before += "a" + std::to_string(i) + "\n";
    after += "b" + std::to_string(i) + "\n";
  }
  EXPECT_EQ(line_diff(before, after).size(), 6001U) << "and the empty line at the end of both";
}

}  // namespace
}  // namespace voyager::report

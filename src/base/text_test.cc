#include "base/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace voyager::base {
namespace {

using ::testing::ElementsAre;

TEST(Split, KeepsEmptyParts) {
  EXPECT_THAT(split("a,,b", ','), ElementsAre("a", "", "b"));
  EXPECT_THAT(split("", ','), ElementsAre(""));
  EXPECT_THAT(split(",", ','), ElementsAre("", ""));
}

TEST(Join, IsTheWayBack) {
  const std::vector<std::string> parts = {"a", "", "b"};
  EXPECT_EQ(join(parts, ", "), "a, , b");
  EXPECT_EQ(join({}, ", "), "");
}

TEST(Trim, TakesBlanksOffBothEnds) {
  EXPECT_EQ(trim(" \t a b\r\n"), "a b");
  EXPECT_EQ(trim(" \n "), "");
  EXPECT_EQ(trim(""), "");
}

TEST(Lower, FoldsAsciiOnly) {
  EXPECT_EQ(lower("AbZ[\xC3\x84"), "abz[\xC3\x84");
  EXPECT_TRUE(equals_ignoring_case("Public", "pUBLIC"));
  EXPECT_FALSE(equals_ignoring_case("a", "ab"));
}

TEST(GlobMatch, StarsAndQuestionMarks) {
  EXPECT_TRUE(glob_match("*", ""));
  EXPECT_TRUE(glob_match("order_*", "order_items"));
  EXPECT_TRUE(glob_match("*items", "order_items"));
  EXPECT_TRUE(glob_match("o*d*r_*", "order_items"));
  EXPECT_TRUE(glob_match("a?c", "abc"));
  EXPECT_TRUE(glob_match("tr?ge", "tr\xC3\xA4ge"));
  EXPECT_FALSE(glob_match("a?c", "ac"));
  EXPECT_FALSE(glob_match("order", "orders"));
  EXPECT_FALSE(glob_match("orders", "order"));
  EXPECT_FALSE(glob_match("", "a"));
  EXPECT_TRUE(glob_match("", ""));
}

TEST(GlobMatch, Classes) {
  EXPECT_TRUE(glob_match("t[0-9]", "t5"));
  EXPECT_FALSE(glob_match("t[0-9]", "tx"));
  EXPECT_TRUE(glob_match("t[!0-9]", "tx"));
  EXPECT_TRUE(glob_match("t[^0-9]*", "txyz"));
  EXPECT_FALSE(glob_match("t[!0-9]", "t5"));
  EXPECT_TRUE(glob_match("[a-]x", "-x"));
  EXPECT_TRUE(glob_match("[]a]", "]"));
  EXPECT_TRUE(glob_match("[!]a]", "b"));
  EXPECT_FALSE(glob_match("[!]a]", "]"));
  EXPECT_TRUE(glob_match("[\xC3\xA4-\xC3\xB6]", "\xC3\xA5"));
  EXPECT_TRUE(glob_match("a[b", "a[b"));
  EXPECT_FALSE(glob_match("a[b", "ab"));
}

TEST(GlobMatch, ManyStarsStayQuick) {
  const std::string text(2000, 'a');
  std::string pattern;
  for (int i = 0; i < 100; ++i) pattern += "a*";
  EXPECT_TRUE(glob_match(pattern, text));
  EXPECT_FALSE(glob_match(pattern + "b", text));
}

TEST(OneLine, HasSingleBlanksAndNoneAtItsEnds) {
  EXPECT_EQ(one_line("  CREATE\n\tTABLE  t\r\n(a);\n"), "CREATE TABLE t (a);");
  EXPECT_EQ(one_line("one"), "one");
  EXPECT_EQ(one_line(" \n "), "");
}

TEST(Beginning, EndsWithAWholeCharacter) {
  EXPECT_EQ(beginning("abc", 3), "abc");
  EXPECT_EQ(beginning("abcd", 3), "abc");
  EXPECT_EQ(beginning("a\u20acb", 3), "a");
  EXPECT_EQ(beginning("a\u20acb", 4), "a\u20ac");
  EXPECT_EQ(beginning("\u20ac", 2), "");
}

TEST(Nearest, FindsTypingMistakes) {
  const std::vector<std::string> names = {"orders", "order_items", "customers"};
  EXPECT_EQ(nearest("ordres", names), "orders");
  EXPECT_EQ(nearest("CUSTOMER", names), "customers");
  EXPECT_EQ(nearest("invoices", names), std::nullopt);
  EXPECT_EQ(nearest("x", {}), std::nullopt);
  const std::vector<std::string> single = {"b"};
  EXPECT_EQ(nearest("a", single), "b");
}

TEST(ParseBool, KnowsTheDocumentedWords) {
  for (const char* yes : {"true", "T", "y", "YES", "1"}) EXPECT_EQ(parse_bool(yes), true) << yes;
  for (const char* no : {"false", "F", "n", "No", "0"}) EXPECT_EQ(parse_bool(no), false) << no;
  for (const char* neither : {"", "2", "on", "tru", " true"}) EXPECT_EQ(parse_bool(neither), std::nullopt) << neither;
}

TEST(NewUuid, HasTheFormOfVersion4AndDiffers) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const std::string uuid = new_uuid();
    EXPECT_THAT(uuid, ::testing::MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
    EXPECT_TRUE(seen.insert(uuid).second);
  }
}

TEST(Format, Bytes) {
  EXPECT_EQ(format_bytes(0), "0 B");
  EXPECT_EQ(format_bytes(1023), "1023 B");
  EXPECT_EQ(format_bytes(1024), "1.0 KiB");
  EXPECT_EQ(format_bytes(1536 * 1024), "1.5 MiB");
  EXPECT_EQ(format_bytes(1024 * 1024 - 1), "1.0 MiB");
  EXPECT_EQ(format_bytes(UINT64_MAX), "16384.0 PiB");
}

TEST(Format, CountsAndDurations) {
  EXPECT_EQ(format_count(0), "0");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(1000), "1,000");
  EXPECT_EQ(format_count(1234567), "1,234,567");
  EXPECT_EQ(format_duration(-1), "0s");
  EXPECT_EQ(format_duration(12.9), "12s");
  EXPECT_EQ(format_duration(245), "4m 05s");
  EXPECT_EQ(format_duration(7620), "2h 07m");
}

}  // namespace
}  // namespace voyager::base

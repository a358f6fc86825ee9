#include "base/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace voyager::base {
namespace {

TEST(FirstBadByte, TextOfAnyLengthIsText) {
  EXPECT_EQ(first_bad_byte(""), std::nullopt);
  std::string text;
  for (int i = 0; i < 40; ++i) {
    text += i % 3 == 0 ? "ß" : i % 3 == 1 ? "€" : "a🐘";
    EXPECT_EQ(first_bad_byte(text), std::nullopt) << text;
  }
}

TEST(FirstBadByte, IsFoundAtEveryPlace) {
  for (std::size_t at = 0; at < 20; ++at) {
    for (const char bad : {'\0', '\x80', '\xC0', '\xF5', '\xFF', '\xC3'}) {
      std::string text(20, '\x01');
      text[at] = bad;
      EXPECT_EQ(first_bad_byte(text), at) << at << " " << static_cast<int>(bad);
    }
  }
}

TEST(FirstBadByte, ACharacterThatIsCutOffIsBad) {
  EXPECT_EQ(first_bad_byte("abcdefgh\xE2\x82"), 8U);
}

}  // namespace
}  // namespace voyager::base

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

TEST(FirstBadByte, WhatServersRefuseIsBad) {
  for (const std::string text : {"\xED\xA0\x80", "\xE0\x9F\xBF", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80"})
    EXPECT_EQ(first_bad_byte(text), 0U);
  for (const std::string text : {"\xED\x9F\xBF", "\xE0\xA0\x80", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"})
    EXPECT_EQ(first_bad_byte(text), std::nullopt);
}

TEST(FirstBadByte, MayBeReplaced) {
  EXPECT_EQ(with_bad_bytes_replaced("a\xFF\xFE"
                                    "bü\xC3"),
            "a\xEF\xBF\xBD\xEF\xBF\xBD"
            "bü\xEF\xBF\xBD");
  EXPECT_EQ(with_bad_bytes_replaced("ü"), "ü");
  EXPECT_EQ(with_bad_bytes_replaced(""), "");
}

TEST(FirstBadByte, ACharacterThatIsCutOffIsBad) {
  EXPECT_EQ(first_bad_byte("abcdefgh\xE2\x82"), 8U);
}

}  // namespace
}  // namespace voyager::base

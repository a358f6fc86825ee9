#include "connectors/mysql/values.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace voyager::mysql {
namespace {

std::string text_of(std::string_view type, std::string_view raw) {
  std::string scratch;
  std::string_view out;
  const char* what = canonical(*parse_type(type), raw, scratch, out);
  return what == nullptr ? std::string(out) : "! " + std::string(what);
}

std::string copied(std::string_view value) {
  std::string row;
  append_copy_text(value, row);
  return row;
}

TEST(Values, ThatWereEncodedTwiceAreEncodedOnce) {
  struct Case {
    std::string_view text = {}, once = {};
  };
  const std::vector<Case> cases = {
      {"MÃ¼ller", "Müller"},
      {"â‚¬ 5", "€ 5"},
      {"ÐŸÑ€Ð¸Ð²ÐµÑ‚", "Привет"},
      {"Ð\u0090", "А"},  // A hole of cp1252 is a control character.
      {"ðŸ˜€", "😀"},
      {"æ—¥æœ¬", "日本"},
      {"plain", ""},
      {"Müller", ""},       // Once already: ü alone is no UTF-8.
      {"Ã", ""},            // Half a character.
      {"Ã¼ and 日本", ""},  // What latin1 has not cannot come from it.
      {"😀Ã¼", ""},
      {"", ""},
  };
  const SourceType text = *parse_type("varchar(40)");
  for (const Case& one : cases) EXPECT_EQ(repaired(text, one.text).value_or(""), one.once) << one.text;
  EXPECT_FALSE(repaired(*parse_type("blob"), "Ã¼"));
  EXPECT_FALSE(repaired(*parse_type("enum('Ã¼')"), "Ã¼"));
}

TEST(Values, OfARecastColumnAreThoseOfItsType) {
  using namespace std::string_view_literals;
  struct Case {
    std::string_view type = {};
    Recast recast = Recast::kNone;
    std::string_view raw = {}, text = {};
  };
  const std::vector<Case> cases = {
      {"tinyint(1)", Recast::kTruth, "1", "t"},
      {"int(3) unsigned zerofill", Recast::kTruth, "000", "f"},
      {"tinyint(1)", Recast::kTruth, "2", "! a number that is neither 0 nor 1"},
      {"tinyint(1)", Recast::kTruth, "10", "! a number that is neither 0 nor 1"},
      {"int(11)", Recast::kSmallint, "32767", "32767"},
      {"int(11)", Recast::kSmallint, "-32769", "! a number beyond smallint"},
      {"int(10) unsigned", Recast::kInteger, "2147483648", "! a number beyond integer"},
      {"bigint(20) unsigned", Recast::kBigint, "9223372036854775807", "9223372036854775807"},
      {"bigint(20) unsigned", Recast::kBigint, "9223372036854775808", "! a number beyond bigint"},
      {"decimal(30,0)", Recast::kBigint, "99999999999999999999", "! a number beyond bigint"},
      {"time(3)", Recast::kDuration, "-838:59:59.120", "-838:59:59.12"},
      {"time", Recast::kDuration, "100:00:00", "100:00:00"},
      {"datetime(3)", Recast::kMoment, "2020-01-01 00:00:00.500", "2020-01-01 00:00:00.5+00"},
      {"datetime", Recast::kMoment, "0000-00-00 00:00:00", "! a zero date"},
      {"timestamp(2)", Recast::kLocal, "2020-01-01 00:00:00.10", "2020-01-01 00:00:00.1"},
      {"binary(16)", Recast::kUuid, "\0\1\2\3\4\5\6\7\x8\x9\xa\xb\xc\xd\xe\xf"sv,
       "00010203-0405-0607-0809-0a0b0c0d0e0f"},
      {"binary(16)", Recast::kUuid, "short", "! bytes that are no UUID"},
      {"char(36)", Recast::kUuid, "123E4567-E89B-12d3-a456-426614174000", "123e4567-e89b-12d3-a456-426614174000"},
      {"char(36)", Recast::kUuid, "123E4567-E89B-12d3-a456-42661417400", "! a text that is no UUID"},
      {"char(36)", Recast::kUuid, "123E4567-E89B-12d3-a456+426614174000", "! a text that is no UUID"},
  };
  for (const Case& one : cases) {
    SourceType type = *parse_type(one.type);
    type.recast = one.recast;
    std::string scratch;
    std::string_view out;
    const char* what = canonical(type, one.raw, scratch, out);
    EXPECT_EQ(what == nullptr ? std::string(out) : "! " + std::string(what), one.text) << one.type << " " << one.raw;
  }
}

TEST(Values, ArriveInTheFormThatTheTargetPrints) {
  struct Case {
    std::string_view type = {}, raw = {}, text = {};
  };
  using namespace std::string_view_literals;
  const std::vector<Case> cases = {
      {"int(6) unsigned zerofill", "000042", "42"},
      {"int(6) unsigned zerofill", "000000", "0"},
      {"int(11)", "-5", "-5"},
      {"decimal(10,2) unsigned zerofill", "00000001.50", "1.50"},
      {"decimal(10,2) unsigned zerofill", "00000000.05", "0.05"},
      {"year(4)", "0000", "0"},
      {"float", "0.10000000149011612", "0.1"},
      {"float", "3.4028234663852886e38", "3.4028235e+38"},
      {"double", "-2.2250738585072014e-308", "-2.2250738585072014e-308"},
      {"bit(1)", "\x01"sv, "t"},
      {"bit(1)", "\0"sv, "f"},
      {"bit(5)", "\x15"sv, "10101"},
      {"bit(12)", "\x00\x03"sv, "000000000011"},
      {"varbinary(5)", "\0\xff\\"sv, "\\x00ff5c"},
      {"date", "2020-02-29", "2020-02-29"},
      {"datetime(6)", "2020-01-01 00:00:00.500000", "2020-01-01 00:00:00.5"},
      {"datetime(3)", "2020-01-01 00:00:00.000", "2020-01-01 00:00:00"},
      {"timestamp(2)", "2020-01-01 00:00:00.10", "2020-01-01 00:00:00.1+00"},
      {"time(3)", "23:59:59.120", "23:59:59.12"},
      {"time", "24:00:00", "24:00:00"},
      {"enum('a','b')", "b", "b"},
      {"enum('','b')", "", ""},
      {"varchar(5)", "日本", "日本"},
      // POINT(1 0) with SRID 4326
      {"point", "\xe6\x10\0\0\x01\x01\0\0\0\0\0\0\0\0\0\xf0\x3f\0\0\0\0\0\0\0\0"sv,
       "0101000020E6100000000000000000F03F0000000000000000"},
  };
  for (const Case& one : cases) EXPECT_EQ(text_of(one.type, one.raw), one.text) << one.type << " " << one.raw;
}

TEST(Values, WhatTheTargetCannotHoldIsSaid) {
  using namespace std::string_view_literals;
  EXPECT_EQ(text_of("date", "0000-00-00"), "! a zero date");
  EXPECT_EQ(text_of("datetime", "0000-00-00 00:00:00"), "! a zero date");
  EXPECT_EQ(text_of("timestamp", "0000-00-00 00:00:00"), "! a zero date");
  EXPECT_EQ(text_of("date", "2020-00-10"), "! a date with a zero month or day");
  EXPECT_EQ(text_of("date", "2020-05-00"), "! a date with a zero month or day");
  EXPECT_EQ(text_of("date", "0000-05-01"), "! a date of the year 0");
  EXPECT_EQ(text_of("date", "2020-02-31"), "! a day that its month does not have");
  EXPECT_EQ(text_of("date", "1900-02-29"), "! a day that its month does not have");
  EXPECT_EQ(text_of("time", "-00:00:01"), "! a negative time");
  EXPECT_EQ(text_of("time", "24:00:01"), "! a time of more than 24 hours");
  EXPECT_EQ(text_of("time(6)", "838:59:59.000000"), "! a time of more than 24 hours");
  EXPECT_EQ(text_of("enum('a')", ""), "! an enum's error value ''");
  EXPECT_EQ(text_of("text", "a\0b"sv), "! a zero byte in a text");
  EXPECT_EQ(text_of("text", "a\xff"sv), "! bytes that are no characters");
}

TEST(Values, CopyTextIsEscaped) {
  EXPECT_EQ(copied("a\tb\nc\rd\\e\bf\fg\vh"), "a\\tb\\nc\\rd\\\\e\\bf\\fg\\vh");
  EXPECT_EQ(copied("\\N"), "\\\\N");
  EXPECT_EQ(copied(""), "");
  EXPECT_EQ(copied("日本"), "日本");
}

TEST(Values, FloatsAreComparedByTheirBits) {
  std::string bits;
  float_bits(*parse_type("float"), "0.10000000149011612", bits);
  EXPECT_EQ(bits, "\\x3dcccccd");
  float_bits(*parse_type("double"), "-0", bits);
  EXPECT_EQ(bits, "\\x8000000000000000");
}

TEST(Values, RulesAreReadAndFound) {
  const auto rules =
      parse_rules({"orders.shipped=null", "*.created_*=replace:1970-01-01 00:00:00", "t.c=reject", "*.*=stop"});
  EXPECT_EQ(rule_for(rules, "Orders", "shipped")->action, RuleAction::kNull);
  EXPECT_EQ(rule_for(rules, "x", "created_at")->value, "1970-01-01 00:00:00");
  EXPECT_EQ(rule_for(rules, "t", "c")->action, RuleAction::kReject);
  EXPECT_EQ(rule_for(rules, "t", "d")->action, RuleAction::kStop);
  for (const char* bad : {"orders", "orders.x", "orders.x=", "orders.x=nul", ".x=null", "orders.=null", "orders=null"})
    EXPECT_THROW(parse_rules({bad}), base::Error) << bad;
}

}  // namespace
}  // namespace voyager::mysql

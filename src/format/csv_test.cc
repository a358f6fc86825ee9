#include "format/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>

#include "base/error.h"
#include "base/temporary_folder_testing.h"

namespace voyager::format {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class CsvTest : public testing::Test {
 protected:
  std::filesystem::path file(std::string_view text) const {
    std::ofstream(dir_ / "t.csv", std::ios::binary) << text;
    return dir_ / "t.csv";
  }
  /// One line a record: values in angle brackets, NULL as "-".
  std::vector<std::string> records(std::string_view text) const {
    CsvReader csv(file(text));
    std::vector<std::string> out;
    while (csv.next()) {
      std::string line;
      for (const CsvValue& value : csv.values())
        line += value.text.empty() && !value.quoted ? "-" : "<" + std::string(value.text) + ">";
      out.push_back(line);
    }
    return out;
  }
  base::ErrorInfo error(std::string_view text) const {
    try {
      records(text);
    } catch (const base::Error& caught) {
      return caught.info();
    }
    return {.title = "no error"};
  }
  const base::TemporaryFolder folder_ = {};
  const std::filesystem::path dir_ = folder_.path();
};

TEST_F(CsvTest, ReadsQuotesLineEndsAndNulls) {
  EXPECT_THAT(records("a,b\n1,2\n"), ElementsAre("<1><2>"));
  EXPECT_THAT(records("a,b\r\n1,2\r\n3,4"), ElementsAre("<1><2>", "<3><4>"));
  EXPECT_THAT(records("a,b\n,\"\"\n"), ElementsAre("-<>")) << "an empty value in quotes is a text";
  EXPECT_THAT(records("a,b\n\"x\"\"y\",\"line 1\nline, 2\"\n"), ElementsAre("<x\"y><line 1\nline, 2>"));
  EXPECT_THAT(records("a,b\n\n1,2\n\n\n"), ElementsAre("<1><2>")) << "empty lines are passed over";
  EXPECT_THAT(records("\xEF\xBB\xBF"
                      "a,b\n\"ß\",€\n"),
              ElementsAre("<ß><€>"))
      << "a byte order mark is no column";
  EXPECT_THAT(records("a\n"), ElementsAre());
  EXPECT_THAT(records("a,b\n1,2\r"), ElementsAre("<1><2>"));
  EXPECT_THAT(records("a,b\n1,x\ry\n"), ElementsAre("<1><x\ry>")) << "a CR within a value";
}

TEST_F(CsvTest, KeepsTheHeader) {
  EXPECT_THAT(CsvReader(file("\"a b\",c\n")).header(), ElementsAre("a b", "c"));
}

TEST_F(CsvTest, ReadsValuesThatCrossBlocks) {
  std::string text = "a,b\n";
  const std::string value(1000, 'x');
  for (int i = 0; i < 500; ++i) text += "\"" + value + "\"\"\n\",ü\n";
  const std::vector<std::string> all = records(text);
  ASSERT_EQ(all.size(), 500U);
  for (const std::string& one : all) ASSERT_EQ(one, "<" + value + "\"\n><ü>");
}

TEST_F(CsvTest, DamageIsToldWithFileAndLine) {
  struct Case {
    std::string_view text;
    std::string_view cause;
    int line;
  };
  using namespace std::string_view_literals;
  const Case cases[] = {
      {"", "empty", 1},
      {"\n\n", "empty", 3},
      {"a,b\n1,2\n3\n", "the record has 1 values, the header names 2", 3},
      {"a,b\n1,2,3\n", "the record has 3 values, the header names 2", 2},
      {"a,b\n1,2\n\"3,4\n5,6\n7,8\n", "never closed", 3},
      {"a,b\n\"x\ny\",1\n\"x\"z,2\n", "must follow a closing quote", 4},
      {"a,b\n1,x\"y\n", "a quote in a value that does not begin with one", 2},
      {"a,b\n1,x\0y\n"sv, "a zero byte", 2},
      {"a,b\n1,2\n1,x\xFFy\n", "0xFF is no part of a UTF-8 character", 3},
      {"a,b\n\xC3,\xA9\n", "0xC3 is no part of a UTF-8 character", 2},
      {"a,\"b\n", "never closed", 1},
  };
  for (const Case& one : cases) {
    const base::ErrorInfo info = error(one.text);
    EXPECT_EQ(info.code, "ASM-011") << one.text;
    EXPECT_THAT(info.cause, HasSubstr(one.cause));
    EXPECT_EQ(info.where, (dir_ / "t.csv").string() + ":" + std::to_string(one.line)) << one.text;
    EXPECT_FALSE(info.fix.empty());
  }
}

}  // namespace
}  // namespace voyager::format

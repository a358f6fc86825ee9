#include "cli/file_map.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "cli/testing_test.h"

namespace voyager::cli {
namespace {

std::string fault(const std::filesystem::path& folder, const std::string& map) {
  try {
    mapped_files(folder, map, "public");
    return "";
  } catch (const base::Error& error) {
    return error.info().title;
  }
}

TEST(FileMap, GlobsTablesAndFolders) {
  const testing::TemporaryDir folder;
  std::filesystem::create_directory(folder.path() / "sub");
  for (const char* name : {"a2.csv", "a1.csv", "b:c.csv", "sub/d.csv"}) folder.write(name, "x\n");
  const auto files = mapped_files(folder.path(), "a*.csv:T, b:c.csv:s.\"My,Table\",sub/d.csv:u", "public");
  ASSERT_EQ(files.size(), 4u);
  EXPECT_EQ(files[0].path, folder.path() / "a1.csv");
  EXPECT_EQ(model::quoted(files[1].table), "\"public\".\"t\"");
  EXPECT_EQ(files[2].path, folder.path() / "b:c.csv");
  EXPECT_EQ(model::quoted(files[2].table), "\"s\".\"My,Table\"");
  EXPECT_EQ(files[3].path, folder.path() / "sub" / "d.csv");
}

TEST(FileMap, MistakesAreNamed) {
  const testing::TemporaryDir folder;
  folder.write("a.csv", "x\n");
  EXPECT_NE(fault(folder.path(), "a.csv").find("\"a.csv\" is not file:table"), std::string::npos);
  EXPECT_NE(fault(folder.path(), "a.csv:").find("is not file:table"), std::string::npos);
  EXPECT_NE(fault(folder.path(), "b*.csv:t").find("matches \"b*.csv\""), std::string::npos);
  EXPECT_NE(fault(folder.path(), ""), "");
}

TEST(FileMap, OneByte) {
  EXPECT_EQ(one_byte(",", "delimiter"), ',');
  EXPECT_EQ(one_byte("\t", "delimiter"), '\t');
  EXPECT_EQ(one_byte("\\t", "delimiter"), '\t');
  EXPECT_EQ(one_byte("\\\\", "escape-char"), '\\');
  EXPECT_EQ(one_byte("\\x1f", "delimiter"), '\x1f');
  for (const char* text : {"", "ab", "\\q", "\\x1", "\\xzz"})
    EXPECT_THROW(one_byte(text, "delimiter"), base::Error) << text;
}

TEST(FileEncoding, KnownByItsCommonNames) {
  EXPECT_EQ(encoding_name(""), "");
  EXPECT_EQ(encoding_name("utf-8"), "");
  EXPECT_EQ(encoding_name("ISO-8859-15"), "LATIN9");
  EXPECT_EQ(encoding_name("Windows-1251"), "WIN1251");
  EXPECT_EQ(encoding_name("EUC_JP"), "EUC_JP");
  for (const char* name : {"SJIS", "GBK", "BIG5", "UTF-16", "nonsense"}) {
    EXPECT_THROW(encoding_name(name), base::Error) << name;
  }
}

}  // namespace
}  // namespace voyager::cli

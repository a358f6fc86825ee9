#include "migration/snapshot/user_header.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "base/error.h"

namespace voyager::migration {
namespace {

using Names = std::vector<std::string>;

const model::CopyFormat kCsv{.rows = model::RowFormat::kCsv, .delimiter = ',', .null_string = ""};

TEST(ReadHeader, SplitsAndUnquotes) {
  EXPECT_EQ(read_header("a,b,c\n1,2,3\n", kCsv), (Names{"a", "b", "c"}));
  EXPECT_EQ(read_header("a", kCsv), (Names{"a"}));
  EXPECT_EQ(read_header("\"a,b\",\"say \"\"x\"\"\"\r\n1,2", kCsv), (Names{"a,b", "say \"x\""}));
  EXPECT_EQ(read_header("\"two\nlines\",b\n", kCsv), (Names{"two\nlines", "b"}));
  EXPECT_EQ(read_header("\xEF\xBB\xBFid,n\n", kCsv), (Names{"id", "n"}));
}

TEST(ReadHeader, HonoursDelimiterQuoteAndEscape) {
  const model::CopyFormat other{.rows = model::RowFormat::kCsv, .delimiter = ';', .quote = '\'', .escape = '\\'};
  EXPECT_EQ(read_header("'a;b';'c\\'d'\n", other), (Names{"a;b", "c'd"}));
}

class HeaderColumns : public testing::Test {
 protected:
  std::vector<model::Identifier> columns(const std::string& text) {
    const std::filesystem::path file = std::filesystem::path(testing::TempDir()) / "header.csv";
    std::ofstream(file) << text;
    std::vector<model::Identifier> names;
    for (const model::Column& column : header_columns(file, kCsv, table_)) names.push_back(column.name);
    return names;
  }
  static std::vector<model::Identifier> named(const Names& names) {
    std::vector<model::Identifier> out;
    for (const std::string& name : names) out.emplace_back(name);
    return out;
  }
  model::Table table_{.name = {model::Identifier("public"), model::Identifier("t")},
                      .columns = {{.name = model::Identifier("id")},
                                  {.name = model::Identifier("Name")},
                                  {.name = model::Identifier("x")},
                                  {.name = model::Identifier("X")},
                                  {.name = model::Identifier("twice"), .generated = true}}};
};

TEST_F(HeaderColumns, FollowTheFile) {
  EXPECT_EQ(columns("Name,id\n"), named({"Name", "id"}));
  EXPECT_EQ(columns("NAME,ID\n"), named({"Name", "id"}));
  EXPECT_EQ(columns("X,x\n"), named({"X", "x"}));
  EXPECT_TRUE(columns("").empty());
}

TEST_F(HeaderColumns, RefuseWhatDoesNotFit) {
  EXPECT_THROW(columns("id,other\n"), base::Error);
  EXPECT_THROW(columns("id,ID\n"), base::Error);
  EXPECT_THROW(columns("id,twice\n"), base::Error);
  table_.columns[2].name = model::Identifier("Xy");
  table_.columns[3].name = model::Identifier("xY");
  EXPECT_THROW(columns("xy\n"), base::Error);
}

}  // namespace
}  // namespace voyager::migration

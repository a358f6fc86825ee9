#include "cli/help.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "cli/testing_test.h"

namespace voyager::cli {
namespace {

TEST(Help, Overview) {
  testing::expect_golden("help.txt", overview_text(""));
}

TEST(Help, OneGroup) {
  const std::string text = overview_text("export data");
  EXPECT_NE(text.find("export data status"), std::string::npos);
  EXPECT_EQ(text.find("import"), std::string::npos);
}

TEST(Help, ExportData) {
  testing::expect_golden("help_export_data.txt", help_text(*find_command("export data")));
}
TEST(Help, ImportDataFile) {
  testing::expect_golden("help_import_data_file.txt", help_text(*find_command("import data file")));
}

TEST(Help, LinesFitAndHiddenFlagsStayHidden) {
  for (const Command& command : commands()) {
    const std::string text = help_text(command);
    for (const std::string& line : base::split(text, '\n'))
      EXPECT_LE(line.size(), 100u) << command.path << ": " << line;
    EXPECT_TRUE(command.hidden || text.find("\nExamples\n") != std::string::npos) << command.path << " has no example";
    EXPECT_EQ(text.find("oracle"), std::string::npos) << command.path;
    EXPECT_EQ(text.find("profile"), std::string::npos) << command.path;
  }
}

}  // namespace
}  // namespace voyager::cli

#include "cli/config_file.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/testing_test.h"

namespace voyager::cli {
namespace {

std::optional<std::string> environment(const std::string& name) {
  if (name == "HOST") return "db.example";
  if (name == "EMPTY") return "";
  if (name == "YAML_TEXT") return "x\ndb-port: 1";
  return std::nullopt;
}

std::string outcome(const std::filesystem::path& file) {
  try {
    ConfigFile::load(file, environment);
    return "ok";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.info().exit, base::ExitCode::kUsage);
    return error.info().title + "\n" + error.info().cause;
  }
}

TEST(ConfigFile, TextCases) {
  const testing::TemporaryDir folder;
  const auto cases = testing::text_cases("config_files.txt");
  ASSERT_GT(cases.size(), 8u);
  for (const testing::TextCase& one : cases) {
    const std::string got = outcome(folder.write("c.yaml", one.input));
    for (const std::string& line : base::split(one.expected, '\n')) {
      EXPECT_NE(got.find(line), std::string::npos) << one.name << "\nexpected: " << line << "\ngot:\n" << got;
    }
  }
}

TEST(ConfigFile, ValuesAndInterpolation) {
  const testing::TemporaryDir folder;
  const ConfigFile config = ConfigFile::load(folder.write("c.yaml", R"(
source:
  db-host: ${HOST}:${NO_PORT:-5432}
  db-name: ${EMPTY:-none}${EMPTY}
  db-user: a$b$${HOST}
  db-password: ${YAML_TEXT}
  db-port:
import-data:
  table-list: [a, "B,c"]
)"),
                                             environment);
  EXPECT_EQ(config.find("source", "db-host")->text, "db.example:5432");
  EXPECT_EQ(config.find("source", "db-host")->line, 3);
  EXPECT_EQ(config.find("source", "db-name")->text, "none");
  EXPECT_EQ(config.find("source", "db-user")->text, "a$b${HOST}");
  EXPECT_EQ(config.find("source", "db-password")->text, "x\ndb-port: 1");
  EXPECT_EQ(config.find("source", "db-port"), nullptr);
  EXPECT_EQ(config.find("import-data", "table-list")->text, "a,B,c");
}

TEST(ConfigFile, AMissingFileIsNamed) {
  EXPECT_NE(outcome("/no/such/file.yaml").find("config file does not exist"), std::string::npos);
}

TEST(ConfigFile, TemplatesAreValid) {
  int files = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(testing::source_dir() / "../../share/config-templates")) {
    EXPECT_EQ(outcome(entry.path()), "ok") << entry.path();
    ++files;
  }
  EXPECT_EQ(files, 5);
}

}  // namespace
}  // namespace voyager::cli

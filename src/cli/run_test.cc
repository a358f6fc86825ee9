// The whole program up to the first connection: exit codes, what is printed where, what is touched.
#include "cli/run.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "base/lock_file.h"
#include "cli/testing_test.h"
#include "format/meta_db.h"

namespace voyager::cli {
namespace {

struct Outcome {
  int exit = 0;
  std::string out = {};
  std::string err = {};
};

Outcome run_with(std::vector<std::string> words) {
  words.insert(words.begin(), "yb-voyager");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  Outcome outcome;
  outcome.exit = run(static_cast<int>(argv.size()), argv.data());
  outcome.out = ::testing::internal::GetCapturedStdout();
  outcome.err = ::testing::internal::GetCapturedStderr();
  return outcome;
}

TEST(Run, Information) {
  EXPECT_EQ(run_with({}).exit, 0);
  EXPECT_NE(run_with({}).out.find("Commands"), std::string::npos);
  const Outcome version = run_with({"version"});
  EXPECT_EQ(version.out.find("VERSION="), 0u);
  EXPECT_NE(version.out.find("\nGIT_COMMIT_HASH="), std::string::npos);
  EXPECT_NE(version.out.find("\nLAST_COMMIT_DATE="), std::string::npos);
  EXPECT_NE(run_with({"export"}).out.find("export data status"), std::string::npos);
  EXPECT_NE(run_with({"verify", "--help"}).out.find("Examples"), std::string::npos);
  EXPECT_NE(run_with({"debug", "fault-points"}).out.find('\n'), std::string::npos);
}

TEST(Run, AnErrorGoesToStandardErrorInParts) {
  const Outcome outcome = run_with({"exprt", "data"});
  EXPECT_EQ(outcome.exit, 2);
  EXPECT_EQ(outcome.out, "");
  EXPECT_NE(outcome.err.find("did you mean 'yb-voyager export data'?"), std::string::npos);
}

TEST(Run, UsageErrorsTouchNothing) {
  const testing::TemporaryDir folder;
  const Outcome outcome =
      run_with({"export", "data", "-e", folder.path().string(), "--source-db-type", "postgresql", "--source-db-user",
                "u", "--source-db-name", "n", "--source-db-schema", "s", "--export-type", "everything"});
  EXPECT_EQ(outcome.exit, 2);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Run, TheExportDirectoryIsNeverCreated) {
  EXPECT_EQ(run_with({"import", "data", "-e", "/no/such/dir", "--target-db-user", "u"}).exit, 2);
  EXPECT_EQ(run_with({"export", "data", "status"}).exit, 2);
}

TEST(Run, CommandsOfAMigrationThatWasNotStarted) {
  const testing::TemporaryDir folder;
  const std::string dir = folder.path().string();
  EXPECT_EQ(run_with({"export", "data", "status", "-e", dir}).exit, 7);
  EXPECT_EQ(run_with({"import", "data", "-e", dir, "--target-db-user", "u"}).exit, 7);
  EXPECT_EQ(run_with({"end", "migration", "-e", dir, "--backup-schema-files", "no", "--backup-data-files", "no",
                      "--save-migration-reports", "no", "--backup-log-files", "no"})
                .exit,
            7);
  const Outcome schema = run_with({"import", "schema", "-e", dir, "--target-db-user", "u"});
  EXPECT_EQ(schema.exit, 7);
  EXPECT_NE(schema.err.find("schema is not exported yet"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "metainfo" / "meta.db"));
}

TEST(Run, StatusAsJsonIsOnStandardOutputAndInTheReport) {
  const testing::TemporaryDir folder;
  format::MetaDb(folder.path()).patch_json("migration_status", R"({"ExportDataDone": true})");
  const Outcome outcome =
      run_with({"export", "data", "status", "-e", folder.path().string(), "--output-format", "JSON"});
  EXPECT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_EQ(nlohmann::json::parse(outcome.out), nlohmann::json::array());
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "reports" / "export-data-status-report.json"));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "logs"));
}

TEST(Run, AJsonAnswerHasAJsonError) {
  const testing::TemporaryDir folder;
  format::MetaDb created(folder.path());
  const Outcome outcome =
      run_with({"import", "data", "status", "-e", folder.path().string(), "--output-format", "json"});
  EXPECT_EQ(outcome.exit, 7);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(nlohmann::json::parse(outcome.err)["title"], "import data has not started yet");
}

TEST(Run, ALockThatIsHeldIsAStateError) {
  const testing::TemporaryDir folder;
  format::MetaDb created(folder.path());
  const base::LockFile held(folder.path(), "import-data");
  const Outcome outcome =
      run_with({"import", "data", "to", "target", "-e", folder.path().string(), "--target-db-user", "u"});
  EXPECT_EQ(outcome.exit, 7);
  EXPECT_NE(outcome.err.find("another instance"), std::string::npos);
}

TEST(Run, EndMigrationNeedsAPlaceForBackups) {
  const testing::TemporaryDir folder;
  const std::vector<std::string> words = {"end",
                                          "migration",
                                          "-e",
                                          folder.path().string(),
                                          "--backup-schema-files",
                                          "true",
                                          "--backup-data-files",
                                          "no",
                                          "--save-migration-reports",
                                          "no",
                                          "--backup-log-files",
                                          "no"};
  EXPECT_EQ(run_with(words).exit, 2);
}

TEST(Run, APasswordOfTheCommandLineIsRepeatedNowhere) {
  const testing::TemporaryDir folder;
  format::MetaDb(folder.path()).set_json("migration_status", "{}");
  // Port 1 refuses at once; the password must not be repeated anywhere.
  const Outcome outcome = run_with({"import", "data", "-e", folder.path().string(), "--target-db-user", "u",
                                    "--target-db-port", "1", "--target-db-password", "canary-4711"});
  EXPECT_EQ(outcome.exit, 5) << outcome.err;
  EXPECT_NE(outcome.err.find("a password on the command line"), std::string::npos);
  std::ifstream log(folder.path() / "logs" / "yb-voyager-import-data.log");
  const std::string text((std::istreambuf_iterator<char>(log)), {});
  EXPECT_NE(text.find("--target-db-password ********"), std::string::npos) << text;
  EXPECT_EQ((text + outcome.err + outcome.out).find("canary-4711"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / ".import-dataLockfile.lck"));
}

}  // namespace
}  // namespace voyager::cli

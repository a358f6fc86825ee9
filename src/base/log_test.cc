#include "base/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/fault_point.h"
#include "base/files.h"
#include "base/secret.h"

namespace voyager::base {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Log, WritesFromItsLevelOnAndMasksSecrets) {
  const std::filesystem::path folder = ::testing::TempDir() + "log_test_folder";
  std::filesystem::remove_all(folder);
  const Secret secret("log-canary-55");
  log_info("before it is open");
  open_log(folder / "logs" / "x.log", LogLevel::kInfo);
  log_debug("too fine");
  log_info("user=a password=log-canary-55");
  log_error("bad");
  close_log();
  log_info("after it is closed");
  const std::string text = read_file(folder / "logs" / "x.log");
  EXPECT_THAT(text, ::testing::ContainsRegex("[0-9-]{10} [0-9:.]{15} info user=a password=\\*{8}\n"));
  EXPECT_THAT(text, HasSubstr("error bad"));
  for (const char* absent : {"too fine", "canary", "before", "after"}) EXPECT_THAT(text, Not(HasSubstr(absent)));
  std::filesystem::remove_all(folder);
}

TEST(Log, JsonIsOneObjectALineWhateverTheMessageHolds) {
  const std::filesystem::path folder = ::testing::TempDir() + "log_test_json";
  std::filesystem::remove_all(folder);
  open_log(folder / "x.jsonl", LogLevel::kInfo, LogFormat::kJson);
  log_info("two\nlines \"quoted\" \\ \x01 \xff {} %v");
  log_debug("too fine");
  close_log();
  EXPECT_THAT(read_file(folder / "x.jsonl"),
              ::testing::MatchesRegex(
                  "\\{\"time\":\"[0-9-]{10}T[0-9:.]{15}[+-][0-9:]{5}\",\"level\":\"info\",\"pid\":[0-9]+,"
                  "\"msg\":\"two\\\\nlines \\\\\"quoted\\\\\" \\\\\\\\ \\\\u0001 \xef\xbf\xbd \\{\\} %v\"\\}\n"));
  std::filesystem::remove_all(folder);
}

TEST(Log, AFileThatCannotBeWrittenIsAnError) {
  EXPECT_THROW(open_log("/dev/null/logs/x.log", LogLevel::kInfo), Error);
}

TEST(FaultPoint, IsKnownWithoutBeingPassedAndDoesNothingUnlessAsked) {
  void (*volatile nobody_calls)() = fault_point<"log_test.never_passed">;
  EXPECT_NE(nobody_calls, nullptr);
  fault_point<"log_test.passed">();
  EXPECT_THAT(fault_point_names(), ::testing::ElementsAre("log_test.never_passed", "log_test.passed"));
}

TEST(ErrorTest, ContextGoesInFront) {
  const Error error({.title = "cannot copy", .where = "batch 7", .cause = "too long"});
  EXPECT_STREQ(error.what(), "cannot copy: too long");
  EXPECT_EQ(error.within("table t").info().where, "table t · batch 7");
  EXPECT_EQ(Error({.title = "x"}).within("import data").info().where, "import data");
}

TEST(ErrorTest, AFailedCheckIsAFaultOfOurs) {
  try {
    VOY_ASSERT(1 + 1 == 3);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.info().exit, ExitCode::kInternal);
    EXPECT_EQ(error.info().cause, "1 + 1 == 3");
    EXPECT_THAT(error.info().where, HasSubstr("log_test.cc"));
  }
}

}  // namespace
}  // namespace voyager::base

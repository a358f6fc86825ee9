#include "base/process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "base/error.h"
#include "base/files.h"

namespace voyager::base {
namespace {

ChildResult shell(const std::string& script) {
  const Stop stop;
  return run_child({.argv = {"sh", "-c", script}}, stop);
}

TEST(RunChild, ReturnsCodeAndBothOutputs) {
  const ChildResult result = shell("echo out; echo err >&2; exit 3");
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(result.output, "out\n");
  EXPECT_EQ(result.errors, "err\n");
}

TEST(RunChild, GivesEnvironmentAndSecretsButNoInput) {
  const Stop stop;
  const ChildResult result = run_child({.argv = {"sh", "-c", "echo \"$PLAIN $HIDDEN\"; cat"},
                                        .environment = {{"PLAIN", "a"}},
                                        .secrets = {{"HIDDEN", Secret("child-canary-1")}}},
                                       stop);
  EXPECT_EQ(result.output, "a child-canary-1\n");
}

TEST(RunChild, SendsOutputToAFile) {
  const Stop stop;
  const std::filesystem::path file = ::testing::TempDir() + "run_child_output";
  const ChildResult result = run_child({.argv = {"echo", "text"}, .output_file = file}, stop);
  EXPECT_EQ(result.output, "");
  EXPECT_EQ(read_file(file), "text\n");
  std::filesystem::remove(file);
}

TEST(RunChild, KeepsTheEndOfLongErrors) {
  const ChildResult result = shell(
      "i=0; while [ $i -lt 3000 ]; do echo 0123456789012345678901234567890123456789 >&2; i=$((i+1)); done; echo end "
      ">&2");
  EXPECT_EQ(result.errors.size(), 64U * 1024);
  EXPECT_THAT(result.errors, ::testing::EndsWith("end\n"));
}

TEST(RunChild, ReportsTheSignalThatKilledIt) {
  EXPECT_EQ(shell("kill -9 $$").exit_code, 128 + 9);
}

TEST(RunChild, AProgramThatIsNotThereIsAnError) {
  const Stop stop;
  EXPECT_THROW(run_child({.argv = {"no-such-program-here"}}, stop), Error);
}

TEST(RunChild, ACancelEndsItAndWhatItStarted) {
  Stop stop;
  std::thread canceller([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    stop.request_cancel();
  });
  const auto start = std::chrono::steady_clock::now();
  const ChildResult result = run_child({.argv = {"sh", "-c", "sleep 60 & wait"}}, stop);
  canceller.join();
  EXPECT_EQ(result.exit_code, 128 + 15);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

TEST(RunChild, ADrainLetsItFinish) {
  Stop stop;
  stop.request_drain();
  EXPECT_EQ(run_child({.argv = {"sh", "-c", "sleep 0.1; echo done"}}, stop).output, "done\n");
}

TEST(RunChild, HasASessionOfItsOwnAndSigpipe) {
  Stop stop;
  const SignalGuard guard(stop);  // Ignores SIGPIPE for us.
  const ChildResult result =
      run_child({.argv = {"sh", "-c", "cut -d' ' -f6 /proc/$$/stat; echo $$; kill -PIPE $$; echo alive"}}, stop);
  const std::size_t line = result.output.find('\n');
  EXPECT_EQ(result.output.substr(0, line), result.output.substr(line + 1, line));
  EXPECT_THAT(result.output, ::testing::Not(::testing::HasSubstr("alive")));
  EXPECT_EQ(result.exit_code, 128 + 13);
}

TEST(RunChild, EndsAtItsLimit) {
  Stop stop;
  const auto start = std::chrono::steady_clock::now();
  const ChildResult result =
      run_child({.argv = {"sh", "-c", "sleep 60 & wait"}, .limit = std::chrono::seconds(1)}, stop);
  EXPECT_TRUE(result.timed_out);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
}

TEST(RunChild, EndsAtItsLimitWhateverHoldsItsOutput) {
  const Stop stop;
  for (const char* script : {"setsid sleep 30 & wait", "exec >&- 2>&-; sleep 30"}) {
    const auto start = std::chrono::steady_clock::now();
    const ChildResult result = run_child({.argv = {"sh", "-c", script}, .limit = std::chrono::seconds(1)}, stop);
    EXPECT_TRUE(result.timed_out) << script;
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(15)) << script;
  }
}

TEST(RunChild, EndsWhenItWritesTooMuch) {
  const Stop stop;
  const auto start = std::chrono::steady_clock::now();
  const ChildResult result = run_child({.argv = {"yes"}, .limit = std::chrono::seconds(20), .output_max = 1000}, stop);
  EXPECT_TRUE(result.too_long);
  EXPECT_FALSE(result.timed_out);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
  EXPECT_FALSE(run_child({.argv = {"echo", "text"}, .output_max = 1000}, stop).too_long);
}

TEST(FindProgram, LooksThroughThePath) {
  EXPECT_EQ(find_program("sh").filename(), "sh");
  EXPECT_TRUE(find_program("no-such-program-here").empty());
}

}  // namespace
}  // namespace voyager::base

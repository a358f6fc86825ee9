#include "cli/completion.h"

#include <gtest/gtest.h>

#include "base/process.h"
#include "base/text.h"
#include "cli/testing_test.h"

namespace voyager::cli {
namespace {

// What bash offers for the last of `words`.
std::string completed(const std::string& words, int last) {
  const testing::TemporaryDir folder;
  const std::string script = bash_completion() + "COMP_WORDS=(" + words + ")\nCOMP_CWORD=" + std::to_string(last) +
                             "\n_yb_voyager\necho \"${COMPREPLY[*]}\"\n";
  const base::Stop stop;
  const auto result = base::run_child({.argv = {"bash", folder.write("c.sh", script).string()}}, stop);
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  return std::string(base::trim(result.output));
}

TEST(Completion, BashCompletesWords) {
  EXPECT_EQ(completed("yb-voyager ''", 1),
            "assess-migration export import finalize-schema-post-data-import analyze-schema copy status logs get "
            "initiate cutover "
            "archive verify "
            "compare-performance end check rejects config explain "
            "version help completion");
  EXPECT_EQ(completed("yb-voyager export ''", 2), "schema data");
  EXPECT_EQ(completed("yb-voyager import data f", 3), "file");
}

TEST(Completion, BashCompletesFlagsAndValues) {
  EXPECT_EQ(completed("yb-voyager export data --data", 3), "--data-format");
  EXPECT_EQ(completed("yb-voyager export data --data-format ''", 4), "auto text binary");
  EXPECT_EQ(completed("yb-voyager export data --start-clean t", 4), "true");
  EXPECT_EQ(completed("yb-voyager export data --yes --orac", 4), "");
}

TEST(Completion, EveryShellKnowsCommandsFlagsAndValues) {
  for (const std::string& script : {bash_completion(), zsh_completion(), fish_completion()}) {
    for (const char* word :
         {"finalize-schema-post-data-import", "exclude-table-list", "verify-full", "stash-and-continue"}) {
      EXPECT_NE(script.find(word), std::string::npos) << word;
    }
    EXPECT_EQ(script.find("fault-points"), std::string::npos);
    EXPECT_EQ(script.find("oracle"), std::string::npos);
  }
}

// Where the other shells are installed their parsers judge the scripts.
TEST(Completion, OtherShellsParseTheScripts) {
  const testing::TemporaryDir folder;
  const base::Stop stop;
  int judged = 0;
  for (const auto& [shell, text] :
       {std::pair{"bash", bash_completion()}, {"zsh", zsh_completion()}, {"fish", fish_completion()}}) {
    if (base::find_program(shell).empty()) continue;
    const auto result = base::run_child({.argv = {shell, "-n", folder.write(shell, text).string()}}, stop);
    EXPECT_EQ(result.exit_code, 0) << shell << "\n" << result.errors;
    ++judged;
  }
  EXPECT_GE(judged, 1);
}

}  // namespace
}  // namespace voyager::cli

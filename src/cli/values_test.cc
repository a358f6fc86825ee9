#include "cli/values.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <map>
#include <optional>
#include <stdexcept>

#include "base/error.h"
#include "cli/password_source.h"
#include "cli/testing_test.h"
#include "model/answers_testing.h"

namespace voyager::cli {
namespace {

class ValuesTest : public ::testing::Test {
 protected:
  Values values(const std::vector<std::string>& arguments, const std::string& yaml = "") {
    line_ = parse_command_line(arguments);
    config_ = yaml.empty() ? ConfigFile() : ConfigFile::load(folder_.write("c.yaml", yaml), ask());
    return Values(line_, config_, ask());
  }
  Environment ask() const {
    return [this](const std::string& name) {
      const auto found = variables_.find(name);
      return found == variables_.end() ? std::nullopt : std::optional(found->second);
    };
  }
  std::string fault(const std::vector<std::string>& arguments, const std::string& yaml = "") {
    try {
      const Values all = values(arguments, yaml);
      check_combination(*line_.command, all);
      if (line_.command->check != nullptr) line_.command->check(all);
      return "";
    } catch (const base::Error& error) {
      EXPECT_EQ(error.info().exit, base::ExitCode::kUsage);
      return error.info().title + "\n" + error.info().cause;
    }
  }
  std::map<std::string, std::string> variables_ = {};
  testing::TemporaryDir folder_;
  CommandLine line_ = {};
  ConfigFile config_ = {};
};

using Words = std::vector<std::string>;

TEST_F(ValuesTest, FlagThenFileThenDefault) {
  const std::string yaml = "export-data:\n  parallel-jobs: 8\n";
  EXPECT_EQ(values({"export", "data", "--parallel-jobs", "2"}, yaml).number("parallel-jobs"), 2);
  EXPECT_EQ(values({"export", "data"}, yaml).number("parallel-jobs"), 8);
  EXPECT_EQ(values({"export", "data", "from", "source"}, yaml).number("parallel-jobs"), 8);
  EXPECT_EQ(values({"export", "data"}).number("parallel-jobs"), 4);
  EXPECT_EQ(values({"import", "data"}, yaml).number("parallel-jobs"), 0);
}

TEST_F(ValuesTest, SectionBeatsGlobalKey) {
  const std::string yaml = "log-level: warn\nexport-data:\n  log-level: debug\n";
  EXPECT_EQ(values({"export", "data"}, yaml).text("log-level"), "debug");
  EXPECT_EQ(values({"import", "data"}, yaml).text("log-level"), "warn");
}

TEST_F(ValuesTest, DatabaseSections) {
  const std::string yaml = "source:\n  db-host: s\n  ssl-mode: require\n  oracle-home: /o\ntarget:\n  db-host: t\n";
  const Values source = values({"export", "schema"}, yaml);
  EXPECT_EQ(source.text("source-db-host"), "s");
  EXPECT_EQ(source.text("source-ssl-mode"), "require");
  EXPECT_EQ(source.text("oracle-home"), "/o");
  EXPECT_EQ(values({"import", "data", "file"}, yaml).text("target-db-host"), "t");
  const Values both = values({"verify"}, yaml);
  EXPECT_EQ(both.text("source-db-host") + both.text("target-db-host"), "st");
}

TEST_F(ValuesTest, PasswordOfABoundCommandComesFromTheFileFirst) {
  variables_["TARGET_DB_PASSWORD"] = "from-environment";
  const std::string yaml = "target:\n  db-password: from-file\n";
  EXPECT_EQ(values({"import", "data"}, yaml).find("target-db-password")->secret.reveal(), "from-file");
  EXPECT_EQ(values({"end", "migration"}, yaml).find("target-db-password")->secret.reveal(), "from-environment");
  EXPECT_EQ(values({"import", "data"}).find("target-db-password")->secret.reveal(), "from-environment");
  EXPECT_EQ(
      values({"import", "data", "--target-db-password", "typed"}, yaml).find("target-db-password")->secret.reveal(),
      "typed");
  variables_.clear();
  EXPECT_EQ(values({"end", "migration"}, yaml).find("target-db-password")->secret.reveal(), "from-file");
  EXPECT_TRUE(values({"import", "data"}, yaml).find("target-db-password")->text.empty());
}

TEST_F(ValuesTest, EnvironmentBooleans) {
  variables_["YB_VOYAGER_SEND_DIAGNOSTICS"] = "false";
  EXPECT_FALSE(values({"export", "data"}, "send-diagnostics: true\n").on("send-diagnostics"));
  variables_["YB_VOYAGER_SEND_DIAGNOSTICS"] = "nonsense";
  EXPECT_TRUE(values({"export", "data"}).on("send-diagnostics"));
}

TEST_F(ValuesTest, OriginsNeverShowASecret) {
  for (const std::string& line :
       values({"import", "data"}, "target:\n  db-password: canary\n  db-user: u\n").origins()) {
    EXPECT_EQ(line.find("canary"), std::string::npos);
  }
}

TEST_F(ValuesTest, ABadValueInTheFileNamesItsLine) {
  const std::string text = fault({"import", "data"}, "import-data:\n  batch-size: many\n");
  EXPECT_NE(text.find("line 2: invalid value \"many\" for --batch-size: a whole number"), std::string::npos) << text;
}

TEST_F(ValuesTest, RequiredFlagsAreNamedTogether) {
  EXPECT_EQ(fault({"import", "data"}), "required flag(s) \"target-db-user\", \"export-dir\" not set\n");
  EXPECT_EQ(fault({"import", "data"}, "export-dir: /d\ntarget:\n  db-user: u\n"), "");
}

const Words kImport = {"import", "data", "-e", "d", "--target-db-user", "u"};
const Words kExport = {"export",
                       "data",
                       "-e",
                       "d",
                       "--source-db-type",
                       "postgresql",
                       "--source-db-user",
                       "u",
                       "--source-db-name",
                       "n",
                       "--source-db-schema",
                       "public"};

const Words kAssess = {"assess-migration",
                       "-e",
                       "d",
                       "--source-db-type",
                       "postgresql",
                       "--source-db-user",
                       "u",
                       "--source-db-name",
                       "n",
                       "--source-db-schema",
                       "public"};

Words with(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

TEST_F(ValuesTest, Combinations) {
  EXPECT_EQ(fault(with(kImport, {"--parallel-jobs", "4"})), "");
  EXPECT_EQ(fault(with(kImport, {"--parallel-jobs", "4", "--adaptive-parallelism", "disabled"})), "");
  EXPECT_NE(fault(with(kImport, {"--parallel-jobs", "4", "--adaptive-parallelism", "balanced"})), "");
  EXPECT_NE(fault(with(kImport, {"--parallel-jobs", "4", "--adaptive-parallelism-max", "8"})), "");
  EXPECT_NE(fault(with(kImport, {"--truncate-tables"})), "");
  EXPECT_EQ(fault(with(kImport, {"--truncate-tables", "--start-clean"})), "");
  EXPECT_EQ(fault(with(kImport, {"--target-db-schema", "s"})), "");
  EXPECT_NE(fault(with(kImport, {"--table-list", "a", "--table-list-file-path", "f"})), "");
  EXPECT_NE(fault(with(kImport, {"--enable-upsert", "true"})), "");
  EXPECT_NE(fault(with(kImport, {"--target-db-type", "yugabytedb-amp"})), "");
  EXPECT_EQ(fault(with(kImport, {"--target-db-type", "PostgreSQL"})), "");
  EXPECT_EQ(fault(with(kAssess, {"--source-read-replica-endpoints", "r1:5432,r2"})), "");
  EXPECT_EQ(fault({"assess-migration", "-e", "d", "--source-db-type", "postgresql", "--source-db-user", "u"}),
            "required flag(s) \"source-db-name\", \"source-db-schema\" not set\n");
  EXPECT_EQ(fault(with(kAssess, {"--source-read-replica-endpoints", "r1", "--primary-only", "false"})), "");
  EXPECT_NE(fault(with(kAssess, {"--source-read-replica-endpoints", "r1", "--primary-only"})), "");
  EXPECT_NE(fault(with(kImport, {"--target-ssl-cert", "/no/such/file"})), "");
}

TEST_F(ValuesTest, WhatThisReleaseDoesNotHave) {
  EXPECT_EQ(fault(kExport), "");
  EXPECT_EQ(fault(with(kExport, {"--export-type", "SNAPSHOT-ONLY"})), "");
  EXPECT_EQ(fault(with(kExport, {"--export-type", "snapshot-and-changes"})), "");
  EXPECT_NE(fault(with(kExport, {"--source-db-type", "oracle"})).find("not supported by this release"),
            std::string::npos);
  EXPECT_NE(fault(with(kExport, {"--oracle-home", "/o"})).find("Oracle sources only"), std::string::npos);
}

TEST_F(ValuesTest, Lists) {
  const Values all = values({"export", "data", "--table-list", " a, \"B,c\" ,,d "});
  EXPECT_EQ(all.list("table-list"), (Words{"a", "\"B,c\"", "d"}));
}

TEST_F(ValuesTest, KnobsComeFromTheirVariableOrElseFromTheFile) {
  const std::string yaml = "java-home: /j\nimport-data:\n  max-cpu-threshold: 70\n  num-event-channels: 5\n";
  Values all = values({"import", "data"}, yaml);
  EXPECT_EQ(all.knob("JAVA_HOME"), "/j");
  EXPECT_EQ(all.knob("MAX_CPU_THRESHOLD"), "70");
  EXPECT_EQ(all.knob_number("NUM_EVENT_CHANNELS", 1), 5U);
  EXPECT_EQ(all.knob_number("QUEUE_SEGMENT_MAX_BYTES", 9), 9U) << "nobody gave it";
  EXPECT_TRUE(all.knob_on("REPORT_UNSUPPORTED_QUERY_CONSTRUCTS", true));
  EXPECT_EQ(std::getenv("MAX_CPU_THRESHOLD"), nullptr) << "no setting goes through the environment";
  EXPECT_THROW(all.knob("NO_SUCH_SETTING"), std::out_of_range);
  variables_ = {
      {"MAX_CPU_THRESHOLD", ""}, {"NUM_EVENT_CHANNELS", "x"}, {"REPORT_UNSUPPORTED_QUERY_CONSTRUCTS", "false"}};
  all = values({"import", "data"}, yaml);
  EXPECT_EQ(all.knob("MAX_CPU_THRESHOLD"), std::nullopt) << "a variable that is there hides the key";
  EXPECT_THROW(all.knob_number("NUM_EVENT_CHANNELS", 1), base::Error);
  EXPECT_FALSE(all.knob_on("REPORT_UNSUPPORTED_QUERY_CONSTRUCTS", true));
}

TEST_F(ValuesTest, TheNearestOfPasswordFileAndCommandCounts) {
  const std::string file = folder_.write("password", "from file\n").string();
  model::Answers notices;
  const base::Stop stop;
  const auto password = [&](const Words& words, const std::string& yaml = "") {
    const Values all = values(words, yaml);
    const auto found = password_from_elsewhere(all, "source-db-password", notices, stop);
    return found ? found->reveal() : all.find("source-db-password")->secret.reveal();
  };
  const std::string in_config = "source:\n  db-password-file: " + file + "\n";
  variables_["SOURCE_DB_PASSWORD"] = "from variable";
  EXPECT_EQ(password({"export", "schema"}), "from variable");
  EXPECT_EQ(password({"export", "schema", "--source-db-password-file", file}), "from file");
  EXPECT_EQ(password({"export", "schema"}, in_config), "from file");
  EXPECT_EQ(password({"export", "schema", "--source-db-password", "typed"}, in_config), "typed");
  EXPECT_EQ(password({"export", "schema", "--source-db-password-command", "printf 'said %s' \"so 'x'\""}, in_config),
            "said so 'x'");
  EXPECT_NE(fault({"export", "schema", "--source-db-password", "a", "--source-db-password-file", file})
                .find("exclude each other"),
            std::string::npos);
  for (const Words& slip : {Words{"file", "", "is empty"}, Words{"command", "", "is empty"},
                            Words{"command", "printf 'x", "is not closed"}}) {
    try {
      ADD_FAILURE() << password({"export", "schema", "--source-db-password-" + slip[0], slip[1]});
    } catch (const base::Error& error) {
      EXPECT_NE(error.info().title.find(slip[2]), std::string::npos) << error.info().title;
    }
  }
  EXPECT_EQ(password({"export", "schema"}, "source:\n  db-password-file: ''\n"), "from variable") << "as in templates";
}

TEST_F(ValuesTest, WhatACommandSaysIsTheUsersToSee) {
  model::Answers notices;
  const base::Stop stop;
  const auto told = [&](const std::string& command) {
    const Values all = values({"export", "schema", "--source-db-password-command", command});
    try {
      (void)password_from_elsewhere(all, "source-db-password", notices, stop);
    } catch (const base::Error& error) {
      EXPECT_EQ(error.info().code, "CON-010");
      return error.info().title + "|" + error.info().cause;
    }
    return std::string("fine");
  };
  EXPECT_EQ(told("sh -c 'echo locked >&2; exit 3'"),
            "--source-db-password-command: the command ended with exit code 3|locked");
  EXPECT_EQ(told("true"), "--source-db-password-command: the command printed nothing|");
  EXPECT_EQ(told("printf 'a\nb\n'"), "--source-db-password-command: the command printed more than one line|");
  EXPECT_EQ(told("yes"), "--source-db-password-command: the command printed more than 64 KiB|");
  EXPECT_NE(told("/no/such/program").find("cannot be started"), std::string::npos);
  EXPECT_EQ(told("printf x"), "fine");
}

TEST_F(ValuesTest, APasswordFileHoldsOneLine) {
  model::Answers notices;
  const base::Stop stop;
  const auto read_file = [&](const std::string& file) {
    const Values all = values({"export", "schema", "--source-db-password-file", file});
    try {
      return password_from_elsewhere(all, "source-db-password", notices, stop)->reveal();
    } catch (const base::Error& error) {
      EXPECT_EQ(error.info().code, "CON-009");
      return error.info().title.substr(error.info().title.rfind(file) + file.size());
    }
  };
  const auto read = [&](const std::string& text) { return read_file(folder_.write("password", text).string()); };
  EXPECT_EQ(read("pass word\n"), "pass word");
  EXPECT_EQ(read("pass word\r\n"), "pass word");
  EXPECT_EQ(read("pass word"), "pass word");
  EXPECT_EQ(read("pass word\n\n"), " has more than one line, or a NUL byte");
  EXPECT_EQ(read("a\r\nb\r\n"), " has more than one line, or a NUL byte");
  EXPECT_EQ(read(std::string("pass\0word", 9)), " has more than one line, or a NUL byte");
  EXPECT_EQ(read("\n"), " is empty");
  EXPECT_EQ(read(std::string(70'000, 'x')), " is larger than 64 KiB");
  // Nobody writes to it: it must not be waited for.
  const std::string pipe = (folder_.path() / "pipe").string();
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(read_file(pipe), " is no plain file");
  EXPECT_EQ(read_file(folder_.path().string()), " is no plain file");
}

TEST(ShellSplit, QuotesAndBackslashes) {
  EXPECT_EQ(*shell_split(R"(a 'b c' "d \"e\" \n" f\ g '' )"), (Words{"a", "b c", R"(d "e" \n)", "f g", ""}));
}

}  // namespace
}  // namespace voyager::cli

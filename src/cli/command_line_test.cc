#include "cli/command_line.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "cli/testing_test.h"

namespace voyager::cli {
namespace {

std::string as_text(const CommandLine& line) {
  std::string out = "command " + line.words + "\n";
  for (const auto& [name, given] : line.flags) {
    const bool secret = given.flag->kind == FlagKind::kSecret;
    EXPECT_TRUE(!secret || (given.text.empty() && !given.secret.empty()));
    out += std::string(name) + " = " + (secret ? "********" : given.text) + "\n";
  }
  return out;
}

std::string parsed(const std::vector<std::string>& arguments) {
  try {
    return as_text(parse_command_line(arguments));
  } catch (const base::Error& error) {
    EXPECT_EQ(error.info().exit, base::ExitCode::kUsage);
    std::string out = "error: " + error.info().title + "\n";
    for (const std::string& step : error.info().fix) out += "fix: " + step + "\n";
    return out;
  }
}

TEST(CommandLine, TextCases) {
  const auto cases = testing::text_cases("command_lines.txt");
  ASSERT_GT(cases.size(), 20u);
  for (const testing::TextCase& one : cases) {
    std::vector<std::string> arguments = base::split(one.input, '\n');
    arguments.pop_back();
    const std::string got = parsed(arguments);
    for (const std::string& line : base::split(one.expected, '\n')) {
      EXPECT_NE(got.find(line), std::string::npos) << one.name << "\nexpected: " << line << "\ngot:\n" << got;
    }
    if (got.starts_with("command")) {
      EXPECT_EQ(base::trim(got), base::trim(one.expected)) << one.name;
    }
  }
}

TEST(CommandLine, PasswordsAreWipedFromArgv) {
  std::vector<std::string> words = {"yb-voyager",       "export", "--source-db-password",
                                    "canary",           "data",   "--target-db-password=canary",
                                    "--source-db-user", "u"};
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  const std::vector<std::string> arguments = take_arguments(static_cast<int>(argv.size()), argv.data());
  EXPECT_EQ(arguments, (std::vector<std::string>{"export", "--source-db-password", "canary", "data",
                                                 "--target-db-password=canary", "--source-db-user", "u"}));
  EXPECT_EQ(words, (std::vector<std::string>{"yb-voyager", "export", "--source-db-password", "******", "data",
                                             "--target-db-password=******", "--source-db-user", "u"}));
}

TEST(CommandLine, MaskedHidesSecretsOfAnyLength) {
  const CommandLine line = parse_command_line({"export", "data", "--source-db-password", "x", "--source-db-user", "u"});
  EXPECT_EQ(masked(line), "yb-voyager export data --source-db-password ******** --source-db-user u");
}

TEST(CommandLine, HelpAndGroups) {
  EXPECT_TRUE(parse_command_line({"help", "export", "data"}).help);
  EXPECT_EQ(parse_command_line({"help", "export", "data"}).words, "export data");
  EXPECT_TRUE(parse_command_line({"export", "data", "--help"}).help);
  EXPECT_EQ(parse_command_line({"export"}).command, nullptr);
  EXPECT_EQ(parse_command_line({"export"}).words, "export");
  EXPECT_EQ(parse_command_line({}).command, nullptr);
  EXPECT_TRUE(parse_command_line({"--version"}).version);
}

// A flag has to mean the same everywhere, since words are taken apart before the command is known.
TEST(CommandTable, AFlagHasOneKind) {
  for (const Command& command : commands()) {
    for (const FlagGroup& group : command.groups) {
      for (const Flag& flag : group.flags)
        EXPECT_EQ(flag.kind, find_flag(flag.name)->kind) << command.path << " --" << flag.name;
    }
  }
}

TEST(CommandTable, EveryRowIsComplete) {
  for (const Command& command : commands()) {
    EXPECT_FALSE(command.summary.empty()) << command.path;
    EXPECT_FALSE(command.id.empty()) << command.path;
    EXPECT_TRUE(command.run != nullptr || command.path == "help" || command.path == "config show") << command.path;
    std::vector<std::string_view> names;
    for (const FlagGroup& group : command.groups) {
      for (const Flag& flag : group.flags) {
        EXPECT_EQ(std::count(names.begin(), names.end(), flag.name), 0)
            << command.path << " has --" << flag.name << " twice";
        names.push_back(flag.name);
        EXPECT_TRUE(flag.hidden || !flag.help.empty()) << command.path << " --" << flag.name;
        EXPECT_TRUE(flag.excludes.empty() || command.flag(flag.excludes) != nullptr) << flag.name;
      }
    }
    for (const std::string_view needed : command.required)
      EXPECT_NE(command.flag(needed), nullptr) << command.path << needed;
  }
}

// Every flag that the published documents use for these commands.
TEST(CommandTable, DocumentedFlagsAreThere) {
  const std::pair<const char*, const char*> kFlags[] = {
      {"export schema",
       "source-db-type source-db-host source-db-port source-db-user source-db-password source-db-name "
       "source-db-schema oracle-db-sid oracle-home oracle-tns-alias source-ssl-mode source-ssl-cert source-ssl-key "
       "source-ssl-root-cert source-ssl-crl start-clean run-guardrails-checks use-orafce comments-on-objects "
       "object-type-list "
       "exclude-object-type-list skip-colocation-recommendations skip-performance-recommendations "
       "assessment-report-path "
       "assess-schema-before-export export-dir config-file log-level yes send-diagnostics profile"},
      {"export data",
       "oracle-cdb-name oracle-cdb-sid oracle-cdb-tns-alias export-type table-list exclude-table-list "
       "table-list-file-path exclude-table-list-file-path parallel-jobs disable-pb start-clean run-guardrails-checks "
       "allow-oracle-clob-data-export metrics-port target-db-user target-db-password"},
      {"import schema",
       "target-db-host target-db-port target-db-user target-db-password target-db-name target-db-schema "
       "target-ssl-mode target-ssl-cert target-ssl-key target-ssl-root-cert target-ssl-crl target-db-type start-clean "
       "continue-on-error ignore-exist object-type-list exclude-object-type-list straight-order enable-orafce "
       "run-guardrails-checks post-snapshot-import refresh-mviews"},
      {"finalize-schema-post-data-import",
       "target-db-type continue-on-error ignore-exist refresh-mviews run-guardrails-checks"},
      {"import data",
       "batch-size parallel-jobs adaptive-parallelism adaptive-parallelism-max skip-replication-checks "
       "skip-node-health-checks skip-disk-usage-health-checks on-primary-key-conflict error-policy-snapshot "
       "enable-upsert "
       "start-clean truncate-tables table-list exclude-table-list table-list-file-path exclude-table-list-file-path "
       "use-public-ip target-endpoints disable-pb max-retries-streaming use-partition-root cdc-partition-key "
       "cdc-partition-key-overrides keep-transactions run-guardrails-checks metrics-port continue-on-error "
       "disable-transactional-writes "
       "truncate-splits max-concurrent-batch-productions enable-random-batch-production "
       "disable-sequential-scan-on-update-deletes prometheus-metrics-port"},
      {"import data file",
       "data-dir file-table-map format delimiter has-header quote-char escape-char null-string file-opts "
       "error-policy start-clean truncate-tables batch-size parallel-jobs on-primary-key-conflict table-list"},
      {"export data status", "output-format export-dir config-file log-level yes"},
      {"import data status", "output-format export-dir config-file log-level yes"},
      {"end migration",
       "backup-schema-files backup-data-files save-migration-reports backup-log-files backup-dir "
       "send-diagnostics"},
      {"verify", "source-db-user target-db-user table-list output-format parallel-jobs objects-only rows-only"},
  };
  for (const auto& [path, flags] : kFlags) {
    const Command* command = find_command(path);
    ASSERT_NE(command, nullptr) << path;
    for (const std::string& flag : base::split(flags, ' '))
      EXPECT_NE(command->flag(flag), nullptr) << path << " --" << flag;
  }
  EXPECT_EQ(find_command("import data file")->flag("run-guardrails-checks"), nullptr);
}

}  // namespace
}  // namespace voyager::cli

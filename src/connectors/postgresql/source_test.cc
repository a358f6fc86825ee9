#include "connectors/postgresql/source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connectors/postgresql/pg_dump.h"

namespace voyager::postgresql {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

model::Table table_of(std::initializer_list<const char*> columns) {
  model::Table table{.name = {model::Identifier("s"), model::Identifier("T\"x")}};
  for (const char* name : columns) table.columns.push_back({.name = model::Identifier(name)});
  return table;
}

TEST(CopyOutStatementTest, WholeTablesGoTheServersFastPath) {
  const model::Table table = table_of({"a", "B c"});
  EXPECT_EQ(copy_out_statement(table, {}, false, model::RowFormat::kText),
            "COPY \"s\".\"T\"\"x\" (\"a\", \"B c\") TO STDOUT");
  EXPECT_EQ(copy_out_statement(table, {0, 9}, true, model::RowFormat::kBinary),
            "COPY \"s\".\"T\"\"x\" (\"a\", \"B c\") TO STDOUT (FORMAT binary)");
}

TEST(CopyOutStatementTest, RangesAreHalfOpenAndTheLastHasNoEnd) {
  const model::Table table = table_of({"a"});
  EXPECT_EQ(copy_out_statement(table, {3, 7}, false, model::RowFormat::kText),
            "COPY (SELECT \"a\" FROM ONLY \"s\".\"T\"\"x\" WHERE ctid >= '(3,0)' AND ctid < '(7,0)') TO STDOUT");
  EXPECT_EQ(copy_out_statement(table, {7, 9}, true, model::RowFormat::kText),
            "COPY (SELECT \"a\" FROM ONLY \"s\".\"T\"\"x\" WHERE ctid >= '(7,0)') TO STDOUT");
}

TEST(CopyOutStatementTest, GeneratedColumnsStayBehind) {
  model::Table table = table_of({"a", "g"});
  table.columns[1].generated = true;
  EXPECT_EQ(copy_out_statement(table, {}, false, model::RowFormat::kText), "COPY \"s\".\"T\"\"x\" (\"a\") TO STDOUT");
  EXPECT_EQ(copy_out_statement(table_of({}), {}, false, model::RowFormat::kText), "COPY \"s\".\"T\"\"x\" TO STDOUT");
}

const std::string kHeader("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);

TEST(BinaryStripperTest, HeaderAndTrailerAreNoRows) {
  BinaryStripper stripper;
  std::string block = kHeader + std::string("\0\0", 2);  // a row without fields behind the header
  EXPECT_TRUE(stripper.strip(block, 0));
  EXPECT_EQ(block, std::string("\0\0", 2));
  block += "row";
  EXPECT_TRUE(stripper.strip(block, 2));
  block += "\377\377";
  EXPECT_FALSE(stripper.strip(block, 5));
  EXPECT_EQ(block, std::string("\0\0row", 5));
}

TEST(BinaryStripperTest, AnEmptyTableHasHeaderAndTrailerInOneMessage) {
  BinaryStripper stripper;
  std::string block = kHeader + "\377\377";
  EXPECT_FALSE(stripper.strip(block, 0));
  EXPECT_EQ(block, "");
}

TEST(BinaryStripperTest, AnExtensionOfTheHeaderIsSkipped) {
  BinaryStripper stripper;
  std::string block = kHeader.substr(0, 18) + std::string("\3", 1) + "ext" + "row";
  EXPECT_TRUE(stripper.strip(block, 0));
  EXPECT_EQ(block, "row");
}

TEST(PgDumpTest, VersionIsReadFromItsOutput) {
  EXPECT_EQ(pg_dump_version("pg_dump (PostgreSQL) 16.4 (Debian 16.4-1.pgdg120+1)\n"), "16.4");
  EXPECT_EQ(pg_dump_version("pg_dump (PostgreSQL) 17beta1"), "17beta1");
  EXPECT_EQ(pg_dump_version("nonsense"), "");
  EXPECT_EQ(pg_dump_major_wanted(11), 14);
  EXPECT_EQ(pg_dump_major_wanted(17), 17);
}

TEST(PgDumpTest, CallQuotesSchemasAndHidesThePassword) {
  const model::ConnectionOptions options{.host = "h",
                                         .port = 6000,
                                         .user = "u",
                                         .password = base::Secret("canary-password"),
                                         .database = "a=b",
                                         .schemas = {model::Identifier("public"), model::Identifier("S*\"x")},
                                         .ssl_mode = "verify-full"};
  const base::ChildCommand command = dump_command(options, {.path = "/bin/pg_dump", .major = 15}, {});
  EXPECT_THAT(command.argv, Contains("--schema=\"public\""));
  EXPECT_THAT(command.argv, Contains("--schema=\"S*\"\"x\""));
  for (const char* option :
       {"--schema-only", "--no-owner", "--no-privileges", "--no-tablespaces", "--no-comments",
        "--load-via-partition-root", "--lock-wait-timeout=60000", "--extension=*", "--no-password"}) {
    EXPECT_THAT(command.argv, Contains(option));
  }
  for (const std::string& argument : command.argv) EXPECT_THAT(argument, Not(HasSubstr("canary")));
  for (const auto& [name, value] : command.environment) EXPECT_THAT(value, Not(HasSubstr("canary")));
  EXPECT_EQ(command.secrets.at("PGPASSWORD").reveal(), "canary-password");
  EXPECT_EQ(command.environment.at("PGDATABASE"), "a=b");
  EXPECT_EQ(command.environment.at("PGSSLMODE"), "verify-full");
}

TEST(PgDumpTest, TheIniFileAddsReplacesAndTakesAway) {
  const auto overrides = parse_dump_args(
      "# c\n[pg_dump]\nextension = \"pg_trgm\"\nno-tablespaces=false\nlock-wait-timeout = 5\n\nverbose\n");
  const base::ChildCommand command = dump_command({}, {.path = "pg_dump"}, {.overrides = overrides});
  EXPECT_THAT(command.argv, Contains("--extension=pg_trgm"));
  EXPECT_THAT(command.argv, Not(Contains("--extension=*")));
  EXPECT_THAT(command.argv, Not(Contains("--no-tablespaces")));
  EXPECT_THAT(command.argv, Contains("--lock-wait-timeout=5"));
  EXPECT_THAT(command.argv, Contains("--verbose"));
}

TEST(PgDumpTest, ADumpOfEverythingNamesWhatItDoesNotWant) {
  const auto overrides = parse_dump_args("extension=*\nno-owner=true\nlock-wait-timeout = 5\n");
  const base::ChildCommand command = dump_command({.schemas = {model::Identifier("public")}}, {.path = "pg_dump"},
                                                  {.contents = connector::SchemaContents::kEverything,
                                                   .other_schemas = {model::Identifier("a|b"), model::Identifier("c")},
                                                   .snapshot = "0001-1",
                                                   .overrides = overrides});
  for (const char* option : {"--create", "--no-subscriptions", "--verbose", "--exclude-schema=\"a|b\"|\"c\"",
                             "--snapshot=0001-1", "--lock-wait-timeout=5"}) {
    EXPECT_THAT(command.argv, Contains(option));
  }
  // Each of these would keep something away.
  for (const std::string& argument : command.argv) {
    for (const char* option : {"--no-owner", "--no-privileges", "--no-comments", "--extension", "--schema="})
      EXPECT_FALSE(argument.starts_with(option)) << argument;
  }
}

TEST(PgDumpTest, ItsAccountOfWhatItDoesIsNoComplaint) {
  EXPECT_EQ(complaints("pg_dump: reading schemas\npg_dump: error: query failed: ERROR:  denied\nLINE 1: x\npg_dump: "
                       "creating TABLE \"a.error: b\"\npg_dump: hint: try\n"),
            "pg_dump: error: query failed: ERROR:  denied\nLINE 1: x\npg_dump: hint: try\n");
}

}  // namespace
}  // namespace voyager::postgresql

// Each testdata/*.txt holds cases that need no C++ to add: some SQL, and what must be found in it. testdata/README.md
// has the form. Run with VOY_REWRITE=1 to write the expectations anew, then read the difference.
#include "analysis/analyzer.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "analysis/case_testing.h"
#include "base/files.h"
#include "base/text.h"
#include "sql/splitter.h"
#include "sql/statement.h"

namespace voyager::analysis {
namespace {

const std::filesystem::path kTestdata = std::filesystem::path(VOY_FOLDER) / "testdata";

std::vector<std::filesystem::path> files() {
  std::vector<std::filesystem::path> all;
  for (const auto& entry : std::filesystem::directory_iterator(kTestdata)) {
    if (entry.path().extension() == ".txt") all.push_back(entry.path());
  }
  std::ranges::sort(all);
  return all;
}

Options options_of(const Case& one) {
  Options options{.target = parse_version(kOldTarget)};
  for (const std::string& setting : one.settings) {
    const std::vector<std::string> words = base::split(setting, ' ');
    if (words[0] == "target") {
      options.target = words.at(1) == "postgresql" ? std::nullopt : parse_version(words.at(1));
    } else if (words[0] == "assessment") {
      options.assessment = true;
    } else if (words[0] == "statistics") {
      options.statistics[words.at(1)] = {
          .null_share = std::stod(words.at(2)), .top_share = std::stod(words.at(3)), .top_value = words.at(4)};
    } else {
      ADD_FAILURE() << one.name << ": unknown setting " << setting;
    }
  }
  return options;
}

std::string line_of(const Finding& finding) {
  std::string text = fmt::format("{} | {} | {} | {}", finding.issue->type, finding.object_type, finding.object_name,
                                 finding.has_place ? std::to_string(finding.line) : "-");
  if (finding.category != finding.issue->category) text += fmt::format(" | {}", to_string(finding.category));
  const auto recommended = finding.details.find("RecommendedSQL");
  if (recommended != finding.details.end()) text += fmt::format(" | {}", recommended->second);
  return text;
}

std::vector<std::string> found_in(const Case& one) {
  const SchemaText text{.object_type = "TABLE", .text = one.sql};
  std::vector<std::string> lines;
  for (const Finding& finding : analyze(std::span(&text, 1), options_of(one)).findings)
    lines.push_back(line_of(finding));
  return lines;
}

std::vector<std::string> without_never(std::vector<std::string> lines) {
  std::erase_if(lines, [](const std::string& line) { return line.starts_with("never "); });
  return lines;
}

void rewrite(const std::filesystem::path& file) {
  std::string text;
  for (const std::string& line : base::split(base::read_file(file), '\n')) {
    if (line.starts_with("== ")) break;
    text += line + "\n";
  }
  for (const Case& one : cases_of(file)) {
    text += "== " + one.name + "\n";
    for (const std::string& setting : one.settings) text += "@" + setting + "\n";
    text += one.sql + "----\n";
    for (const std::string& line : found_in(one)) text += line + "\n";
    for (const std::string& line : one.expected) {
      if (line.starts_with("never ")) text += line + "\n";
    }
    text += "\n";
  }
  text.pop_back();
  base::write_file_atomically(file, text);
}

TEST(Cases, FindWhatTheyExpect) {
  for (const std::filesystem::path& file : files()) {
    if (std::getenv("VOY_REWRITE") != nullptr) rewrite(file);
    for (const Case& one : cases_of(file)) {
      SCOPED_TRACE(file.filename().string() + ": " + one.name);
      EXPECT_EQ(base::join(found_in(one), "\n"), base::join(without_never(one.expected), "\n"));
    }
  }
}

TEST(Cases, EveryIssueHasAPositiveAndANegativeOne) {
  std::set<std::string> positive;
  std::set<std::string> negative;
  for (const std::filesystem::path& file : files()) {
    for (const Case& one : cases_of(file)) {
      for (const std::string& line : one.expected) {
        if (line.starts_with("never ")) {
          negative.insert(line.substr(6));
        } else {
          positive.insert(line.substr(0, line.find(" |")));
        }
      }
    }
  }
  for (const Issue& issue : issues()) {
    if (!issue.catalog_types.empty()) continue;  // No statement shows it: the assessment's cases do.
    EXPECT_TRUE(positive.contains(issue.type)) << "no case finds " << issue.type;
    EXPECT_TRUE(negative.contains(issue.type)) << "no case comes near " << issue.type << " without finding it";
  }
  for (const std::string& type : negative) EXPECT_NE(find_issue(type), nullptr) << type;
}

TEST(Cases, WhatMustNotBeFoundIsNotExpected) {
  for (const std::filesystem::path& file : files()) {
    for (const Case& one : cases_of(file)) {
      for (const std::string& line : one.expected) {
        if (!line.starts_with("never ")) continue;
        const auto same = [&](const std::string& other) { return other.starts_with(line.substr(6) + " |"); };
        EXPECT_TRUE(std::ranges::none_of(one.expected, same)) << one.name << ": " << line;
      }
    }
  }
}

TEST(Table, HasEveryTypeOnceAndSaysWhatToKnow) {
  std::set<std::string> types;
  int typed = 0;
  for (const Issue& issue : issues()) {
    EXPECT_TRUE(types.insert(issue.type).second) << issue.type;
    EXPECT_FALSE(issue.name.empty() || issue.description.empty() || issue.objects.empty()) << issue.type;
    EXPECT_TRUE(issue.description.ends_with('.')) << issue.type;
    if (issue.detector != nullptr && issue.type != "CREATE_CONVERSION") ++typed;
  }
  EXPECT_EQ(typed, 157);
}

std::vector<Finding> findings_of(const std::string& sql,
                                 const Options& options = {.target = parse_version(kOldTarget)}) {
  const SchemaText text{.object_type = "TABLE", .text = sql};
  return analyze(std::span(&text, 1), options).findings;
}

TEST(Analyzer, TellsThePlaceInTheFile) {
  const std::string sql = "-- first\n\ncreate table t (\n  a int,\n  b xml\n);\n";
  const std::vector<Finding> found = findings_of(sql);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].line, 5);
  EXPECT_EQ(found[0].column, 3);
  EXPECT_EQ(found[0].end_line, 6);
  EXPECT_EQ(found[0].sql, "create table t (\n  a int,\n  b xml\n);");
  EXPECT_EQ(found[0].details.at("ColumnName"), "b");
}

TEST(Analyzer, SuggestsSingleDrops) {
  const std::vector<Finding> found = findings_of("DROP INDEX IF EXISTS a, app.\"B\" CASCADE;");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].suggestion, "DROP INDEX IF EXISTS a CASCADE; DROP INDEX IF EXISTS app.\"B\" CASCADE;");
}

TEST(Analyzer, AddsWhatIsAPreview) {
  const std::vector<Finding> found =
      findings_of("create table c (a int) inherits (p);", {.target = parse_version("2025.1.0.0")});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NE(found[0].reason.find("Tech Preview (TP)"), std::string::npos) << found[0].reason;
  EXPECT_NE(found[0].reason.find("ysql_enable_inheritance"), std::string::npos) << found[0].reason;
}

TEST(Analyzer, IdsOutliveEditsElsewhere) {
  const std::string gist = "create index i on t using gist (c);";
  const std::string before = findings_of(gist + "create table d (x xml);")[0].id;
  EXPECT_EQ(before, findings_of("\n\n-- a comment\ncreate table e (y xid);\n" + gist).back().id);
  EXPECT_EQ(before.size(), 12U);
  const std::vector<Finding> equal = findings_of("listen a; listen a; listen b;");
  ASSERT_EQ(equal.size(), 3U);
  EXPECT_EQ((std::set{equal[0].id, equal[1].id, equal[2].id}).size(), 3U);
}

TEST(Analyzer, CountsObjectsAndInvalidNames) {
  const std::string sql =
      "create table a (x xml, y xml); create table b (z int); create index i on a using gin (q);"
      "alter table a set schema c; create view v as select 1;";
  const SchemaText text{.object_type = "TABLE", .text = sql};
  const Analysis analysis = analyze(std::span(&text, 1), {.target = parse_version(kOldTarget)});
  ASSERT_EQ(analysis.objects.size(), 3U);
  EXPECT_EQ(analysis.objects[0].type, "TABLE");
  EXPECT_EQ(analysis.objects[0].total, 2U);
  EXPECT_EQ(analysis.objects[0].invalid, 1U);
  EXPECT_EQ(analysis.objects[0].names, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(analysis.objects[1].details.size(), 1U);
  EXPECT_TRUE(analyze(std::span(&text, 1), {}).objects[1].details.empty()) << "the remark is about YugabyteDB";
  EXPECT_EQ(analysis.objects[2].invalid, 0U);
  EXPECT_EQ(analysis.statements, 5U);
}

TEST(Analyzer, SaysWhichBodiesItCouldNotRead) {
  const std::string sql = "\ncreate function app.f() returns int language plpgsql as $$ begin no such thing $$;";
  const SchemaText text{.object_type = "FUNCTION", .text = sql};
  const Analysis analysis = analyze(std::span(&text, 1), {.target = parse_version(kOldTarget)});
  ASSERT_EQ(analysis.unread_bodies.size(), 1U);
  EXPECT_EQ(analysis.unread_bodies[0].object, "FUNCTION app.f");
  EXPECT_EQ(analysis.unread_bodies[0].line, 2);
}

TEST(Analyzer, SaysWhichStatementsOfABodyItCouldNotRead) {
  const std::string sql =
      "create function f() returns int language sql as $$\n  select from from;\n  select ctid from t $$;\n"
      "create procedure g() language plpgsql as $$ begin execute 'select ' || x; execute 'part of'; end $$;";
  const SchemaText text{.object_type = "FUNCTION", .text = sql};
  const Analysis analysis = analyze(std::span(&text, 1), {.target = parse_version(kOldTarget)});
  ASSERT_EQ(analysis.unread_bodies.size(), 1U) << "what is put together at run time is no statement yet";
  EXPECT_EQ(analysis.unread_bodies[0].object, "FUNCTION f");
  EXPECT_EQ(analysis.unread_bodies[0].line, 2);
  EXPECT_EQ(analysis.findings.size(), 1U);
}

TEST(Analyzer, BodiesAreLeftAloneWhenSwitchedOff) {
  const std::string sql = "create function f() returns int language sql as $$ select pg_advisory_lock(1) $$;";
  EXPECT_EQ(findings_of(sql).size(), 1U);
  EXPECT_EQ(findings_of(sql, {.target = parse_version(kOldTarget), .bodies = false}).size(), 0U);
}

std::string repeated(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

// None of them ends the program, and what the grammar does not take is told.
TEST(Analyzer, HostileTextsEndInFindings) {
  struct Hostile {
    std::string text = {};
    std::size_t refused = 0;  ///< Statements.
  };
  const std::vector<Hostile> texts = {
      {"select " + repeated("(", 50'000) + "1" + repeated(")", 50'000) + ";", 1},
      {"create view v as select 1" + repeated(" || 1", 50'000) + ";", 0},
      {"create view v as select a" + repeated("['b']", 20'000) + ";", 0},
      {"create table t (a int" + repeated("[]", 20'000) + ");", 0},
      {repeated("create ", 100'000) + ";", 1},
      {"alter table " + repeated("alter table set ", 50'000) + ";", 1},
      {"create function f() returns int language plpgsql as $$ begin " + repeated("begin ", 5'000) +
           repeated("end; ", 5'000) + "end $$;",
       0},
      {"create function f() returns int language sql as $a$ " + repeated("do $b$ ", 100) + "$a$;", 0},
      {std::string("create table t (a int);\0create table u (b xml);", 47), 1},
      {"create table \xff\xfe (a xml);", 1},
      {"select '" + repeated("x", 1000), 1},
      {"/* " + repeated("/*", 10'000), 0},
      {repeated(";", 10'000), 0},
      {"", 0},
  };
  for (const Hostile& one : texts) {
    SCOPED_TRACE(one.text.substr(0, 60));
    const SchemaText file{.object_type = "TABLE", .text = one.text};
    const Analysis analysis = analyze(std::span(&file, 1), {.target = parse_version(kOldTarget)});
    EXPECT_EQ(analysis.refused, one.refused);
    EXPECT_EQ(analysis.unread_statements.size(), one.refused);
    EXPECT_EQ(analysis.findings.size(), one.refused);
  }
}

TEST(Corpora, EveryStatementIsReadOrTold) {
  const char* shared = std::getenv("VOY_SHARED");
  if (shared == nullptr) GTEST_SKIP() << "VOY_SHARED does not say where the corpora are";
  std::size_t statements = 0;
  std::size_t told = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(std::filesystem::path(shared) / "corpora")) {
    if (entry.path().extension() != ".sql") continue;
    SCOPED_TRACE(entry.path().string());
    const std::string sql = base::read_file(entry.path());
    const SchemaText text{.object_type = "TABLE", .text = sql};
    const Analysis analysis = analyze(std::span(&text, 1), {.target = parse_version(kOldTarget)});
    EXPECT_EQ(analysis.unread_statements.size(), analysis.refused);
    std::set<int> unread;
    for (const Unread& one : analysis.unread_statements) unread.insert(one.line);
    for (const sql::Piece& piece : sql::split_statements(sql)) {
      if (piece.kind != sql::Piece::Kind::kStatement || !unread.contains(piece.line)) continue;
      if (base::trim(piece.sql()) == ";") continue;
      const bool refused = !sql::parse_statement(piece.sql()).refused.empty();
      EXPECT_TRUE(!refused || !findings_of(std::string(piece.sql())).empty())
          << "nothing is told of line " << piece.line;
      told += refused ? 1U : 0U;
    }
    statements += analysis.statements;
  }
  EXPECT_GT(statements, 1000U);
  EXPECT_GT(told, 100U) << "the files of other products are not PostgreSQL's SQL";
}

}  // namespace
}  // namespace voyager::analysis

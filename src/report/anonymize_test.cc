#include "report/anonymize.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "base/text.h"
#include "report/assessment_report.h"
#include "report/name_hider.h"
#include "report/sample_testing.h"
#include "report/schema_report.h"

namespace voyager::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// As a second look sees it: names are known by then.
std::string sql(std::string_view text) {
  NameHider hider("");
  hider.sql(text);
  return hider.sql(text);
}

TEST(HiddenSql, KeepsKeywordsTypesAndFunctionsAndHidesTheRest) {
  NameHider hider("");
  const std::string t = hider.name("orders");
  const std::string c = hider.name("placed_at");
  EXPECT_EQ(hider.sql("CREATE TABLE orders (placed_at timestamp with time zone DEFAULT now() NOT NULL);"),
            fmt::format("CREATE TABLE {} ({} timestamp with time zone DEFAULT now() NOT NULL);", t, c));
  EXPECT_EQ(hider.sql("SELECT count(*) FROM Orders WHERE \"Placed_At\" > $1"),
            fmt::format("SELECT count(*) FROM {} WHERE {} > $1", t, c))
      << "the same name however it is written";
}

TEST(HiddenSql, WordsBesideADotAreNames) {
  EXPECT_THAT(sql("SELECT user.order FROM value.table"), Not(HasSubstr("user.")));
  EXPECT_EQ(sql("SELECT pg_catalog.now() FROM public.t").substr(0, 37), "SELECT pg_catalog.now() FROM public.n");
  EXPECT_THAT(sql("IF NEW.total <> OLD.total THEN"),
              ::testing::MatchesRegex("IF NEW\\.n_[0-9a-f]+ <> OLD\\.n_[0-9a-f]+ THEN"));
}

TEST(HiddenSql, LiteralsCommentsAndLongNumbersGo) {
  EXPECT_EQ(sql("VALUES ('it''s', E'a\\'b', U&'x', 12, 1.5, 20240131, 1e9)"), "VALUES ('…', '…', '…', 12, 1.5, 0, 0)");
  EXPECT_EQ(sql("-- who: bob\nSELECT 1 /* a /* nested */ b\n*/ + 2"), "--…\nSELECT 1 /*…*/\n + 2");
  EXPECT_EQ(sql("SELECT 'two\nlines' AS value"), "SELECT '…'\n AS value");
  EXPECT_EQ(sql("$$ BEGIN RETURN 'x'; END $$"), "$$ BEGIN RETURN '…'; END $$");
  EXPECT_THAT(sql("AS $customers$ SELECT 1 $customers$"), ::testing::StrEq("AS $$ SELECT 1 $$"));
}

TEST(HiddenSql, WhatDoesNotEndIsHiddenToTheEnd) {
  for (const char* text : {"'secret", "\"secret", "/* secret", "-- secret", "$x$ secret", "E'secret\\", "U&'secret"})
    EXPECT_THAT(sql(text), Not(HasSubstr("secret"))) << text;
}

TEST(HiddenProse, HidesKnownNamesOnly) {
  NameHider hider("");
  const std::string hash = hider.name("customers");
  EXPECT_EQ(hider.prose("Changes of customers are not captured: the source's log lacks them."),
            fmt::format("Changes of {} are not captured: the source's log lacks them.", hash));
  EXPECT_EQ(hider.prose("syntax error at or near \"frobnicate\" in 'abc"), "syntax error at or near \"…\" in '…'");
  EXPECT_EQ(hider.prose("the statements in /home/bob/shop/uncategorized.sql (one)"),
            "the statements in …/uncategorized.sql (one)");
}

TEST(HiddenNames, OddNamesAreFoundWithoutQuotes) {
  NameHider hider("");
  const std::string hash = hider.name("<script>alert(1)</script>");
  EXPECT_EQ(hider.names("public.<script>alert(1)</script>"), "public." + hash);
  EXPECT_EQ(hider.prose("It is <script>alert(1)</script>."), "It is " + hash + ".");
}

TEST(Anonymized, AKeyChangesEveryHash) {
  const model::Assessment sample = testing::sample_assessment();
  EXPECT_EQ(assessment_json(anonymized(sample, "a")), assessment_json(anonymized(sample, "a")));
  EXPECT_NE(anonymized(sample, "a").analysis.database, anonymized(sample, "b").analysis.database);
}

TEST(Anonymized, NumbersTypesAndPlacesStay) {
  const model::Assessment sample = testing::sample_assessment();
  const model::Assessment hidden = anonymized(sample);
  ASSERT_EQ(hidden.analysis.issues.size(), sample.analysis.issues.size());
  for (std::size_t i = 0; i < sample.analysis.issues.size(); ++i) {
    const model::AnalysisIssue& before = sample.analysis.issues[i];
    const model::AnalysisIssue& after = hidden.analysis.issues[i];
    EXPECT_EQ(after.type, before.type);
    EXPECT_EQ(after.id, before.id);
    EXPECT_EQ(after.line, before.line);
    EXPECT_EQ(after.file_path, before.file);
    EXPECT_EQ(std::ranges::count(after.sql, '\n'), std::ranges::count(before.sql, '\n'));
  }
  EXPECT_EQ(hidden.figures[0].bytes, sample.figures[0].bytes);
  EXPECT_EQ(hidden.figures[1].parent, hidden.figures[0].qualified());
  EXPECT_EQ(hidden.sizing.placements[0].table, hidden.figures[0].qualified());
  EXPECT_EQ(hidden.command_line, "yb-voyager assess-migration --source-db-type … --source-db-host …");
  EXPECT_EQ(hidden.nodes[1].name, "replica 1");
  EXPECT_THAT(hidden.not_looked_at[0].what, Not(HasSubstr("db2")));
}

// --- no name of the input comes out, wherever it stood ---

class Invented {
 public:
  explicit Invented(unsigned seed) : random_(seed) {}

  /// A name that no text of ours has in it; now and then one that needs quotes.
  std::string name() {
    std::string made = "zq";
    for (int i = 0; i < 6; ++i) made += static_cast<char>('a' + pick(26));
    if (pick(4) == 0) made[2] = static_cast<char>(made[2] - 32);
    if (pick(6) == 0) made.insert(4, pick(2) == 0 ? " " : "-");
    if (pick(9) == 0) made += pick(2) == 0 ? ".zqdot" : "ä";
    names_.push_back(made);
    return made;
  }
  static std::string quoted(const std::string& name) { return "\"" + name + "\""; }

  std::string sql() {
    const std::string table = quoted(name()) + "." + quoted(name());
    switch (pick(5)) {
      case 0:
        return fmt::format("CREATE TABLE {} (\n  {} integer DEFAULT '{}', -- {}\n  {} text\n);", table, quoted(name()),
                           name(), name(), quoted(name()));
      case 1:
        return fmt::format("/* {} */ SELECT {}, lower({}) FROM {} WHERE {} = E'\\'{}'", name(), quoted(name()),
                           quoted(name()), table, quoted(name()), name());
      case 2:
        return fmt::format("CREATE FUNCTION {}() RETURNS void AS ${}$ BEGIN PERFORM {} FROM {}; RAISE '{}'; END ${}$",
                           table, "zqtagzq", quoted(name()), table, name(), "zqtagzq");
      case 3:
        return fmt::format("COMMENT ON TABLE {} IS '{} it''s {}'", table, name(), name());
      default:
        return fmt::format("INSERT INTO {} VALUES (N'{}', $1, 4711081500", table, name());
    }
  }

  model::AnalysisIssue issue(std::size_t number) {
    model::AnalysisIssue issue = testing::sample_issue(number);
    issue.object_name = pick(2) == 0 ? name() + "." + name() : quoted(name()) + " ON " + quoted(name());
    issue.sql = sql();
    issue.fix_kind = "sql";
    issue.fix_text = sql();
    const std::string column = name();
    issue.details = {{"ColumnName", quoted(column)}, {"Value", name()}, {"RecommendedSQL", sql()}};
    issue.reason = fmt::format("Column {} is not captured, near \"{}\".", column, name());
    issue.file_path = "/home/" + name() + "/" + issue.file;
    return issue;
  }

  model::Assessment assessment() {
    model::Assessment made = testing::sample_assessment();
    made.analysis.database = name();
    made.analysis.schemas = {name(), name()};
    made.analysis.objects = {{"TABLE", 3, 1, 1, {name(), name()}, {}}};
    made.analysis.change = {.known = true, .fixed = {"X: TABLE " + quoted(name())}};
    made.analysis.issues.clear();
    for (std::size_t i = 0; i < 20; ++i) made.analysis.issues.push_back(issue(i));
    made.figures.clear();
    made.sizing.placements.clear();
    made.sizing.colocated->clear();
    made.sizing.sharded->clear();
    made.live_obstacles.clear();
    made.redundant_indexes.clear();
    made.queries.clear();
    for (int i = 0; i < 10; ++i) tables(made);
    made.nodes = {{"primary", true, true}, {"replica zqhost-5432", false, true}};
    names_.push_back("zqhost");
    made.not_looked_at = {{"queries of zqhost", "the server " + made.analysis.database + " said no", ""}};
    made.command_line =
        fmt::format("yb-voyager assess-migration --source-db-name={} --export-dir {}", made.analysis.database, name());
    return made;
  }

  const std::vector<std::string>& names() const { return names_; }

 private:
  unsigned pick(unsigned below) { return static_cast<unsigned>(random_() % below); }

  void tables(model::Assessment& made) {
    const std::string schema = name();
    const std::string table = name();
    made.figures.push_back(
        {.schema = schema, .name = table, .object_type = "table", .writes_per_second = 3, .bytes = 10'000'000});
    made.figures.push_back(
        {.schema = schema, .name = name(), .parent = schema + "." + table, .is_index = true, .bytes = 5});
    made.sizing.placements.push_back({schema + "." + table, pick(2) == 0, "small", 10, 1});
    made.sizing.colocated->push_back(schema + "." + table);
    made.live_obstacles.push_back({schema + "." + table, {"Table " + table + " has no primary key."}});
    made.redundant_indexes.push_back({schema, table, name(), schema, table, name(), sql(), sql()});
    made.queries.push_back({.query = sql(), .calls = 1});
  }

  std::mt19937 random_;
  std::vector<std::string> names_ = {};
};

TEST(Anonymized, NoNameOfTheInputComesOut) {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    Invented invented(seed);
    const model::Assessment secret = invented.assessment();
    const model::Assessment hidden = anonymized(secret);
    const std::string out = base::lower(assessment_json(hidden) + assessment_html(hidden) + assessment_summary(hidden) +
                                        schema_report_json(hidden.analysis) + schema_report_sarif(hidden.analysis));
    ASSERT_GT(invented.names().size(), 100U);
    for (const std::string& name : invented.names())
      ASSERT_THAT(out.find(base::lower(name)), std::string::npos) << "seed " << seed << ": " << name;
    ASSERT_THAT(out, Not(HasSubstr("zqtagzq")));
    ASSERT_THAT(out, Not(HasSubstr("4711081500")));
    // The check itself works.
    ASSERT_THAT(base::lower(assessment_json(secret)), HasSubstr(base::lower(secret.analysis.schemas[0])));
  }
}

}  // namespace
}  // namespace voyager::report

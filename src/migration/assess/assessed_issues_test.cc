// testdata/issue_cases.txt holds cases that need no C++ to add; testdata/README.md has the form. Run with VOY_REWRITE=1
// to write the expectations anew, then read the difference.
#include "migration/assess/assessed_issues.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "analysis/case_testing.h"
#include "analysis/issue.h"
#include "base/error.h"
#include "base/files.h"
#include "base/text.h"

namespace voyager::migration {
namespace {

using analysis::Case;
using analysis::cases_of;
using analysis::kOldTarget;

const std::filesystem::path kTestdata = std::filesystem::path(VOY_FOLDER) / "testdata";
const std::filesystem::path kAnalysisCases =
    std::filesystem::path(VOY_FOLDER).parent_path().parent_path() / "analysis/testdata";

struct Given {
  std::string target = kOldTarget;
  std::vector<std::string> schemas = {"public"};
  bool queries = true;
  bool bodies = true;
  std::set<std::string> shown = {};
  SourceFacts facts = {};
};

std::string from(const std::vector<std::string>& words, std::size_t first) {
  return base::join(std::vector<std::string>(words.begin() + static_cast<std::ptrdiff_t>(first), words.end()), " ");
}

void read_fact(const std::vector<std::string>& words, SourceFacts& facts) {
  const std::vector<std::string> name = base::split(words.at(1), '.');
  if (words[0] == "column") {
    facts.column_types.push_back({name.at(0), name.at(1), name.at(2), from(words, 2)});
  } else if (words[0] == "share" || words[0] == "statistics") {
    facts.column_shares.push_back(
        {name.at(0), name.at(1), name.at(2), std::stod(words.at(2)), std::stod(words.at(3)), from(words, 4)});
  } else if (words[0] == "use") {
    const std::int64_t updates = std::stoll(words.at(3));
    facts.object_uses.push_back(
        {.schema = name.at(0), .name = name.at(1), .scans = std::stoll(words.at(2)), .updates = updates});
  } else if (words[0] == "object") {
    facts.object_types[words.at(1)] = from(words, 2);
  } else if (words[0] == "query") {
    facts.queries.push_back({.query = from(words, 1), .calls = 1});
  } else {
    ADD_FAILURE() << "unknown setting " << words[0];
  }
}

Given given_of(const Case& one) {
  Given given;
  for (const std::string& setting : one.settings) {
    const std::vector<std::string> words = base::split(setting, ' ');
    if (words[0] == "target") {
      given.target = words.at(1) == "postgresql" ? "" : words.at(1);
    } else if (words[0] == "schemas") {
      given.schemas.assign(words.begin() + 1, words.end());
    } else if (words[0] == "without") {
      given.queries = given.queries && words.at(1) != "queries";
      given.bodies = given.bodies && words.at(1) != "bodies";
    } else if (words[0] == "show") {
      given.shown.insert(words.begin() + 1, words.end());
    } else if (words[0] != "assessment") {
      read_fact(words, given.facts);
    }
  }
  return given;
}

AssessedIssues assess(const std::string& sql, Given given) {
  const std::vector<SchemaFile> files = {{.object_type = "TABLE", .relative = "tables/table.sql", .text = sql}};
  base::Stop stop;
  return assess_issues({.files = files,
                        .folder = "/export/assessment/metadata/schema",
                        .export_dir = "/export",
                        .target_version = given.target,
                        .schemas = given.schemas,
                        .queries = given.queries,
                        .bodies = given.bodies},
                       std::move(given.facts), stop);
}

std::string line_of(const model::AnalysisIssue& issue, const AssessedIssues& all) {
  std::string text = fmt::format("{} | {} | {} | {} | {} | {} | {:g} h", issue.type, issue.category, issue.object_type,
                                 issue.object_name, issue.line > 0 ? std::to_string(issue.line) : "-", issue.phase,
                                 issue.effort_hours);
  if (!issue.usage.empty()) text += " | " + issue.usage;
  std::string details;
  for (const auto& [key, value] : issue.details)
    details += fmt::format("{}{}={}", details.empty() ? "" : ", ", key, value);
  if (!details.empty()) text += " | " + details;
  if (!issue.fix_kind.empty()) text += fmt::format(" | {}: {}", issue.fix_kind, issue.fix_text);
  for (const model::AnalysisIssue& other : all.issues) {
    if (!issue.caused_by.empty() && other.id == issue.caused_by)
      text += fmt::format(" | with {} {}", other.type, other.object_name);
  }
  if (issue.category == "unsupported_query_constructs") text += fmt::format(" | {}", issue.sql);
  return text;
}

std::vector<std::string> found_in(const Case& one) {
  const Given given = given_of(one);
  const AssessedIssues found = assess(one.sql, given);
  std::vector<std::string> lines;
  for (const model::AnalysisIssue& issue : found.issues) lines.push_back(line_of(issue, found));
  if (given.shown.contains("obstacles")) {
    for (const model::LiveObstacle& obstacle : found.live_obstacles)
      lines.push_back(fmt::format("obstacle {}: {}", obstacle.table, base::join(obstacle.reasons, " ")));
  }
  if (given.shown.contains("unlooked")) {
    for (const model::NotLookedAt& item : found.not_looked_at)
      lines.push_back(fmt::format("unlooked {}: {}", item.what, item.why));
  }
  if (given.shown.contains("settled")) {
    for (const std::string& type : found.settled_types) lines.push_back("settled " + type);
  }
  if (given.shown.contains("objects")) {
    for (const model::AnalysisObjects& one_type : found.objects)
      lines.push_back(fmt::format("objects {}: {}, {} invalid, {} flagged", one_type.type, one_type.total,
                                  one_type.invalid, one_type.flagged));
  }
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
    text += "\n";
  }
  text.pop_back();
  base::write_file_atomically(file, text);
}

TEST(IssueCases, FindWhatTheyExpect) {
  const std::filesystem::path file = kTestdata / "issue_cases.txt";
  if (std::getenv("VOY_REWRITE") != nullptr) rewrite(file);
  for (const Case& one : cases_of(file)) {
    SCOPED_TRACE(one.name);
    EXPECT_EQ(base::join(found_in(one), "\n"), base::join(one.expected, "\n"));
  }
}

/// Everything that any case of the analysis finds, as the assessment carries it.
std::set<std::string> types_of_all_cases() {
  std::set<std::string> types;
  for (const auto& entry : std::filesystem::directory_iterator(kAnalysisCases)) {
    if (entry.path().extension() != ".txt") continue;
    for (const Case& one : cases_of(entry.path())) {
      for (const model::AnalysisIssue& issue : assess(one.sql, given_of(one)).issues) types.emplace(issue.type);
    }
  }
  return types;
}

TEST(AssessedRows, NoneIsLostAndNoneIsTooMany) {
  const std::set<std::string> found = types_of_all_cases();
  std::size_t carried = 0;
  for (const analysis::Issue& issue : analysis::issues()) {
    const bool expected = issue.assessed == analysis::Assessed::kPostgresql;
    EXPECT_EQ(found.contains(issue.type), expected) << issue.type;
    carried += expected ? 1U : 0U;
  }
  EXPECT_EQ(carried, 150U);
}

TEST(AssessedRows, AreThoseOfTheContract) {
  const std::set<std::string> never = {"ORDERED_GIN_INDEX", "EXPRESSION_PARTITION_WITH_PK_UK",
                                       "MULTI_COLUMN_LIST_PARTITION", "INSUFFICIENT_COLUMNS_IN_PK_FOR_PARTITION",
                                       // The assessment reads what lies in schemas.
                                       "CREATE_TRANSFORM", "DEPENDS_ON_EXTENSION", "PUBLICATION_OF_A_PART",
                                       "SECURITY_LABEL", "CREATE_LANGUAGE"};
  const std::set<std::string> by_words = {"VIEW_WITH_CHECK_OPTION"};
  const std::set<std::string> of_oracle = {"COMPOUND_TRIGGER", "UNSUPPORTED_INDEXES", "VIRTUAL_COLUMNS",
                                           "INHERITED_TYPES", "UNSUPPORTED_PARTITIONING_METHODS"};
  for (const analysis::Issue& issue : analysis::issues()) {
    const bool oracle = of_oracle.contains(issue.type) || issue.objects == "COLUMN";
    const bool told = !never.contains(issue.type) && (issue.detector != nullptr || by_words.contains(issue.type));
    const auto expected = oracle ? analysis::Assessed::kOracle
                          : told ? analysis::Assessed::kPostgresql
                                 : analysis::Assessed::kNever;
    EXPECT_EQ(issue.assessed, expected) << issue.type;
  }
}

TEST(AssessedIssues, IdsOutliveEditsElsewhere) {
  Given given;
  given.facts.column_types = {{"public", "t", "a", "xml"}};
  given.facts.queries = {{.query = "select ctid from t"}};
  const std::string sql = "create table t (a xml);";
  const auto ids = [&](const std::string& text) {
    std::set<std::string> all;
    for (const model::AnalysisIssue& issue : assess(text, given).issues) all.insert(issue.id);
    return all;
  };
  const std::set<std::string> before = ids(sql);
  EXPECT_EQ(before.size(), 2U);
  EXPECT_EQ(before, ids("-- moved\n\n\n" + sql));
  given.facts.queries = {{.query = "select 1"}, {.query = "SELECT  ctid\nFROM t -- again"}};
  EXPECT_EQ(before, ids(sql));
}

TEST(AssessedIssues, TellPlacesBelowTheExportDirectory) {
  const AssessedIssues found = assess("\ncreate index i on t using gist (c);", {});
  ASSERT_EQ(found.issues.size(), 1U);
  EXPECT_EQ(found.issues[0].file, "assessment/metadata/schema/tables/table.sql");
  EXPECT_EQ(found.issues[0].file_path, "/export/assessment/metadata/schema/tables/table.sql");
  EXPECT_EQ(found.issues[0].line, 2);
}

TEST(AssessedIssues, LongListsOfWhatWasNotReadAreCut) {
  std::string sql;
  for (int i = 0; i < 40; ++i) sql += "no such statement;\n";
  Given given;
  for (int i = 0; i < 10; ++i) given.facts.queries.push_back({.query = fmt::format("nothing {}", i)});
  const std::vector<model::NotLookedAt> unlooked = assess(sql, given).not_looked_at;
  ASSERT_EQ(unlooked.size(), 27U);
  EXPECT_EQ(unlooked[25].what, "15 more like the statement before");
  EXPECT_EQ(unlooked[26].what, "10 of 10 queries that the application ran");
}

TEST(AssessedIssues, ManyQueriesAreQuick) {
  Given given;
  for (int i = 0; i < 5000; ++i) {
    given.facts.queries.push_back(
        {.query =
             fmt::format("select a.x{0}, b.y from a join b on a.id = b.id where a.z = $1 and b.w{0} in ($2, $3)", i)});
  }
  given.facts.queries.push_back({.query = "select xmin from a"});
  const auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(assess("create table t (a int);", given).issues.size(), 1U);
  // A hundred times what it takes: only something quadratic comes near.
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(60));
}

TEST(AssessedIssues, StopWhenAsked) {
  const std::vector<SchemaFile> files = {{.object_type = "TABLE", .relative = "tables/table.sql", .text = "select 1;"}};
  base::Stop stop;
  stop.request_drain();
  EXPECT_THROW(assess_issues({.files = files}, SourceFacts{}, stop), base::Error);
}

}  // namespace
}  // namespace voyager::migration

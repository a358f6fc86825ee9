// Cases in text files: testdata/merge/NAME.sql is a table.sql and NAME.expected what constraint merging makes of it;
// testdata/plan/NAME/ is a schema folder and NAME/expected.txt the order in which it is imported. Run with
// VOY_REWRITE=1 to write the expectations anew, then read the difference.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "migration/schema/constraint_merger.h"
#include "migration/schema/import_plan.h"
#include "migration/schema/object_files.h"
#include "migration/schema/object_types.h"
#include "sql/statement.h"

namespace voyager::migration {
namespace {

namespace fs = std::filesystem;

const fs::path kTestdata = fs::path(VOY_FOLDER) / "testdata";

std::vector<fs::path> entries(const char* folder, const char* extension) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(kTestdata / folder)) {
    if (entry.path().extension() == extension) found.push_back(entry.path());
  }
  std::ranges::sort(found);
  return found;
}

void expect_text(const std::string& found, const fs::path& expected) {
  if (std::getenv("VOY_REWRITE") != nullptr) base::write_file_atomically(expected, found);
  EXPECT_EQ(found, base::read_file(expected)) << expected;
}

fs::path beside(fs::path file) {
  return file.replace_extension(".expected");
}

connector::WrittenObject object(const char* kind, const char* name, std::vector<std::string> statements) {
  return {.kind = kind, .schema = "app", .name = name, .statements = std::move(statements)};
}

SchemaFiles files_of(std::vector<connector::WrittenObject> objects, std::vector<std::string> types) {
  return sort_into_files({.settings = {"SET a = 1;"}, .objects = std::move(objects)}, {.types = std::move(types)});
}

/// A file's statements behind its settings.
std::string body(const SchemaFiles& files, std::string_view file) {
  const auto found = files.text.find(std::string(file));
  if (found == files.text.end()) return "no such file";
  const std::string start = "-- setting variables for current session\nSET a = 1;\n\n\n";
  EXPECT_TRUE(found->second.starts_with(start)) << found->second;
  return found->second.substr(start.size());
}

TEST(ObjectFiles, APartitionIsAttachedBehindAllTables) {
  const SchemaFiles files =
      files_of({object("TABLE", "p", {"CREATE TABLE p;"}), object("TABLE ATTACH", "p1", {"ATTACH p1;"}),
                object("TABLE", "p1", {"CREATE TABLE p1;"})},
               {"TABLE"});
  EXPECT_EQ(body(files, kTableFile), "CREATE TABLE p;\n\n\nCREATE TABLE p1;\n\n\nATTACH p1;\n\n\n");
}

TEST(ObjectFiles, OwnersAreApartOrCounted) {
  connector::WrittenObject view = object("VIEW", "v", {"CREATE VIEW v;"});
  view.owner_statements = {"ALTER VIEW v OWNER TO someone;"};
  const SchemaFiles with = files_of({view}, {"VIEW", "OWNER"});
  EXPECT_EQ(body(with, kOwnerFile), "ALTER VIEW v OWNER TO someone;\n\n\n");
  EXPECT_FALSE(with.objects[0].owner_left_out);
  const SchemaFiles without = files_of({view}, {"VIEW"});
  EXPECT_EQ(without.text.size(), 1U);
  EXPECT_TRUE(without.objects[0].owner_left_out);
}

TEST(ObjectFiles, WhatIsSaidOfSomethingGoesWithIt) {
  connector::WrittenObject table = object("TABLE", "t", {"CREATE TABLE t;"});
  table.key = "1";
  connector::WrittenObject comment = object("COMMENT", "TABLE t", {"COMMENT ON TABLE t;"});
  comment.said_of = "1";
  EXPECT_EQ(body(files_of({table, comment}, {"TABLE", "COMMENT"}), kCommentFile), "COMMENT ON TABLE t;\n\n\n");
  const SchemaFiles none = files_of({table, comment}, {"COMMENT"});
  EXPECT_TRUE(none.text.empty());
  EXPECT_EQ(none.objects[1].reason, "what it is said of is left out");
}

TEST(ObjectFiles, NoSecretAndNoFreezeReachesAFile) {
  const SchemaFiles files = files_of(
      {object("USER MAPPING", "m", {"CREATE USER MAPPING FOR a SERVER s OPTIONS (password 'canary', \"user\" 'u');"}),
       object("DATABASE PROPERTIES", "d", {"ALTER DATABASE d SET default_transaction_read_only TO 'on';"})},
      {"FOREIGN SERVER", "SETTING"});
  EXPECT_EQ(files.text.size(), 1U);
  EXPECT_EQ(body(files, "foreign_servers/foreign_server.sql").find("canary"), std::string::npos);
  EXPECT_EQ(files.objects[0].change, "its password is left out");
  EXPECT_NE(files.objects[1].change.find("read only"), std::string::npos);
  const SchemaFiles none = files_of({object("USER MAPPING", "m", {"... OPTIONS (password 'canary');"})}, {});
  EXPECT_EQ(none.objects[0].statement.find("canary"), std::string::npos);
}

TEST(ObjectFiles, AKindThatNobodyKnowsIsKeptForPeople) {
  const SchemaFiles files = files_of({object("KIND OF TOMORROW", "x", {"CREATE x;", "ALTER x;"})}, {});
  EXPECT_EQ(files.uncategorized, 2U);
  EXPECT_EQ(body(files, kUncategorizedFile), "CREATE x;\n\n\nALTER x;\n\n\n");
  EXPECT_FALSE(files.objects[0].reason.empty());
}

TEST(ConstraintMerger, CasesInTestdata) {
  const std::vector<fs::path> cases = entries("merge", ".sql");
  ASSERT_FALSE(cases.empty());
  for (const fs::path& file : cases) {
    sql::Document tables(base::read_file(file));
    merge_constraints(tables);
    expect_text(tables.text(), beside(file));
    for (const sql::FileStatement& statement : sql::Document(tables.text()).statements()) {
      EXPECT_TRUE(statement.info.refused.empty())
          << file << ":" << statement.piece.line << " " << statement.info.refused;
    }
    // What is moved is moved once and for all.
    EXPECT_EQ(merge_constraints(tables).merged, 0U) << file;
  }
}

std::string describe(const ImportPlan& plan) {
  std::string text;
  for (const SchemaStatement& one : plan.run) {
    text += fmt::format("run        {}:{} settings {} of {}\n", one.file, one.line, one.settings,
                        plan.settings[one.file_number].size());
  }
  for (const model::PostDataStatement& one : plan.after_rows) {
    text += fmt::format("after rows {}:{} kind {} {} on {}\n", one.file, one.line, static_cast<int>(one.kind),
                        one.object, model::display(one.table));
  }
  for (const SchemaStatement& one : plan.after_all) text += fmt::format("after all  {}:{}\n", one.file, one.line);
  for (const model::TableName& name : plan.tables) text += fmt::format("table      {}\n", model::display(name));
  for (const model::TableName& name : plan.materialized_views)
    text += fmt::format("mview      {}\n", model::display(name));
  return text;
}

TEST(ImportPlan, CasesInTestdata) {
  const std::vector<fs::path> cases = entries("plan", "");
  ASSERT_FALSE(cases.empty());
  for (const fs::path& folder : cases) {
    std::string found;
    for (const bool indexes_first : {false, true}) {
      found += fmt::format("== indexes {} rows\n", indexes_first ? "before" : "after");
      found += describe(
          make_import_plan(folder, {.indexes_before_rows = indexes_first, .files = files_to_import({}, {}, false)}));
    }
    expect_text(found, folder / "expected.txt");
  }
}

TEST(ImportPlan, AStatementWaitsForTheConstraintItNames) {
  std::vector<model::PostDataStatement> after_rows = {{.kind = model::PostDataStatement::Kind::kUnique,
                                                       .table = model::parse_table_name("public.t"),
                                                       .object = "t_key",
                                                       .sql = "..."}};
  const SchemaStatement rule{
      .file = "rules/rule.sql", .line = 3, .sql = "CREATE RULE r ... ON CONFLICT ON CONSTRAINT t_key DO NOTHING"};
  EXPECT_FALSE(wait_for_named(rule, "relation \"t_key_2\" does not exist", after_rows));
  EXPECT_FALSE(wait_for_named(rule, "function f() does not exist", after_rows));
  ASSERT_TRUE(wait_for_named(rule, "constraint \"t_key\" for table \"t\" does not exist", after_rows));
  ASSERT_EQ(after_rows.size(), 2U);
  EXPECT_EQ(after_rows[1].kind, model::PostDataStatement::Kind::kOther);
  EXPECT_EQ(model::display(after_rows[1].table), "public.t");
}

bool has(const std::vector<std::string>& list, const char* name) {
  return std::ranges::find(list, name) != list.end();
}

TEST(ObjectTypes, TableBringsWhatItNeeds) {
  const std::vector<std::string> types = types_to_export({"table"}, {});
  for (const char* name :
       {"SCHEMA", "COLLATION", "EXTENSION", "TABLE", "TYPE", "DOMAIN", "SEQUENCE", "INDEX", "RULE"}) {
    EXPECT_TRUE(has(types, name)) << name;
  }
  EXPECT_FALSE(has(types, "VIEW"));
  EXPECT_FALSE(has(types_to_export({"View"}, {}), "TABLE"));
  EXPECT_FALSE(has(types_to_export({}, {"table"}), "INDEX"));
  EXPECT_TRUE(has(types_to_export({}, {}), "OPERATOR CLASS"));
}

TEST(ObjectTypes, AnUnknownTypeNamesTheNearest) {
  try {
    types_to_export({"TABLES"}, {});
    FAIL();
  } catch (const base::Error& error) {
    EXPECT_EQ(error.info().exit, base::ExitCode::kUsage);
    EXPECT_NE(error.info().cause.find("MVIEW"), std::string::npos);
    ASSERT_EQ(error.info().fix.size(), 1U);
    EXPECT_EQ(error.info().fix[0], "did you mean TABLE?");
  }
  EXPECT_THROW(types_to_export({"INDEX"}, {}), base::Error);
  EXPECT_THROW(types_to_export({"TABLE"}, {"VIEW"}), base::Error);
}

TEST(ObjectTypes, ImportFollowsTheListOnlyWhenToldSo) {
  using Files = std::vector<std::string>;
  EXPECT_EQ(files_to_import({"VIEW", "TABLE"}, {}, false), (Files{"tables/table.sql", "views/view.sql"}));
  EXPECT_EQ(files_to_import({"VIEW", "TABLE"}, {}, true), (Files{"views/view.sql", "tables/table.sql"}));
  EXPECT_EQ(files_to_import({}, {}, true).size(), object_types().size());
  EXPECT_FALSE(has(files_to_import({}, {"index"}, false), "tables/INDEXES_table.sql"));
}

}  // namespace
}  // namespace voyager::migration

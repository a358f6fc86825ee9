// Cases in text files: testdata/dump/NAME.sql is a dump and NAME.expected the files it becomes; testdata/merge/NAME.sql
// is a table.sql and NAME.expected what constraint merging makes of it; testdata/plan/NAME/ is a schema folder and
// NAME/expected.txt the order in which it is imported. Run with VOY_REWRITE=1 to write the expectations anew, then read
// the difference.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "migration/schema/constraint_merger.h"
#include "migration/schema/dump_splitter.h"
#include "migration/schema/import_plan.h"
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

/// A first line "-- types: TABLE, VIEW" or "-- not types: ..." chooses what is exported.
std::vector<std::string> types_for(const std::string& text, const char* mark) {
  if (!text.starts_with(mark)) return {};
  return base::split(text.substr(std::string(mark).size(), text.find('\n') - std::string(mark).size()), ',');
}

TEST(DumpSplitter, CasesInTestdata) {
  const std::vector<fs::path> cases = entries("dump", ".sql");
  ASSERT_FALSE(cases.empty());
  for (const fs::path& file : cases) {
    const std::string dump = base::read_file(file);
    SplitOptions options{.types = types_to_export(types_for(dump, "-- types:"), types_for(dump, "-- not types:")),
                         .schemas = types_for(dump, "-- schemas:")};
    for (const char* type : {"OWNER", "GRANT"}) options.types.emplace_back(type);
    const SchemaFiles files = split_dump(dump, options);
    std::string found = fmt::format("uncategorized: {}\n", files.uncategorized);
    for (const DumpEntry& one : files.entries) {
      // Nothing is dropped without a word.
      EXPECT_NE(one.file.empty(), one.reason.empty()) << file << " " << one.type << " " << one.name;
      if (!one.reason.empty())
        found += fmt::format("left out: {} {} ({}): {}\n", one.type, one.name, one.key, one.reason);
      if (!one.change.empty())
        found += fmt::format("changed: {} {} ({}): {}\n", one.type, one.name, one.key, one.change);
    }
    for (const auto& [name, text] : files.text) found += fmt::format("======== {}\n{}", name, text);
    expect_text(found, beside(file));
  }
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

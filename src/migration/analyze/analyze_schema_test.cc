#include "migration/analyze/analyze_schema.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/temporary_folder_testing.h"
#include "base/text.h"

namespace voyager::migration {
namespace {

class AnalyzeSchema : public ::testing::Test {
 protected:
  AnalyzeSchema() { std::filesystem::create_directories(folder_ / "schema"); }

  void write(const std::string& file, const std::string& text) const {
    const std::filesystem::path path = folder_ / "schema" / file;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
  }
  model::SchemaAnalysis run(const std::map<std::string, std::string>* previous = nullptr,
                            const std::string& version = "2025.2.3.0") {
    return analyze_schema({.export_dir = folder_, .target_version = version, .previous = previous}, stop_);
  }

  base::Stop stop_;
  const base::TemporaryFolder own_ = {};
  const std::filesystem::path folder_ = own_.path();
};

TEST_F(AnalyzeSchema, ReadsTheFilesOfEveryProductInTheOrderOfReports) {
  write("views/view.sql", "create view v as select 1;");
  write("tables/table.sql", "create table t (a xml);\n");
  write("tables/FTS_INDEXES_table.sql", "create index f on t using gist (a);");
  write("partitions/partition.sql", "create table p (a int);");
  write("packages/package.sql", "create schema pkg;");
  write("tables/redundant_indexes.sql", "create index r on t using gist (a);");
  const model::SchemaAnalysis analysis = run();
  std::vector<std::string> types;
  for (const model::AnalysisObjects& one : analysis.objects) types.push_back(one.type + std::to_string(one.total));
  EXPECT_EQ(types, (std::vector<std::string>{"TABLE2", "INDEX1", "PACKAGE1", "VIEW1"}));
  ASSERT_EQ(analysis.issues.size(), 2U);
  EXPECT_EQ(analysis.issues[0].file, "schema/tables/table.sql");
  EXPECT_EQ(analysis.issues[0].file_path, (folder_ / "schema/tables/table.sql").string());
  EXPECT_EQ(analysis.issues[1].file, "schema/tables/FTS_INDEXES_table.sql");
  EXPECT_EQ(analysis.files, 5U);
}

TEST_F(AnalyzeSchema, ComparesWithTheRunBefore) {
  write("tables/table.sql", "create table t (a xml);");
  EXPECT_FALSE(run().change.known);
  const std::string id = run().issues.at(0).id;
  const std::map<std::string, std::string> previous = {{id, "same"}, {"0", "gone"}};
  write("tables/table.sql", "create table t (a xml); create table u (b xid);");
  const model::SchemaAnalysis analysis = run(&previous);
  EXPECT_EQ(analysis.change.added, 1U);
  EXPECT_EQ(analysis.change.unchanged, 1U);
  EXPECT_EQ(analysis.change.fixed, std::vector<std::string>{"gone"});
  EXPECT_FALSE(analysis.issues[0].is_new);
  EXPECT_TRUE(analysis.issues[1].is_new);
}

TEST_F(AnalyzeSchema, AnotherTargetHasNoVersion) {
  write("tables/table.sql", "create table t (a xml, b point);");
  const model::SchemaAnalysis analysis = run(nullptr, "");
  EXPECT_EQ(analysis.target, "PostgreSQL");
  ASSERT_EQ(analysis.issues.size(), 1U);
  EXPECT_EQ(analysis.issues[0].type, "UNSUPPORTED_DATATYPE_LIVE_MIGRATION_POINT");
}

TEST_F(AnalyzeSchema, NotesWhatWasNotLookedAt) {
  write("functions/function.sql", "create function f() returns int language plpgsql as $$ begin no such thing $$;");
  write("uncategorized.sql", "select 1;");
  const std::vector<std::string> notes = run().notes;
  ASSERT_EQ(notes.size(), 2U);
  EXPECT_NE(notes[0].find("uncategorized.sql"), std::string::npos);
  EXPECT_NE(notes[1].find("FUNCTION f (schema/functions/function.sql:1"), std::string::npos) << notes[1];
}

TEST_F(AnalyzeSchema, RefusesAnEmptyFolderAndWhatIsNoText) {
  EXPECT_THROW(run(), base::Error);
  for (const std::string& bad :
       {std::string("a\xff"), std::string("a\0b", 3), std::string("\xe2\x82"), std::string("\xc0\xaf")}) {
    write("tables/table.sql", bad);
    EXPECT_THROW(run(), base::Error);
  }
  write("tables/table.sql", "-- \xe2\x82\xac \xf0\x9f\x98\x80\n");
  EXPECT_EQ(run().issues.size(), 0U);
}

TEST_F(AnalyzeSchema, StopsWhenAsked) {
  write("tables/table.sql", "create table t (a xml);");
  stop_.request_drain();
  EXPECT_THROW(run(), base::Error);
}

TEST(TargetVersion, IsChecked) {
  EXPECT_TRUE(check_target_version(default_target_version()).known);
  EXPECT_FALSE(check_target_version("2025.2").well_formed);
  EXPECT_FALSE(check_target_version("2031.1.0.0").known);
}

}  // namespace
}  // namespace voyager::migration

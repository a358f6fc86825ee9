// From the CSV files that a source was gathered into to the issues.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/temporary_folder_testing.h"
#include "base/text.h"
#include "migration/assess/assessed_issues.h"

namespace voyager::migration {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Pair;

class AssessedIssuesCsv : public testing::Test {
 protected:
  AssessedIssuesCsv() {
    write("table-row-counts.csv", "schema_name,table_name,row_count\napp,t,1000\n");
    write("index-to-table-mapping.csv", "index_schema,index_name,table_schema,table_name\napp,t_a,app,t\n");
    write("object-type-mapping.csv", "schema_name,object_name,object_type\napp,t,table\napp,t_a,index\n");
    write("table-columns-count.csv",
          "schema_name,object_name,object_type,column_count\napp,t,table,2\napp,t_a,index,1\n");
    write("table-columns-data-types.csv",
          "schema_name,table_name,column_name,data_type\napp,t,a,integer\napp,t,b,xml\napp,some_view,b,xml\n");
    write("column-statistics.csv",
          "schema_name,table_name,column_name,null_frac,effective_n_distinct,most_common_freq,most_common_val\n"
          "app,t,a,0.9,3,0.05,7\n");
    write("table-index-usage-stats.csv",
          "schema_name,object_name,object_type,parent_table_name,scans,inserts,updates,deletes\n"
          "app,t,table,,5,10,20,30\napp,t_a,index,t,400,0,0,0\n");
    write("db-queries-summary.csv",
          "pgss_data\n"
          "\"{\"\"queryid\"\": 1, \"\"query\"\": \"\"select ctid from app.t where a = $1\"\", \"\"calls\"\": 3, "
          "\"\"rows\"\": 3, \"\"total_exec_time\"\": 1.5, \"\"mean_exec_time\"\": 0.5}\"\n"
          "\"{\"\"queryid\"\": 2, \"\"query\"\": \"\"savepoint s\"\", \"\"calls\"\": 1, \"\"rows\"\": 0, "
          "\"\"total_exec_time\"\": 1, \"\"mean_exec_time\"\": 1}\"\n");
  }

  void write(const std::string& name, const std::string& text) const {
    const std::filesystem::path path = folder_ / "metadata/node-primary" / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
  }

  const base::TemporaryFolder own_ = {};
  const std::filesystem::path folder_ = own_.path();
};

TEST_F(AssessedIssuesCsv, EveryTableIsUsed) {
  format::AssessmentDb db = format::AssessmentDb::build(folder_ / "assessment.db", folder_ / "metadata", 10);
  const std::vector<SchemaFile> files = {
      {.object_type = "TABLE", .relative = "tables/table.sql", .text = "create table app.t (a int, b xml);\n"},
      {.object_type = "INDEX", .relative = "tables/INDEXES_table.sql", .text = "create index t_a on app.t (a);\n"}};
  base::Stop stop;
  const AssessedIssues found = assess_issues({.files = files,
                                              .folder = folder_ / "metadata/schema",
                                              .export_dir = folder_,
                                              .target_version = "2025.1.0.0",
                                              .schemas = {"app"}},
                                             db, stop);
  std::vector<std::string> told;
  for (const model::AnalysisIssue& one : found.issues) told.push_back(fmt::format("{} {}", one.type, one.object_name));
  EXPECT_THAT(told, ElementsAre("UNSUPPORTED_DATATYPE_XML app.t.b", "SYSTEM_COLUMN_CTID ", "SAVEPOINT_USAGE ",
                                "INDEX_ON_COLUMN_WITH_HIGH_PERCENTAGE_OF_NULL_VALUES t_a ON app.t"));
  EXPECT_EQ(found.issues[0].file, "metadata/schema/tables/table.sql");
  EXPECT_EQ(found.issues[1].sql, "select ctid from app.t where a = $1");
  const model::AnalysisIssue& index = found.issues[3];
  EXPECT_EQ(index.usage, "FREQUENT");
  EXPECT_EQ(index.file, "metadata/schema/tables/INDEXES_table.sql");
  EXPECT_THAT(index.details, Contains(Pair("FrequencyOfNulls", "90%")));
  EXPECT_EQ(index.fix_text, "create index t_a on app.t (a) WHERE a IS NOT NULL;");
  EXPECT_TRUE(found.not_looked_at.empty());
  ASSERT_EQ(found.live_obstacles.size(), 1U);
  EXPECT_EQ(found.live_obstacles[0].table, "app.t");
}

}  // namespace
}  // namespace voyager::migration

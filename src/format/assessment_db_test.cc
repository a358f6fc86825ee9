#include "format/assessment_db.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "format/assessment_db_testing.h"
#include "format/sqlite.h"

namespace voyager::format {
namespace {

namespace fs = std::filesystem;

TEST_F(AssessmentDbTest, TheFilesThatMustBeThereAreEnough) {
  AssessmentDb db = build();
  const std::vector<model::ObjectFigures> figures = db.figures();
  ASSERT_EQ(figures.size(), 3U) << "partitioned tables and their keys are left out";
  EXPECT_EQ(figures[0].name, "t");
  EXPECT_EQ(figures[0].rows, 1000);
  EXPECT_EQ(figures[0].columns, 5);
  EXPECT_FALSE(figures[0].is_index);
  EXPECT_EQ(figures[0].object_type, "table");
  EXPECT_EQ(figures[0].bytes, std::nullopt);
  EXPECT_EQ(figures[0].reads_per_second, std::nullopt) << "the load was not measured";
  EXPECT_EQ(figures[1].name, "t_a");
  EXPECT_TRUE(figures[1].is_index);
  EXPECT_EQ(figures[1].parent, "public.t");
  EXPECT_EQ(figures[1].rows, std::nullopt);
  EXPECT_EQ(figures[2].object_type, "primary key");
  ASSERT_EQ(db.nodes().size(), 1U);
  EXPECT_TRUE(db.nodes()[0].primary);
  EXPECT_FALSE(db.nodes()[0].has_queries);
  ASSERT_EQ(db.column_types().size(), 2U);
  EXPECT_EQ(db.column_types()[1].type, "public.mood");
  EXPECT_EQ(db.object_types().at("public.parts"), "partitioned table");
  EXPECT_TRUE(db.queries().empty());
  EXPECT_TRUE(db.redundant_indexes().empty());
  EXPECT_TRUE(db.column_shares().empty());
  EXPECT_TRUE(db.object_uses().empty());
}

TEST_F(AssessmentDbTest, ReadsOfAllNodesCountAndWritesOfThePrimary) {
  const std::string header = "source_node,schema_name,object_name,object_type,seq_reads,row_writes,measurement_type\n";
  fs::remove_all(metadata_);
  write_needed("node-primary/");
  write("node-primary/table-index-iops-initial.csv",
        header +
            "primary,public,t,table,100,1000,initial\nprimary,public,t_a,index,0,0,initial\n"
            "primary,public,parts,partitioned table,,,initial\n");
  write("node-primary/table-index-iops-final.csv",
        header +
            "primary,public,t,table,299,1099,final\nprimary,public,t_a,index,30,0,final\n"
            "primary,public,parts,partitioned table,,,final\n");
  write("node-10.0.0.2-5432/table-index-iops-initial.csv", header + "10.0.0.2-5432,public,t,table,0,5000,initial\n");
  write("node-10.0.0.2-5432/table-index-iops-final.csv", header + "10.0.0.2-5432,public,t,table,100,9000,final\n");
  AssessmentDb db = build(10);
  const std::vector<model::ObjectFigures> figures = db.figures();
  // (299 − 100) + (100 − 0) = 299 reads in 10 s: 29 a second, as integers are divided. 99 writes: 9 a second.
  EXPECT_EQ(named(figures, "t").reads_per_second, 29);
  EXPECT_EQ(named(figures, "t").writes_per_second, 9);
  EXPECT_EQ(named(figures, "t_a").reads_per_second, 3);
  const std::vector<model::AssessedNode> nodes = db.nodes();
  ASSERT_EQ(nodes.size(), 2U);
  EXPECT_EQ(nodes[0].name, "primary");
  EXPECT_EQ(nodes[1].name, "10.0.0.2-5432");
  EXPECT_FALSE(nodes[1].primary);

  EXPECT_EQ(named(build(0).figures(), "t").reads_per_second, 299) << "an interval of 0 counts as 1";
}

TEST_F(AssessmentDbTest, CountersThatWentBackAreNoLoad) {
  write("table-index-iops-initial.csv",
        "schema_name,object_name,object_type,seq_reads,row_writes,measurement_type\npublic,t,table,5000,7,initial\n");
  write("table-index-iops-final.csv",
        "schema_name,object_name,object_type,seq_reads,row_writes,measurement_type\npublic,t,table,10,7,final\n");
  EXPECT_EQ(named(build().figures(), "t").reads_per_second, 0);
}

TEST_F(AssessmentDbTest, AColumnForTheNodeIsBelievedBeforeTheFolder) {
  fs::remove_all(metadata_);
  write_needed("node-primary/");
  const std::string header = "schema_name,object_name,object_type,parent_table_name,scans,inserts,updates,deletes\n";
  write("node-primary/table-index-usage-stats.csv", header + "public,t,table,,10,1,2,3\npublic,t_a,index,t,4,,,\n");
  write("node-r/table-index-usage-stats.csv", header + "public,t,table,,90,7,7,7\npublic,t_a,index,t,5,,,\n");
  const std::vector<ObjectUse> uses = build().object_uses();
  ASSERT_EQ(uses.size(), 2U);
  EXPECT_EQ(uses[0].scans, 100) << "of both nodes";
  EXPECT_EQ(uses[0].inserts, 1) << "a replica repeats them";
  EXPECT_EQ(uses[1].scans, 9);
  EXPECT_EQ(uses[1].parent, "t");
  EXPECT_EQ(uses[1].inserts, 0);

  write("node-r/table-index-usage-stats.csv", "source_node," + header + "other,public,t,table,,90,7,7,7\n");
  EXPECT_EQ(build().nodes()[1].name, "other");
}

TEST_F(AssessmentDbTest, TheFoldersOfNodesHideFilesBesideThem) {
  write_needed("node-primary/");
  write("node-primary/table-row-counts.csv", "schema_name,table_name,row_count\npublic,t,7\n");
  EXPECT_EQ(named(build().figures(), "t").rows, 7);
}

TEST_F(AssessmentDbTest, ReadsRedundantIndexesAndStatistics) {
  write("redundant-indexes.csv",
        "source_node,redundant_schema_name,redundant_table_name,redundant_index_name,existing_schema_name,"
        "existing_table_name,existing_index_name,redundant_ddl,existing_ddl\n"
        "primary,public,t,t_a,public,t,t_ab,\"CREATE INDEX t_a ON public.t USING btree (a, \"\"B\"\")\",x\n");
  write("column_statistics.csv",
        "source_node,schema_name,table_name,column_name,null_frac,effective_n_distinct,most_common_freq,"
        "most_common_val\n"
        "primary,public,t,a,0.25,1.2e+06,0.5,\"x,y\"\nprimary,public,t,a,0.9,1,0.9,children\n"
        "primary,public,t,b,0,-1,0,\n");
  AssessmentDb db = build();
  ASSERT_EQ(db.redundant_indexes().size(), 1U);
  EXPECT_EQ(db.redundant_indexes()[0].ddl, "CREATE INDEX t_a ON public.t USING btree (a, \"B\")");
  EXPECT_EQ(db.redundant_indexes()[0].existing_index, "t_ab");
  const std::vector<ColumnShare> shares = db.column_shares();
  ASSERT_EQ(shares.size(), 2U) << "the first of two rows about one column counts";
  EXPECT_DOUBLE_EQ(shares[0].null_share, 0.25);
  EXPECT_DOUBLE_EQ(shares[0].top_share, 0.5);
  EXPECT_EQ(shares[0].top_value, "x,y");
}

TEST_F(AssessmentDbTest, ReadsQueriesAsJson) {
  write("db-queries-summary.csv",
        "source_node,pgss_data\n"
        "primary,\"{\"\"queryid\"\": -3458764513820540928, \"\"query\"\": \"\"select\\n1\"\", \"\"calls\"\": 2, "
        "\"\"rows\"\": 4, \"\"total_exec_time\"\": 10.5, \"\"mean_exec_time\"\": 5.25, \"\"min_exec_time\"\": 1, "
        "\"\"max_exec_time\"\": 9.5, \"\"stddev_exec_time\"\": 0.5, \"\"toplevel\"\": true}\"\n"
        "primary,\"{\"\"queryid\"\": 7, \"\"query\"\": \"\"select 2\"\", \"\"calls\"\": 1, \"\"total_time\"\": 3, "
        "\"\"mean_time\"\": 3}\"\n"
        "primary,\"{\"\"queryid\"\": null, \"\"query\"\": \"\"<insufficient privilege>\"\", \"\"calls\"\": 1}\"\n"
        "primary,\"{\"\"queryid\"\": 8, \"\"query\"\": \"\"select 3\"\", \"\"calls\"\": 0}\"\n");
  AssessmentDb db = build();
  EXPECT_TRUE(db.nodes()[0].has_queries);
  const std::vector<model::QueryStatistics> queries = db.queries();
  ASSERT_EQ(queries.size(), 2U) << "those of other users and those that were never called are left out";
  EXPECT_EQ(queries[0].id, "-3458764513820540928");
  EXPECT_EQ(queries[0].query, "select\n1");
  EXPECT_EQ(queries[0].calls, 2);
  EXPECT_EQ(queries[0].rows, 4);
  EXPECT_DOUBLE_EQ(queries[0].total_ms, 10.5);
  EXPECT_DOUBLE_EQ(queries[0].stddev_ms, 0.5);
  EXPECT_DOUBLE_EQ(queries[1].total_ms, 3) << "as the column was called before version 13";
}

TEST_F(AssessmentDbTest, ReadsQueriesAsColumnsOfEitherName) {
  for (const char* times : {"total_exec_time,mean_exec_time,min_exec_time,max_exec_time,stddev_exec_time",
                            "total_time,mean_time,min_time,max_time,stddev_time"}) {
    write("db-queries-summary.csv",
          fmt::format(
              "queryid,query,calls,rows,{}\n12,\"select \"\"a\"\"\nfrom t\",3,9,30,10,5,15,2\n,select,1,1,1,1,1,1,1\n",
              times));
    const std::vector<model::QueryStatistics> queries = build().queries();
    ASSERT_EQ(queries.size(), 1U);
    EXPECT_EQ(queries[0].query, "select \"a\"\nfrom t");
    EXPECT_EQ(queries[0].rows, 9);
    EXPECT_DOUBLE_EQ(queries[0].mean_ms, 10);
    EXPECT_DOUBLE_EQ(queries[0].max_ms, 15);
  }
}

TEST_F(AssessmentDbTest, QueriesOfTheSameTextAreOneOnANodeAndOverNodes) {
  fs::remove_all(metadata_);
  write_needed("node-primary/");
  const std::string header =
      "queryid,query,calls,rows,total_exec_time,mean_exec_time,min_exec_time,max_exec_time,"
      "stddev_exec_time\n";
  write("node-a/db-queries-summary.csv", header + "9,only there,1,1,1,1,1,1,1\n9,select 1,10,1,100,10,0.5,99,9\n");
  write("node-primary/db-queries-summary.csv",
        header + "1,select 1,1,2,8,8,8,8,3\n2,select 2,5,5,5,1,1,1,0\n3,select 1,3,4,4,1.3,1,2,7\n");
  AssessmentDb db = build();
  SqliteConnection raw(file_, SqliteConnection::Mode::kReadOnly, state_words());
  Statement rows(raw, "SELECT count(*), sum(calls) FROM db_queries_summary WHERE source_node = 'primary'");
  ASSERT_TRUE(rows.step());
  EXPECT_EQ(rows.integer(0), 2) << "merged on the node";
  EXPECT_EQ(rows.integer(1), 9);

  const std::vector<model::QueryStatistics> queries = db.queries();
  ASSERT_EQ(queries.size(), 3U);
  EXPECT_EQ(queries[0].query, "select 1") << "the primary's come first";
  EXPECT_EQ(queries[0].id, "1");
  EXPECT_EQ(queries[0].calls, 14);
  EXPECT_EQ(queries[0].rows, 7);
  EXPECT_DOUBLE_EQ(queries[0].total_ms, 112);
  EXPECT_DOUBLE_EQ(queries[0].mean_ms, 8);
  EXPECT_DOUBLE_EQ(queries[0].min_ms, 0.5);
  EXPECT_DOUBLE_EQ(queries[0].max_ms, 99);
  EXPECT_DOUBLE_EQ(queries[0].stddev_ms, 3) << "of the first";
  EXPECT_EQ(queries[2].query, "only there");
}

TEST_F(AssessmentDbTest, FilesAndColumnsThatNobodyKnowsArePassedOver) {
  write("a-newer-file.csv", "x\ny\n");
  write("notes.txt", "\xFF");
  write("table-row-counts.csv", "schema_name,kept_since,table_name,ROW_COUNT\npublic,?,t,\n");
  EXPECT_EQ(named(build().figures(), "t").rows, std::nullopt);
}

TEST_F(AssessmentDbTest, KeepsWhatTheSizingRecommends) {
  build();
  EXPECT_FALSE(AssessmentDb::open(file_).colocation().has_value());
  AssessmentDb::save_colocation(file_, {.sharded = std::vector<std::string>{"public.z", "public.a"},
                                        .colocated = std::vector<std::string>{"s.t"}});
  const std::optional<model::Colocation> found = AssessmentDb::open(file_).colocation();
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->why_none, "");
  EXPECT_EQ(found->sharded, (std::vector<std::string>{"public.z", "public.a"})) << "in its order";
  EXPECT_EQ(found->colocated, std::vector<std::string>{"s.t"});
  AssessmentDb::save_colocation(file_, {.why_none = "too big"});
  EXPECT_EQ(AssessmentDb::open(file_).colocation()->why_none, "too big");
  EXPECT_EQ(AssessmentDb::open(file_).colocation()->sharded, std::nullopt);
}

TEST_F(AssessmentDbTest, AnAssessmentOfAnEarlierVersionRecommendsNoPlaces) {
  build();
  SqliteConnection(file_, SqliteConnection::Mode::kCreate, state_words())
      .exec("DROP TABLE colocation; DROP TABLE table_placements");
  EXPECT_FALSE(AssessmentDb::open(file_).colocation().has_value());
}

}  // namespace
}  // namespace voyager::format

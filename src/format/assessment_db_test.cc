#include "format/assessment_db.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <chrono>
#include <fstream>

#include "base/error.h"
#include "base/files.h"
#include "format/sqlite.h"

namespace voyager::format {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using testing::UnorderedElementsAre;

class AssessmentDbTest : public testing::Test {
 protected:
  AssessmentDbTest() {
    fs::create_directories(metadata_);
    write_needed();
  }
  ~AssessmentDbTest() override { fs::remove_all(dir_); }

  void write(const std::string& name, std::string_view text) const {
    fs::create_directories((metadata_ / name).parent_path());
    std::ofstream(metadata_ / name, std::ios::binary) << text;
  }
  void write_needed(const std::string& folder = {}) const {
    write(folder + "table-row-counts.csv", "schema_name,table_name,row_count\npublic,t,1000\npublic,parts,0\n");
    write(folder + "index-to-table-mapping.csv",
          "index_schema,index_name,table_schema,table_name\npublic,t_pkey,public,t\npublic,t_a,public,t\n"
          "public,parts_pkey,public,parts\n");
    write(folder + "object-type-mapping.csv",
          "schema_name,object_name,object_type\npublic,t,table\npublic,parts,partitioned table\n"
          "public,t_pkey,primary key\npublic,t_a,index\n");
    write(folder + "table-columns-count.csv",
          "schema_name,object_name,object_type,column_count\npublic,t,table,5\npublic,t_a,index,1\n");
    write(folder + "table-columns-data-types.csv",
          "schema_name,table_name,column_name,data_type\npublic,t,id,integer\npublic,t,m,public.mood\n");
  }
  AssessmentDb build(std::int64_t interval = 10) const { return AssessmentDb::build(file_, metadata_, interval); }
  base::ErrorInfo error() const {
    try {
      build();
    } catch (const base::Error& caught) {
      return caught.info();
    }
    return {.title = "no error"};
  }

  static fs::path new_folder() {
    std::string pattern = (fs::temp_directory_path() / "voyager-assessment-XXXXXX").string();
    return ::mkdtemp(pattern.data());
  }

  const fs::path dir_ = new_folder();
  const fs::path metadata_ = dir_ / "metadata";
  const fs::path file_ = dir_ / "assessment.db";
};

const model::ObjectFigures& named(const std::vector<model::ObjectFigures>& all, std::string_view name) {
  for (const model::ObjectFigures& one : all)
    if (one.name == name) return one;
  throw std::out_of_range(std::string(name));
}

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

TEST_F(AssessmentDbTest, DamageIsToldWithFileAndLineAndTheEarlierFileStays) {
  struct Case {
    const char* file;
    std::string_view text;
    std::string_view cause;
    int line;
  };
  using namespace std::string_view_literals;
  const Case cases[] = {
      {"table-row-counts.csv", "schema_name,table_name\npublic,t\n", "the header misses the column row_count", 1},
      {"table-row-counts.csv", "", "empty", 1},
      {"table-row-counts.csv", "schema_name,table_name,row_count\npublic,\"t,1\n", "never closed", 2},
      {"table-row-counts.csv", "schema_name,table_name,row_count\npublic,t,many\n", "\"many\" in the column row_count",
       2},
      {"table-row-counts.csv", "schema_name,table_name,row_count\npublic,t,1.5\n", "not an integer", 2},
      {"table-row-counts.csv", "schema_name,table_name,row_count\npublic,t,99999999999999999999\n", "not an integer",
       2},
      {"table-row-counts.csv", "schema_name,table_name,row_count\npublic,,1\n", "the column table_name is empty", 2},
      {"table-row-counts.csv", "schema_name,table_name,row_count\npublic,t\0,1\n"sv, "zero byte", 2},
      {"table-row-counts.csv", "schema_name,table_name,row_count\npublic,\xC0t,1\n", "no part of a UTF-8", 2},
      {"table-row-counts.csv", "schema_name,table_name,row_count\npublic,t,1\npublic,t,2\n", "the same object", 3},
      {"table-row-counts.csv", "schema_name,table_name,row_count\npublic,t,1,2\n", "has 4 values", 2},
      {"table-row-counts.csv", "source_node,schema_name,table_name,row_count\n,public,t,1\n", "source_node is empty",
       2},
      {"column_statistics.csv",
       "schema_name,table_name,column_name,null_frac,effective_n_distinct,most_common_freq,most_common_val\n"
       "public,t,a,nan,1,1,x\n",
       "not a number", 2},
      {"table-index-iops-final.csv",
       "schema_name,object_name,object_type,seq_reads,row_writes,measurement_type\npublic,t,table,1,1,middle\n",
       "neither initial nor final", 2},
      {"db-queries-summary.csv", "pgss_data\n\"{\"\"query\"\": \"\n", "no JSON object", 2},
      {"db-queries-summary.csv", "pgss_data\n[1]\n", "no JSON object", 2},
      {"db-queries-summary.csv", "pgss_data\n\"{\"\"queryid\"\":1,\"\"query\"\":\"\"a\"\",\"\"calls\"\":\"\"x\"\"}\"\n",
       "\"x\" of calls is not an integer", 2},
      {"db-queries-summary.csv", "queryid,query,calls\n1,select,1\n", "nor the column total_exec_time", 1},
  };
  build();
  const std::string before = base::read_file(file_);
  for (const Case& one : cases) {
    write_needed();
    for (const char* optional : {"column_statistics.csv", "table-index-iops-final.csv", "db-queries-summary.csv"})
      fs::remove(metadata_ / optional);
    write(one.file, one.text);
    const base::ErrorInfo info = error();
    EXPECT_EQ(info.code, "ASM-011") << one.text << " " << info.title;
    EXPECT_THAT(info.cause, HasSubstr(one.cause));
    EXPECT_EQ(info.where, fmt::format("{}:{}", (metadata_ / one.file).string(), one.line));
    EXPECT_EQ(base::read_file(file_), before);
    EXPECT_EQ(std::distance(fs::directory_iterator(dir_), {}), 2) << "nothing else is left behind";
  }
}

TEST_F(AssessmentDbTest, FilesThatMustBeThereAreNamedWhenMissing) {
  fs::remove(metadata_ / "table-row-counts.csv");
  fs::remove(metadata_ / "object-type-mapping.csv");
  base::ErrorInfo info = error();
  EXPECT_EQ(info.code, "ASM-010");
  EXPECT_EQ(info.exit, base::ExitCode::kUsage);
  EXPECT_EQ(info.cause, "missing: table-row-counts.csv, object-type-mapping.csv");

  fs::remove_all(metadata_);
  info = error();
  EXPECT_EQ(info.code, "ASM-010") << "no such folder";
  EXPECT_THAT(info.where, HasSubstr("metadata"));

  write_needed("node-replica/");
  info = error();
  EXPECT_EQ(info.code, "ASM-010");
  EXPECT_THAT(info.cause, HasSubstr("node-primary"));
  EXPECT_FALSE(fs::exists(file_));
}

TEST_F(AssessmentDbTest, AFileThatIsNoneIsToldSo) {
  const auto open_error = [&] {
    try {
      AssessmentDb db = AssessmentDb::open(file_);
      db.figures();
    } catch (const base::Error& caught) {
      return caught.info();
    }
    return base::ErrorInfo{.title = "no error"};
  };
  EXPECT_EQ(open_error().code, "ASM-012") << "not there";
  std::ofstream(file_) << std::string(5000, 'x');
  EXPECT_EQ(open_error().code, "ASM-012") << "no database";
  EXPECT_THAT(open_error().fix, ElementsAre(HasSubstr("assess-migration")));
  fs::remove(file_);
  { SqliteConnection(file_, SqliteConnection::Mode::kCreate, state_words()).exec("PRAGMA user_version = 9"); }
  EXPECT_EQ(open_error().code, "ASM-012") << "of another version";
  build();
  fs::resize_file(file_, fs::file_size(file_) / 2);
  EXPECT_EQ(open_error().code, "ASM-012") << "cut off";
  EXPECT_EQ(build().figures().size(), 3U) << "is made anew over a damaged one";
}

TEST_F(AssessmentDbTest, AnOpenOneIsReadToItsEndWhileAnotherIsMade) {
  AssessmentDb before = build();
  write("table-row-counts.csv", "schema_name,table_name,row_count\npublic,t,2\n");
  AssessmentDb after = build();
  EXPECT_EQ(named(before.figures(), "t").rows, 1000);
  EXPECT_EQ(named(after.figures(), "t").rows, 2);
}

// 50,000 tables with two indexes and six columns each.
void write_large(const fs::path& folder) {
  constexpr int kTables = 50'000;
  std::ofstream rows(folder / "table-row-counts.csv"), indexes(folder / "index-to-table-mapping.csv"),
      types(folder / "object-type-mapping.csv"), counts(folder / "table-columns-count.csv"),
      columns(folder / "table-columns-data-types.csv"), sizes(folder / "table-index-sizes.csv"),
      before(folder / "table-index-iops-initial.csv"), after(folder / "table-index-iops-final.csv"),
      shares(folder / "column_statistics.csv"), usage(folder / "table-index-usage-stats.csv");
  rows << "source_node,schema_name,table_name,row_count\n";
  indexes << "source_node,index_schema,index_name,table_schema,table_name\n";
  types << "source_node,schema_name,object_name,object_type\n";
  counts << "source_node,schema_name,object_name,object_type,column_count\n";
  columns << "source_node,schema_name,table_name,column_name,data_type\n";
  sizes << "source_node,schema_name,object_name,object_type,size_in_bytes\n";
  for (std::ofstream* file : {&before, &after})
    *file << "source_node,schema_name,object_name,object_type,seq_reads,row_writes,measurement_type\n";
  shares << "source_node,schema_name,table_name,column_name,null_frac,effective_n_distinct,most_common_freq,"
            "most_common_val\n";
  usage << "source_node,schema_name,object_name,object_type,parent_table_name,scans,inserts,updates,deletes\n";
  for (int i = 0; i < kTables; ++i) {
    const std::string table = fmt::format("orders_of_region_{}", (i * 7919) % kTables);
    rows << fmt::format("primary,app,{},1000\n", table);
    for (int k = 0; k < 3; ++k) {
      const std::string object = k == 0 ? table : fmt::format("{}_index_{}", table, k);
      const char* type = k == 0 ? "table" : "index";
      if (k > 0) indexes << fmt::format("primary,app,{},app,{}\n", object, table);
      types << fmt::format("primary,app,{},{}\n", object, type);
      counts << fmt::format("primary,app,{},{},6\n", object, type);
      sizes << fmt::format("primary,app,{},{},{}\n", object, type, 8192 * i);
      before << fmt::format("primary,app,{},{},100,7,initial\n", object, type);
      after << fmt::format("primary,app,{},{},500,9,final\n", object, type);
      usage << fmt::format("primary,app,{},{},{},7,1,1,1\n", object, type, k == 0 ? "" : table);
    }
    for (int k = 0; k < 6; ++k) {
      columns << fmt::format("primary,app,{},column_{},character varying\n", table, k);
      shares << fmt::format("primary,app,{},column_{},0.5,10,0.5,a value\n", table, k);
    }
  }
}

TEST_F(AssessmentDbTest, LoadsFiftyThousandTablesInSeconds) {
  write_large(metadata_);
  const auto begin = std::chrono::steady_clock::now();
  AssessmentDb db = build();
  const std::chrono::duration<double> loading = std::chrono::steady_clock::now() - begin;
  EXPECT_EQ(db.figures().size(), 150'000U);
  EXPECT_EQ(db.column_types().size(), 300'000U);
  const std::chrono::duration<double> all = std::chrono::steady_clock::now() - begin;
  fmt::print("50,000 tables: loaded in {:.1f} s, read back in {:.1f} s, {} MiB\n", loading.count(),
             all.count() - loading.count(), fs::file_size(file_) >> 20U);
  EXPECT_LT(loading.count(), 60) << "several times what it takes on a slow and busy machine";
}

}  // namespace
}  // namespace voyager::format

// What assessment.db does with damaged, missing and very many metadata.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "base/files.h"
#include "format/assessment_db_testing.h"
#include "format/sqlite.h"

namespace voyager::format {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

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

// What is gathered of a server. Needs one: VOY_TEST_PG. The rules of redundant indexes have their cases in
// testdata/redundant_indexes.txt.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <thread>

#include "base/error.h"
#include "connectors/postgresql/assessment_testing.h"

namespace voyager::postgresql {
namespace {

namespace fs = std::filesystem;
using model::Identifier;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST_F(AssessmentOnServer, EveryTableIndexAndViewWithRowsHasItsType) {
  sql(kAwkward);
  gather();
  std::map<std::string, std::string> types;
  for (const CsvRow& row : rows("object-type-mapping.csv")) {
    EXPECT_EQ(row[0], "n,1");
    EXPECT_EQ(row[1], schema_.catalog_text());
    types[row[2]] = row[3];
  }
  EXPECT_EQ(header_, "source_node,schema_name,object_name,object_type");
  EXPECT_THAT(
      types,
      ElementsAre(std::pair("<script>", "table"), std::pair("<script>_pkey", "primary key"), std::pair("bare", "table"),
                  std::pair("child", "table"), std::pair("ind\"ex", "index"), std::pair("mv", "materialized view"),
                  std::pair("mv_one", "index"), std::pair("parent", "table"), std::pair("parted", "partitioned table"),
                  std::pair("parted_1", "table"), std::pair("parted_1_k_idx", "index"),
                  std::pair("parted_1_pkey", "primary key"), std::pair("parted_k", "partitioned index")));
}

TEST_F(AssessmentOnServer, IndexesKnowTheirTables) {
  sql(kAwkward);
  gather();
  std::map<std::string, std::string> tables;
  for (const CsvRow& row : rows("index-to-table-mapping.csv")) tables[row[2]] = row[4];
  EXPECT_EQ(header_, "source_node,index_schema,index_name,table_schema,table_name");
  EXPECT_EQ(tables["ind\"ex"], "<script>");
  EXPECT_EQ(tables["parted_1_k_idx"], "parted_1");
  EXPECT_EQ(tables["mv_one"], "mv");
  EXPECT_THAT(tables, SizeIs(7));
}

TEST_F(AssessmentOnServer, ColumnsAreCountedAndTyped) {
  sql(kAwkward);
  gather();
  std::map<std::string, std::string> counts;
  for (const CsvRow& row : rows("table-columns-count.csv")) counts[row[2]] = row[3] + " " + row[4];
  EXPECT_EQ(header_, "source_node,schema_name,object_name,object_type,column_count");
  EXPECT_EQ(counts["<script>"], "table 13");
  EXPECT_EQ(counts["bare"], "table 0");
  EXPECT_EQ(counts["ind\"ex"], "index 3");
  EXPECT_EQ(counts["mv"], "materialized view 2");
  EXPECT_EQ(counts["parted_k"], "partitioned index 1");

  std::vector<std::string> types;
  for (const CsvRow& row : rows("table-columns-data-types.csv")) {
    if (row[2] == "<script>") types.push_back(row[3] + ": " + row[4]);
  }
  EXPECT_EQ(header_, "source_node,schema_name,table_name,column_name,data_type");
  const std::string s = schema_.catalog_text() + ".";
  EXPECT_THAT(types,
              ElementsAre("id: integer", "select: text", "two\nlines: character varying", "a \"b,c: " + s + "mood",
                          "n: amount", "l: list", "p: " + s + "pair", "ps: " + s + "pair[]", "i: pg_catalog.int4[]",
                          "ns: " + s + "amount[]", "ts: timestamp with time zone", "c: \"char\"", "g: integer"));
}

TEST_F(AssessmentOnServer, DataTypesAreThoseOfTheStandardsView) {
  sql(kAwkward);
  gather();
  std::vector<CsvRow> expected;
  const Result found = admin_->query(
      "SELECT table_name, column_name, CASE WHEN domain_name IS NOT NULL THEN domain_name "
      "WHEN data_type = 'USER-DEFINED' THEN udt_schema || '.' || udt_name WHEN data_type = 'ARRAY' THEN '[]' "
      "ELSE data_type END FROM information_schema.columns WHERE table_schema = $1 "
      "ORDER BY table_name COLLATE \"C\", ordinal_position",
      {schema_.catalog_text()}, "compare");
  const std::vector<CsvRow> types = rows("table-columns-data-types.csv");
  ASSERT_THAT(types, SizeIs(found.rows()));
  for (int i = 0; i < found.rows(); ++i) {
    const CsvRow& row = types[static_cast<std::size_t>(i)];
    EXPECT_EQ(row[2], found.string(i, 0));
    EXPECT_EQ(row[3], found.string(i, 1));
    const std::string type = found.string(i, 2);
    EXPECT_THAT(row[4], testing::EndsWith(type)) << row[2] << " " << row[3];
  }
}

TEST_F(AssessmentOnServer, SizesCountTheObjectAlone) {
  sql("CREATE TABLE t (id int PRIMARY KEY, long text); ALTER TABLE t ALTER long SET STORAGE EXTERNAL;"
      "INSERT INTO t SELECT i, repeat('x', 10000) FROM generate_series(1, 10) i; CREATE TABLE e (a int)");
  gather();
  std::map<std::string, std::string> sizes;
  for (const CsvRow& row : rows("table-index-sizes.csv")) sizes[row[2]] = row[3] + " " + row[4];
  EXPECT_EQ(header_, "source_node,schema_name,object_name,object_type,size_in_bytes");
  EXPECT_EQ(sizes["t"], "table 8192");
  EXPECT_EQ(sizes["t_pkey"], "primary key 16384");
  EXPECT_EQ(sizes["e"], "table 0");
}

TEST_F(AssessmentOnServer, StatisticsOfColumns) {
  sql("CREATE TABLE t (same int, half text, different int, list text[]);"
      "INSERT INTO t SELECT 7, CASE WHEN i % 2 = 0 THEN 'a,\"' || E'\\n' END, i, '{a,b}' FROM generate_series(1, 100) "
      "i;"
      "CREATE TABLE p (k int) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);"
      "INSERT INTO p SELECT 1 FROM generate_series(1, 10); CREATE TABLE child () INHERITS (t);"
      "INSERT INTO child VALUES (1); ANALYZE");
  gather();
  std::map<std::string, CsvRow> found;
  for (const CsvRow& row : rows("column_statistics.csv")) {
    EXPECT_TRUE(found.emplace(row[2] + "." + row[3], CsvRow(row.begin() + 4, row.end())).second) << row[2] << row[3];
  }
  EXPECT_EQ(header_,
            "source_node,schema_name,table_name,column_name,null_frac,effective_n_distinct,most_common_freq,"
            "most_common_val");
  EXPECT_THAT(found["t.same"], ElementsAre("0", "1", "1", "7"));
  EXPECT_THAT(found["t.half"], ElementsAre("0.5", "1", "0.5", "a,\"\n"));
  EXPECT_THAT(found["t.different"], ElementsAre("0", "100", "0", ""));
  EXPECT_THAT(found["t.list"], ElementsAre("0", "1", "1", "{a,b}"));
  EXPECT_THAT(found["p.k"], ElementsAre("0", "1", "1", "1"));
  EXPECT_THAT(found["p1.k"], ElementsAre("0", "1", "1", "1"));
}

TEST_F(AssessmentOnServer, TheLoadIsReadTwiceAndUseOnce) {
  sql("CREATE TABLE t (id int PRIMARY KEY); CREATE INDEX by_id ON t (id);"
      "CREATE TABLE p (k int) PARTITION BY LIST (k); CREATE INDEX p_k ON p (k)");
  // Counters of a session reach the others when it ends.
  const auto write = [&](const std::string& text, const std::string& until) {
    Connection(options_).run("SET search_path = " + quoted(schema_) + ";" + text, "write");
    for (int i = 0; i < 500 && !admin_->query("SELECT " + until, "look").boolean(0, 0); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
  };
  const std::string of_t = "FROM pg_stat_user_tables WHERE relname = 't' AND schemaname = current_schema";
  write("INSERT INTO t SELECT generate_series(1, 100); DELETE FROM t WHERE id > 90",
        "(SELECT n_tup_del = 10 " + of_t + ")");
  make_assessment_source(options_)->gather({.folder = folder_, .node = "primary"}, [&](std::string_view step) {
    steps_.emplace_back(step);
    if (step == "table-index-iops-final.csv")
      write("SET enable_seqscan = off; UPDATE t SET id = -id WHERE id = 5",
            "(SELECT n_tup_upd = 1 AND idx_scan > 0 " + of_t + ")");
  });
  std::map<std::string, CsvRow> load;
  for (const char* file : {"table-index-iops-initial.csv", "table-index-iops-final.csv"}) {
    for (const CsvRow& row : rows(file)) load[row[6] + " " + row[2]] = CsvRow(row.begin() + 3, row.begin() + 6);
  }
  EXPECT_EQ(header_, "source_node,schema_name,object_name,object_type,seq_reads,row_writes,measurement_type");
  EXPECT_EQ(load["initial t"][2], "110");
  EXPECT_EQ(load["final t"][2], "111");
  EXPECT_GT(std::stoi(load["final t"][1]), std::stoi(load["initial t"][1]));
  EXPECT_THAT(load["final by_id"], ElementsAre("index", "0", "0"));
  EXPECT_THAT(load["final t_pkey"], ElementsAre("primary key", "0", "0"));
  EXPECT_THAT(load["final p"], ElementsAre("partitioned table", "", ""));
  EXPECT_THAT(load["final p_k"], ElementsAre("partitioned index", "", ""));
  EXPECT_EQ(steps_.back(), "table-index-iops-final.csv");

  gather();
  std::map<std::string, CsvRow> use;
  for (const CsvRow& row : rows("table-index-usage-stats.csv")) use[row[2]] = CsvRow(row.begin() + 3, row.end());
  EXPECT_EQ(header_, "source_node,schema_name,object_name,object_type,parent_table_name,scans,inserts,updates,deletes");
  EXPECT_EQ(use["t"][1], "");
  EXPECT_THAT(CsvRow(use["t"].begin() + 3, use["t"].end()), ElementsAre("100", "1", "10"));
  EXPECT_THAT(use["t_pkey"][1], "t");
  EXPECT_GT(std::stoi(use["t_pkey"][2]) + std::stoi(use["by_id"][2]), 0);
  std::map<std::string, std::string> counts;
  for (const CsvRow& row : rows("table-row-counts.csv")) counts[row[2]] = row[3];
  EXPECT_EQ(header_, "source_node,schema_name,table_name,row_count");
  EXPECT_EQ(counts["t"], "90");
}

TEST_F(AssessmentOnServer, AnEmptySchemaHasHeadersOnly) {
  gather();
  EXPECT_THAT(steps_, SizeIs(11));
  for (const std::string& step : steps_) EXPECT_THAT(rows(step), IsEmpty()) << step;
  EXPECT_FALSE(fs::exists(folder_ / "db-queries-summary.csv"));
  EXPECT_THAT(base::read_file(folder_ / "gathered.json"),
              testing::AllOf(HasSubstr("\"format_version\": 1,"), HasSubstr("\"iops_capture_interval\": 0"),
                             HasSubstr("\"database\": \"" + database_.catalog_text() + "\""),
                             HasSubstr("\"server_version\": \"PostgreSQL 1"),
                             HasSubstr(R"("schemas": ["Odd \"s.c|h,e'm{a}\\"])"), testing::EndsWith("}\n")));
  for (const auto& entry : fs::directory_iterator(folder_)) {
    EXPECT_TRUE(entry.path().extension() == ".csv" || entry.path().filename() == "gathered.json") << entry.path();
  }
}

TEST_F(AssessmentOnServer, RedundantIndexes) {
  const std::string text = base::read_file(fs::path(VOY_FOLDER) / "testdata" / "redundant_indexes.txt");
  int cases = 0;
  std::string title, setup, expected, *part = nullptr;
  const auto check = [&] {
    if (title.empty()) return;
    ++cases;
    sql("CREATE SCHEMA case_; SET search_path = case_");
    sql(setup);
    options_.schemas = {Identifier("case_")};
    gather();
    std::string found;
    for (const CsvRow& row : rows("redundant-indexes.csv")) found += row[3] + " -> " + row[6] + "\n";
    EXPECT_EQ(found, expected) << title;
    sql("DROP SCHEMA case_ CASCADE");
  };
  for (const std::string& line : base::split(text, '\n')) {
    if (line.starts_with("== ")) {
      check();
      title = line.substr(3);
      setup = expected = "";
      part = &setup;
    } else if (line == "expect:") {
      part = &expected;
    } else if (part != nullptr && !(part == &expected && line.empty())) {
      *part += line + "\n";
    }
  }
  check();
  EXPECT_GE(cases, 25);
}

TEST_F(AssessmentOnServer, RedundantIndexesComeWithTheirDefinitions) {
  sql("CREATE TABLE t (\"a b\" int, c int); CREATE INDEX one ON t (\"a b\"); CREATE INDEX two ON t (\"a b\", c)");
  gather();
  const std::string s = schema_.catalog_text();
  const std::string on = quoted(schema_) + ".t USING btree ";
  EXPECT_THAT(rows("redundant-indexes.csv"),
              ElementsAre(ElementsAre("n,1", s, "t", "one", s, "t", "two", "CREATE INDEX one ON " + on + "(\"a b\")",
                                      "CREATE INDEX two ON " + on + "(\"a b\", c)")));
  EXPECT_EQ(header_,
            "source_node,redundant_schema_name,redundant_table_name,redundant_index_name,existing_schema_name,"
            "existing_table_name,existing_index_name,redundant_ddl,existing_ddl");
}

TEST_F(AssessmentOnServer, StoppingEndsThePauseAtOnceAndLeavesNoHalfFile) {
  const auto begin = std::chrono::steady_clock::now();
  const auto source = make_assessment_source(options_);
  EXPECT_THROW(source->gather({.folder = folder_, .node = "primary", .load_interval = std::chrono::seconds(60)},
                              [&](std::string_view step) {
                                if (step == "table-index-iops-final.csv") stop_.request_drain(SIGINT);
                              }),
               base::Error);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
  EXPECT_TRUE(fs::exists(folder_ / "table-index-iops-initial.csv"));
  EXPECT_FALSE(fs::exists(folder_ / "table-index-iops-final.csv"));
  EXPECT_FALSE(fs::exists(folder_ / "gathered.json"));
}

TEST_F(AssessmentOnServer, StoppingEndsAQueryThatWaits) {
  sql("CREATE TABLE t (id int)");
  sql("BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE");
  const auto begin = std::chrono::steady_clock::now();
  std::thread later;
  const auto source = make_assessment_source(options_);
  try {
    source->gather({.folder = folder_, .node = "primary"}, [&](std::string_view step) {
      if (step != "table-index-sizes.csv") return;
      later = std::thread([&, worker = ::gettid()] {
        wait_until_it_waits(worker);
        stop_.request_drain(SIGINT);
      });
    });
    ADD_FAILURE() << "no error";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.info().exit, base::ExitCode::kInterrupted);
    EXPECT_EQ(error.info().title, "gathering metadata was stopped");
  }
  later.join();
  sql("ROLLBACK");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
  EXPECT_FALSE(fs::exists(folder_ / "table-index-sizes.csv"));
  EXPECT_FALSE(fs::exists(folder_ / "table-index-sizes.csv.partial"));
}

TEST_F(AssessmentOnServer, ARefusalNamesTheFile) {
  const auto source = make_assessment_source(options_);
  try {
    source->gather({.folder = folder_, .node = "primary", .queries = true}, [](std::string_view) {});
    ADD_FAILURE() << "no error";
  } catch (const base::Error& error) {
    EXPECT_THAT(error.info().title, HasSubstr("db-queries-summary.csv"));
    EXPECT_EQ(error.info().sqlstate, "42P01");
  }
}

}  // namespace
}  // namespace voyager::postgresql

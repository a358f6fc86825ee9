// What assessments read of a server. Needs one: VOY_TEST_PG, and VOY_TEST_PG_REPLICA for its read replica. The rules of
// redundant indexes have their cases in testdata/redundant_indexes.txt.
#include "connectors/postgresql/assessment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <thread>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "connectors/postgresql/connection.h"
#include "connectors/postgresql/query_statistics.h"

namespace voyager::postgresql {
namespace {

namespace fs = std::filesystem;
using model::Identifier;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using Row = std::vector<std::string>;

// Fields may hold line ends and quotes.
std::vector<Row> parse_csv(const std::string& text) {
  std::vector<Row> rows;
  Row row = {""};
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      if (quoted && i + 1 < text.size() && text[i + 1] == '"') {
        row.back() += text[++i];
      } else {
        quoted = !quoted;
      }
    } else if (c == ',' && !quoted) {
      row.emplace_back();
    } else if (c == '\n' && !quoted) {
      rows.push_back(std::exchange(row, {""}));
    } else {
      row.back() += c;
    }
  }
  return rows;
}

model::ConnectionOptions server_of(const char* variable) {
  const char* text = std::getenv(variable);
  model::ConnectionOptions options;
  for (const std::string& word : base::split(text == nullptr ? "" : text, ' ')) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) continue;
    const std::string value = word.substr(equals + 1);
    if (word.starts_with("host=")) options.host = value;
    if (word.starts_with("port=")) options.port = std::atoi(value.c_str());
    if (word.starts_with("user=")) options.user = value;
    if (word.starts_with("dbname=")) options.database = value;
  }
  return options;
}

TEST(MergeByText, SumsAndRecomputes) {
  const std::vector<model::QueryStatistics> all = {
      {.id = "1", .query = "a", .calls = 1, .rows = 2, .total_ms = 10, .mean_ms = 10, .min_ms = 10, .max_ms = 10},
      {.id = "2", .query = "b", .calls = 5},
      {.id = "3",
       .query = "a",
       .calls = 3,
       .rows = 1,
       .total_ms = 2,
       .mean_ms = 0.67,
       .min_ms = 0.5,
       .max_ms = 1,
       .stddev_ms = 9}};
  const std::vector<model::QueryStatistics> merged = merge_by_text(all);
  ASSERT_THAT(merged, SizeIs(2));
  EXPECT_EQ(merged[0].id, "1");
  EXPECT_EQ(merged[0].calls, 4);
  EXPECT_EQ(merged[0].rows, 3);
  EXPECT_EQ(merged[0].total_ms, 12);
  EXPECT_EQ(merged[0].mean_ms, 3);
  EXPECT_EQ(merged[0].min_ms, 0.5);
  EXPECT_EQ(merged[0].max_ms, 10);
  EXPECT_EQ(merged[0].stddev_ms, 0);
  EXPECT_EQ(merged[1].calls, 5);
}

/// A database of its own, with one schema whose name is awkward.
class AssessmentOnServer : public testing::Test {
 protected:
  void SetUp() override {
    if (std::getenv("VOY_TEST_PG") == nullptr) GTEST_SKIP() << "VOY_TEST_PG is not set: no server to ask";
    options_ = server_of("VOY_TEST_PG");
    Connection(options_).run("CREATE DATABASE " + quoted(database_), "make a database");
    options_.database = database_.catalog_text();
    options_.schemas = {schema_};
    admin_ = std::make_unique<Connection>(options_);
    sql("CREATE SCHEMA " + quoted(schema_) + "; SET search_path = " + quoted(schema_) + ", public");
    fs::create_directories(folder_);
  }
  void TearDown() override {
    if (!admin_) return;
    admin_.reset();
    Connection(server_of("VOY_TEST_PG")).run("DROP DATABASE " + quoted(database_) + " WITH (FORCE)", "drop it");
    for (const std::string& role : roles_) Connection(server_of("VOY_TEST_PG")).run("DROP ROLE " + role, "drop a role");
    fs::remove_all(folder_);
  }

  void sql(const std::string& text) { admin_->run(text, "prepare the test"); }
  model::ConnectionOptions role(const std::string& attributes = "") {
    const std::string name = "voy_assess_" + std::to_string(::getpid()) + "_" + std::to_string(roles_.size());
    sql("CREATE ROLE " + name + " LOGIN " + attributes);
    roles_.push_back(name);
    model::ConnectionOptions out = options_;
    out.user = name;
    return out;
  }
  /// The rows of one file, without the header.
  std::vector<Row> rows(const std::string& file) {
    std::vector<Row> all = parse_csv(base::read_file(folder_ / file));
    header_ = base::join(all.at(0), ",");
    all.erase(all.begin());
    return all;
  }
  void gather(bool queries = false) {
    make_assessment_source(options_)->gather(
        {.folder = folder_, .node = "n,1", .queries = queries},
        [this](std::string_view step) { steps_.emplace_back(step); }, stop_);
  }
  std::vector<std::string> titles(const std::vector<model::Finding>& findings) {
    std::vector<std::string> out;
    for (const model::Finding& one : findings) out.push_back((one.fatal ? "fatal: " : "") + one.title);
    return out;
  }

  const Identifier database_{"voy assess " + std::to_string(::getpid())};
  const Identifier schema_{"Odd \"s.c|h,e'm{a}\\"};
  const fs::path folder_ = fs::temp_directory_path() / ("voy-assess-" + std::to_string(::getpid()));
  model::ConnectionOptions options_ = {};
  std::unique_ptr<Connection> admin_ = {};
  std::vector<std::string> roles_ = {};
  std::vector<std::string> steps_ = {};
  std::string header_ = {};
  base::Stop stop_;
};

constexpr const char* kAwkward = R"sql(
  CREATE TYPE mood AS ENUM ('a', 'b');
  CREATE TYPE pair AS (x int, y text);
  CREATE DOMAIN amount AS numeric(12,2);
  CREATE DOMAIN list AS int[];
  CREATE TABLE "<script>" (id int PRIMARY KEY, "select" text, "two
lines" varchar(3), "a ""b,c" mood, n amount, l list, p pair, ps pair[], i int[][], ns amount[], ts timestamptz, c "char",
    g int GENERATED ALWAYS AS (1) STORED);
  ALTER TABLE "<script>" ADD gone int; ALTER TABLE "<script>" DROP gone;
  CREATE INDEX "ind""ex" ON "<script>" ("select", lower("two
lines")) INCLUDE (n);
  CREATE TABLE bare ();
  CREATE TABLE parted (id int, k int, PRIMARY KEY (id)) PARTITION BY RANGE (id);
  CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (10);
  CREATE INDEX parted_k ON parted (k);
  CREATE MATERIALIZED VIEW mv AS SELECT 1 AS one, 'x'::text AS two;
  CREATE UNIQUE INDEX mv_one ON mv (one);
  CREATE VIEW v AS SELECT 1 AS one;
  CREATE TABLE parent (k int); CREATE TABLE child (o int) INHERITS (parent);
  CREATE SEQUENCE s;
)sql";

TEST_F(AssessmentOnServer, EveryTableIndexAndViewWithRowsHasItsType) {
  sql(kAwkward);
  gather();
  std::map<std::string, std::string> types;
  for (const Row& row : rows("object-type-mapping.csv")) {
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
  for (const Row& row : rows("index-to-table-mapping.csv")) tables[row[2]] = row[4];
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
  for (const Row& row : rows("table-columns-count.csv")) counts[row[2]] = row[3] + " " + row[4];
  EXPECT_EQ(header_, "source_node,schema_name,object_name,object_type,column_count");
  EXPECT_EQ(counts["<script>"], "table 13");
  EXPECT_EQ(counts["bare"], "table 0");
  EXPECT_EQ(counts["ind\"ex"], "index 3");
  EXPECT_EQ(counts["mv"], "materialized view 2");
  EXPECT_EQ(counts["parted_k"], "partitioned index 1");

  std::vector<std::string> types;
  for (const Row& row : rows("table-columns-data-types.csv")) {
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
  std::vector<Row> expected;
  const Result found = admin_->query(
      "SELECT table_name, column_name, CASE WHEN domain_name IS NOT NULL THEN domain_name "
      "WHEN data_type = 'USER-DEFINED' THEN udt_schema || '.' || udt_name WHEN data_type = 'ARRAY' THEN '[]' "
      "ELSE data_type END FROM information_schema.columns WHERE table_schema = $1 "
      "ORDER BY table_name COLLATE \"C\", ordinal_position",
      {schema_.catalog_text()}, "compare");
  const std::vector<Row> types = rows("table-columns-data-types.csv");
  ASSERT_THAT(types, SizeIs(found.rows()));
  for (int i = 0; i < found.rows(); ++i) {
    const Row& row = types[static_cast<std::size_t>(i)];
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
  for (const Row& row : rows("table-index-sizes.csv")) sizes[row[2]] = row[3] + " " + row[4];
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
  std::map<std::string, Row> found;
  for (const Row& row : rows("column_statistics.csv")) {
    EXPECT_TRUE(found.emplace(row[2] + "." + row[3], Row(row.begin() + 4, row.end())).second) << row[2] << row[3];
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
      stop_.sleep_for(std::chrono::milliseconds(10));
  };
  const std::string of_t = "FROM pg_stat_user_tables WHERE relname = 't' AND schemaname = current_schema";
  write("INSERT INTO t SELECT generate_series(1, 100); DELETE FROM t WHERE id > 90",
        "(SELECT n_tup_del = 10 " + of_t + ")");
  make_assessment_source(options_)->gather(
      {.folder = folder_, .node = "primary"},
      [&](std::string_view step) {
        steps_.emplace_back(step);
        if (step == "table-index-iops-final.csv")
          write("SET enable_seqscan = off; UPDATE t SET id = -id WHERE id = 5",
                "(SELECT n_tup_upd = 1 AND idx_scan > 0 " + of_t + ")");
      },
      stop_);
  std::map<std::string, Row> load;
  for (const char* file : {"table-index-iops-initial.csv", "table-index-iops-final.csv"}) {
    for (const Row& row : rows(file)) load[row[6] + " " + row[2]] = Row(row.begin() + 3, row.begin() + 6);
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
  std::map<std::string, Row> use;
  for (const Row& row : rows("table-index-usage-stats.csv")) use[row[2]] = Row(row.begin() + 3, row.end());
  EXPECT_EQ(header_, "source_node,schema_name,object_name,object_type,parent_table_name,scans,inserts,updates,deletes");
  EXPECT_EQ(use["t"][1], "");
  EXPECT_THAT(Row(use["t"].begin() + 3, use["t"].end()), ElementsAre("100", "1", "10"));
  EXPECT_THAT(use["t_pkey"][1], "t");
  EXPECT_GT(std::stoi(use["t_pkey"][2]) + std::stoi(use["by_id"][2]), 0);
  std::map<std::string, std::string> counts;
  for (const Row& row : rows("table-row-counts.csv")) counts[row[2]] = row[3];
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
  const std::string text = base::read_file(fs::path(__FILE__).parent_path() / "testdata" / "redundant_indexes.txt");
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
    for (const Row& row : rows("redundant-indexes.csv")) found += row[3] + " -> " + row[6] + "\n";
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
  EXPECT_THROW(source->gather(
                   {.folder = folder_, .node = "primary", .load_interval = std::chrono::seconds(60)},
                   [&](std::string_view step) {
                     if (step == "table-index-iops-final.csv") stop_.request_drain(SIGINT);
                   },
                   stop_),
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
    source->gather(
        {.folder = folder_, .node = "primary"},
        [&](std::string_view step) {
          if (step != "table-index-sizes.csv") return;
          later = std::thread([&] {
            base::Stop().sleep_for(std::chrono::milliseconds(300));
            stop_.request_drain(SIGINT);
          });
        },
        stop_);
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
    source->gather(
        {.folder = folder_, .node = "primary", .queries = true}, [](std::string_view) {}, stop_);
    ADD_FAILURE() << "no error";
  } catch (const base::Error& error) {
    EXPECT_THAT(error.info().title, HasSubstr("db-queries-summary.csv"));
    EXPECT_EQ(error.info().sqlstate, "42P01");
  }
}

TEST_F(AssessmentOnServer, ChecksOfAnAdministratorFindOnlyMissingStatistics) {
  sql("CREATE TABLE t (id int); CREATE VIEW v AS SELECT 1");
  EXPECT_THAT(titles(make_assessment_source(options_)->check(true)), ElementsAre(HasSubstr("was ever analyzed")));
  EXPECT_THAT(make_assessment_source(options_)->check(false), IsEmpty());
  sql("ANALYZE t");
  EXPECT_THAT(make_assessment_source(options_)->check(true), IsEmpty());
}

TEST_F(AssessmentOnServer, ChecksOfAUserWithoutRights) {
  sql("CREATE TABLE t (id int); ANALYZE t");
  model::ConnectionOptions weak = role();
  sql("ALTER ROLE " + weak.user + " SET track_counts = off");
  const auto found = make_assessment_source(weak)->check(true);
  EXPECT_THAT(titles(found), testing::AllOf(Contains(HasSubstr("fatal: no right to use schema")),
                                            Contains(HasSubstr("fatal: no right to read 1 tables")),
                                            Contains("the server does not count reads and writes")));
  EXPECT_THAT(titles(make_assessment_source(weak)->check(false)),
              ElementsAre("the server does not count reads and writes"));
  weak.schemas = {Identifier("not there")};
  EXPECT_THAT(titles(make_assessment_source(weak)->check(true)),
              Contains("fatal: the source has no schema \"not there\""));
}

TEST_F(AssessmentOnServer, WhatIsMissingToReadQueriesIsToldStepByStep) {
  const model::ConnectionOptions weak = role();
  const auto cause = [&] {
    const std::vector<model::Finding> found = make_assessment_source(weak)->check_queries();
    return found.empty() ? std::string() : found[0].cause;
  };
  EXPECT_THAT(cause(), HasSubstr("not installed"));
  sql("CREATE SCHEMA \"stat s\"; CREATE EXTENSION pg_stat_statements SCHEMA \"stat s\"");
  EXPECT_THAT(cause(), HasSubstr("no right to use schema \"stat s\""));
  sql("GRANT USAGE ON SCHEMA \"stat s\" TO " + weak.user);
  EXPECT_THAT(cause(), HasSubstr("pg_read_all_stats"));
  sql("GRANT pg_read_all_stats TO " + weak.user);
  EXPECT_EQ(cause(), "");
  sql("REVOKE SELECT ON \"stat s\".pg_stat_statements FROM PUBLIC");
  EXPECT_THAT(cause(), HasSubstr("permission denied"));
}

TEST_F(AssessmentOnServer, ReplicasAndIdentity) {
  if (std::getenv("VOY_TEST_PG_REPLICA") == nullptr) GTEST_SKIP() << "VOY_TEST_PG_REPLICA is not set: no replica";
  const auto primary = make_assessment_source(options_);
  const std::vector<connector::NodeAddress> found = primary->replicas();
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].host, "127.0.0.1");
  EXPECT_EQ(found[0].port, 5432);
  const connector::NodeIdentity own = primary->identity();
  EXPECT_FALSE(own.replica);
  EXPECT_THAT(own.system, testing::MatchesRegex("[0-9]+"));

  const auto replica = make_assessment_source(server_of("VOY_TEST_PG_REPLICA"));
  EXPECT_TRUE(replica->identity().replica);
  EXPECT_EQ(replica->identity().system, own.system);
  EXPECT_THAT(replica->replicas(), IsEmpty());
  EXPECT_EQ(replica->version_text(), primary->version_text());

  const model::ConnectionOptions weak = role();
  EXPECT_THAT(make_assessment_source(weak)->replicas(), IsEmpty());
  EXPECT_THAT(titles(make_assessment_source(weak)->check(true)), Contains(HasSubstr("may not see")));
  sql("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC");
  EXPECT_EQ(make_assessment_source(weak)->identity().system, "");
}

TEST_F(AssessmentOnServer, AReplicaIsGatheredLikeThePrimary) {
  if (std::getenv("VOY_TEST_PG_REPLICA") == nullptr) GTEST_SKIP() << "VOY_TEST_PG_REPLICA is not set: no replica";
  sql(kAwkward);
  sql("CREATE EXTENSION pg_stat_statements SCHEMA public");
  gather();
  const std::vector<Row> expected = rows("object-type-mapping.csv");
  fs::remove_all(folder_);
  fs::create_directories(folder_);
  model::ConnectionOptions replica = server_of("VOY_TEST_PG_REPLICA");
  const std::string position = admin_->query("SELECT pg_current_wal_lsn()", "look").string(0, 0);
  {
    Connection there(replica);
    for (int i = 0; i < 1000; ++i) {
      if (there.query("SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn", {position}, "look").boolean(0, 0)) break;
      stop_.sleep_for(std::chrono::milliseconds(10));
    }
  }
  replica.database = options_.database;
  replica.schemas = options_.schemas;
  {
    const auto source = make_assessment_source(replica);
    EXPECT_THAT(source->check(false), IsEmpty());
    EXPECT_THAT(source->check_queries(), IsEmpty());
    source->gather(
        {.folder = folder_, .node = "n,1", .queries = true}, [](std::string_view) {}, stop_);
  }
  EXPECT_EQ(rows("object-type-mapping.csv"), expected);
  EXPECT_TRUE(fs::exists(folder_ / "db-queries-summary.csv"));
}

TEST_F(AssessmentOnServer, QueriesOfThisDatabaseOnly) {
  sql("CREATE SCHEMA \"stat s\"; CREATE EXTENSION pg_stat_statements SCHEMA \"stat s\"");
  sql("CREATE TABLE mine (id int)");
  for (int i = 0; i < 3; ++i) sql("SELECT id + " + std::to_string(i) + " FROM mine WHERE id = 5");
  Connection(server_of("VOY_TEST_PG")).run("SELECT 'another database', 1 + 1 AS elsewhere", "ask");
  gather(true);
  bool found = false;
  for (const Row& row : rows("db-queries-summary.csv")) {
    EXPECT_THAT(row[1], testing::Not(HasSubstr("elsewhere")));
    found |= row[1].find("\"query\": \"SELECT id + $1 FROM mine WHERE id = $2\"") != std::string::npos;
  }
  EXPECT_EQ(header_, "source_node,pgss_data");
  EXPECT_TRUE(found);

  const auto source = make_query_statistics(options_);
  EXPECT_THAT(source->version_text(), testing::StartsWith("PostgreSQL 1"));
  EXPECT_THAT(source->check_queries(), IsEmpty());
  int calls = 0;
  for (const model::QueryStatistics& one : source->queries(stop_)) {
    if (one.query != "SELECT id + $1 FROM mine WHERE id = $2") continue;
    calls += static_cast<int>(one.calls);
    EXPECT_GT(one.total_ms, 0);
    EXPECT_LE(one.min_ms, one.mean_ms);
    EXPECT_LE(one.mean_ms, one.max_ms);
    EXPECT_FALSE(one.id.empty());
  }
  EXPECT_EQ(calls, 3);
}

}  // namespace
}  // namespace voyager::postgresql

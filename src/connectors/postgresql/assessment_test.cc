// Checks, replicas and queries of a source that is assessed. Needs a server: VOY_TEST_PG, and VOY_TEST_PG_REPLICA for
// its read replica.
#include "connectors/postgresql/assessment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <thread>

#include "base/error.h"
#include "connectors/postgresql/assessment_testing.h"
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
  std::optional<model::ConnectionOptions> replica_server = server_of("VOY_TEST_PG_REPLICA");
  if (!replica_server) GTEST_SKIP() << "VOY_TEST_PG_REPLICA is not set: no replica";
  const auto primary = make_assessment_source(options_);
  const std::vector<connector::NodeAddress> found = primary->replicas();
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].host, "127.0.0.1");
  EXPECT_EQ(found[0].port, 5432);
  const connector::NodeIdentity own = primary->identity();
  EXPECT_FALSE(own.replica);
  EXPECT_THAT(own.system, testing::MatchesRegex("[0-9]+"));

  const auto replica = make_assessment_source(*replica_server);
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
  std::optional<model::ConnectionOptions> replica_server = server_of("VOY_TEST_PG_REPLICA");
  if (!replica_server) GTEST_SKIP() << "VOY_TEST_PG_REPLICA is not set: no replica";
  sql(kAwkward);
  sql("CREATE EXTENSION pg_stat_statements SCHEMA public");
  gather();
  const std::vector<CsvRow> expected = rows("object-type-mapping.csv");
  fs::remove_all(folder_);
  fs::create_directories(folder_);
  model::ConnectionOptions& replica = *replica_server;
  const std::string position = admin_->query("SELECT pg_current_wal_lsn()", "look").string(0, 0);
  {
    Connection there(replica);
    for (int i = 0; i < 1000; ++i) {
      if (there.query("SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn", {position}, "look").boolean(0, 0)) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
  replica.database = options_.database;
  replica.schemas = options_.schemas;
  {
    const auto source = make_assessment_source(replica);
    EXPECT_THAT(source->check(false), IsEmpty());
    EXPECT_THAT(source->check_queries(), IsEmpty());
    source->gather({.folder = folder_, .node = "n,1", .queries = true}, [](std::string_view) {});
  }
  EXPECT_EQ(rows("object-type-mapping.csv"), expected);
  EXPECT_TRUE(fs::exists(folder_ / "db-queries-summary.csv"));
}

TEST_F(AssessmentOnServer, QueriesOfThisDatabaseOnly) {
  sql("CREATE SCHEMA \"stat s\"; CREATE EXTENSION pg_stat_statements SCHEMA \"stat s\"");
  sql("CREATE TABLE mine (id int)");
  for (int i = 0; i < 3; ++i) sql("SELECT id + " + std::to_string(i) + " FROM mine WHERE id = 5");
  Connection(*server_).run("SELECT 'another database', 1 + 1 AS elsewhere", "ask");
  gather(true);
  bool found = false;
  for (const CsvRow& row : rows("db-queries-summary.csv")) {
    EXPECT_THAT(row[1], testing::Not(HasSubstr("elsewhere")));
    found |= row[1].find("\"query\": \"SELECT id + $1 FROM mine WHERE id = $2\"") != std::string::npos;
  }
  EXPECT_EQ(header_, "source_node,pgss_data");
  EXPECT_TRUE(found);

  const auto source = make_query_statistics(options_);
  EXPECT_THAT(source->version_text(), testing::StartsWith("PostgreSQL 1"));
  EXPECT_THAT(source->check_queries(), IsEmpty());
  int calls = 0;
  for (const model::QueryStatistics& one : source->queries()) {
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

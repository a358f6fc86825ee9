// YugabyteDB as a target, against the stand-in (tests/yugabytedb_standin): a real server that answers as a cluster
// would.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "connectors/postgresql/entry.h"
#include "connectors/yugabytedb/entry.h"
#include "postgresql_bench.h"

namespace voyager::conformance {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class YugabyteTarget : public testing::Test {
 protected:
  void SetUp() override {
    bench_ = make_postgresql_bench();
    if (!bench_) GTEST_SKIP() << "VOY_TEST_PG names no server";
    options_ = bench_->target();
    const std::string database = fmt::format("voy_standin_{}", ::getpid());
    bench_->sql(model::Side::kTarget, "DROP DATABASE IF EXISTS " + database + " WITH (FORCE)");
    bench_->sql(model::Side::kTarget, "CREATE DATABASE " + database + " TEMPLATE template0 ENCODING 'UTF8'");
    options_.database = database;
    make_standin(options_);
    sql("CREATE TABLE public.t (id int, body text)");
  }
  void TearDown() override {
    if (bench_) bench_->sql(model::Side::kTarget, "DROP DATABASE IF EXISTS " + options_.database + " WITH (FORCE)");
  }
  void sql(const std::string& text) { postgresql::Connection(options_).run(text, "run"); }
  std::unique_ptr<connector::Target> target() { return connectors::yugabytedb_entry().target(options_); }
  static connector::BatchRequest request() {
    return {.table = {model::Identifier("public"), model::Identifier("t")},
            .columns = {{.name = model::Identifier("id")}, {.name = model::Identifier("body")}},
            .keys = {{.file_name = "f", .number = 1, .rows = 3}},
            .rows_expected = 3};
  }

  std::unique_ptr<PostgresqlBench> bench_;
  model::ConnectionOptions options_;
};

TEST_F(YugabyteTarget, IsRecognisedByItsVersion) {
  EXPECT_TRUE(connectors::yugabytedb_entry().recognises(options_));
  EXPECT_FALSE(connectors::postgresql_entry().recognises(options_));
  EXPECT_FALSE(connectors::yugabytedb_entry().recognises(bench_->target()));
  EXPECT_TRUE(connectors::postgresql_entry().recognises(bench_->target()));
}

TEST_F(YugabyteTarget, TellsItsTraits) {
  const model::TargetTraits traits = target()->preflight()->traits();
  EXPECT_EQ(traits.version_text, "YugabyteDB 2025.2.3.0");
  EXPECT_TRUE(traits.distributed);
  EXPECT_TRUE(traits.indexes_before_rows);
  EXPECT_EQ(traits.default_batch_rows, 20'000);
  EXPECT_EQ(traits.nodes, 3);
  EXPECT_GT(traits.default_connections, 0);
  EXPECT_THAT(traits.notes, IsEmpty());
}

TEST_F(YugabyteTarget, AHostThatIsNoNodeIsNotedAsLoadBalancer) {
  sql("UPDATE yb_standin.server SET host = '10.255.255.1'");
  const model::TargetTraits traits = target()->preflight()->traits();
  ASSERT_THAT(traits.notes, SizeIs(1));
  EXPECT_THAT(traits.notes[0], HasSubstr("load balancer"));
  EXPECT_EQ(traits.nodes, 3);
}

TEST_F(YugabyteTarget, LoadsRowsWithoutWhatItsGrammarLacks) {
  const std::string migration = new_migration();
  const auto cluster = target();
  ASSERT_TRUE(cluster->admin(migration)->note_run("an importer", "a run", ""));
  const auto loader = cluster->loader(migration, connector::LoadingRun{.importer = "an importer", .run = "a run"});
  TextStream rows(numbered_rows(3));
  EXPECT_EQ(std::get<connector::RowsIn>(loader->import(request(), rows)).rows, 3U);
  loader->flush();
  EXPECT_FALSE(cluster->admin(migration)->primary_key_rebuild(request().table));
  cluster->admin(migration)->drop_bookkeeping();
}

TEST_F(YugabyteTarget, ARefusalThatPassesIsWorthATry) {
  const std::string migration = new_migration();
  const auto cluster = target();
  cluster->admin(migration)->create_bookkeeping();
  const auto loader = cluster->loader(migration, {});
  sql("SELECT yb_standin.fail_next('public.t', 'XX000', 'schema version mismatch for table 1: expected 1, got 0', 1)");
  TextStream first(numbered_rows(3));
  try {
    loader->import(request(), first);
    ADD_FAILURE() << "the stand-in was told to refuse";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.info().retry, base::Retry::kNow);
    EXPECT_FALSE(error.info().connection_lost);
  }
  TextStream second(numbered_rows(3));
  EXPECT_EQ(std::get<connector::RowsIn>(loader->import(request(), second)).rows, 3U);
}

TEST_F(YugabyteTarget, QueriesAreSummedOverAllNodes) {
  sql("CREATE EXTENSION pg_stat_statements SCHEMA public; CREATE TABLE public.asked (id int)");
  sql("SELECT count(*) AS of_ours FROM public.asked WHERE id = 7");
  const auto calls = [&](connector::QueryStatisticsSource& source) {
    std::int64_t sum = 0;
    for (const model::QueryStatistics& one : source.queries())
      sum += one.query.find("of_ours") == std::string::npos ? 0 : one.calls;
    return sum;
  };
  const auto source = connectors::yugabytedb_entry().query_statistics(options_);
  EXPECT_EQ(source->version_text(), "YugabyteDB 2025.2.3.0");
  EXPECT_THAT(source->check_queries(), IsEmpty());
  EXPECT_EQ(calls(*source), 3) << "the stand-in's three nodes are one server";
  sql("UPDATE yb_standin.server SET port = 1 WHERE uuid = 'node-3'");
  const auto cut = connectors::yugabytedb_entry().query_statistics(options_);
  EXPECT_THROW(calls(*cut), base::Error) << "a share of the calls would be missing";
}

TEST_F(YugabyteTarget, ANodeThatIsDownIsPassedOver) {
  sql("UPDATE yb_standin.server SET port = 1 WHERE uuid <> 'node-3'");
  const auto cluster = target();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(cluster->loader(new_migration(), {}) != nullptr);
}

TEST_F(YugabyteTarget, GivenEndpointsAreUsedInTurn) {
  options_.endpoints = {fmt::format("{}:{}", options_.host, options_.port), options_.host + ":1"};
  sql("UPDATE yb_standin.server SET host = '127.0.0.99'");
  const auto cluster = target();
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(cluster->schema() != nullptr);
}

TEST_F(YugabyteTarget, TellsHowBusyTheClusterIs) {
  const auto cluster = target();
  std::optional<connector::ClusterLoad> load = cluster->load();
  ASSERT_TRUE(load);
  EXPECT_NEAR(load->cpu_percent_max, 15, 0.01);
  EXPECT_FALSE(load->memory_above_limit);
  EXPECT_THAT(load->nodes_down, IsEmpty());
  EXPECT_THAT(load->replication, IsEmpty());
  sql("UPDATE yb_standin.metric SET cpu_user = 0.9 WHERE uuid = 'node-2';"
      "UPDATE yb_standin.metric SET memory_available = 1 WHERE uuid = 'node-1';"
      "UPDATE yb_standin.metric SET status = 'DOWN' WHERE uuid = 'node-3'");
  load = cluster->load();
  EXPECT_NEAR(load->cpu_percent_max, 95, 0.01);
  EXPECT_TRUE(load->memory_above_limit);
  EXPECT_THAT(load->nodes_down, ElementsAre("node-3"));
}

}  // namespace
}  // namespace voyager::conformance

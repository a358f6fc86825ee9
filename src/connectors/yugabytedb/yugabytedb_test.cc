#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connectors/yugabytedb/cluster.h"
#include "connectors/yugabytedb/errors.h"
#include "connectors/yugabytedb/queries.h"
#include "connectors/yugabytedb/target.h"

namespace voyager::yugabytedb {
namespace {

using base::Retry;
using testing::ElementsAre;

const std::vector<Node> kNodes = {{"10.0.0.1", 5433, "1.1.1.1"}, {"10.0.0.2", 5434, ""}, {"10.0.0.3", 0, "1.1.1.3"}};

TEST(TopologyTest, ANodeBringsAllNodes) {
  const Topology topology = choose_topology({.host = "10.0.0.2"}, 5433, kNodes);
  EXPECT_FALSE(topology.load_balancer);
  EXPECT_EQ(topology.nodes, 3);
  EXPECT_THAT(topology.endpoints, ElementsAre("10.0.0.1:5433", "10.0.0.2:5434", "10.0.0.3:5433"));
}

TEST(TopologyTest, PublicAddressesOnDemand) {
  const Topology topology = choose_topology({.host = "1.1.1.1", .use_public_ip = true}, 5433, kNodes);
  EXPECT_THAT(topology.endpoints, ElementsAre("1.1.1.1:5433", "10.0.0.2:5434", "1.1.1.3:5433"));
}

TEST(TopologyTest, AStrangerIsALoadBalancer) {
  const Topology topology = choose_topology({.host = "10.9.9.9"}, 6000, kNodes);
  EXPECT_TRUE(topology.load_balancer);
  EXPECT_EQ(topology.nodes, 3);
  EXPECT_THAT(topology.endpoints, ElementsAre("10.9.9.9:6000"));
}

TEST(TopologyTest, GivenEndpointsWin) {
  const Topology topology = choose_topology({.host = "10.9.9.9", .endpoints = {"a:1", "b"}}, 5433, kNodes);
  EXPECT_FALSE(topology.load_balancer);
  EXPECT_THAT(topology.endpoints, ElementsAre("a:1", "b"));
}

TEST(TopologyTest, ANameIsComparedByItsAddresses) {
  EXPECT_FALSE(choose_topology({.host = "localhost"}, 5433, {{"127.0.0.1", 5433, ""}}).load_balancer);
}

TEST(TopologyTest, NoNodesMeansTheGivenHost) {
  EXPECT_THAT(choose_topology({.host = "h"}, 5433, {}).endpoints, ElementsAre("h:5433"));
}

TEST(QueryEndpointsTest, EveryNodeIsAskedItself) {
  const std::vector<Node> nodes = {{"10.0.0.1", 5433, "1.1.1.1"}, {"10.0.0.2", 0, ""}};
  EXPECT_THAT(query_endpoints({.host = "balancer", .port = 6000}, nodes),
              ElementsAre("10.0.0.1:5433", "10.0.0.2:6000"));
  EXPECT_THAT(query_endpoints({.port = 5433, .use_public_ip = true}, nodes),
              ElementsAre("1.1.1.1:5433", "10.0.0.2:5433"));
  EXPECT_THAT(query_endpoints({.endpoints = {"a:1"}}, nodes), ElementsAre("a:1"));
  EXPECT_THAT(query_endpoints({.host = "::1", .port = 5433}, {}), ElementsAre("[::1]:5433"));
}

TEST(DefaultConnectionsTest, AQuarterOfTheCores) {
  EXPECT_EQ(default_connections(48, 3), 12);
  EXPECT_EQ(default_connections(2, 1), 1);
  EXPECT_EQ(default_connections(4, 3), 3) << "no node is left idle";
  EXPECT_EQ(default_connections(0, 3), 12) << "16 cores a node are assumed";
}

TEST(ProductVersionTest, OnlyYugabyteSaysSo) {
  EXPECT_EQ(product_version("PostgreSQL 15.2-YB-2025.2.3.0-b0 on x86_64"), "YugabyteDB 2025.2.3.0");
  EXPECT_EQ(product_version("PostgreSQL 15.6 (Debian 15.6-1)"), "");
}

TEST(SessionSettingsTest, GoldenText) {
  EXPECT_THAT(session_settings("-- note\nSET yb_enable_upsert_mode TO true;\n\n  SET x = 1;\n"),
              ElementsAre("SET default_transaction_isolation TO 'repeatable read'",
                          "SET yb_enable_upsert_mode TO true;", "SET x = 1;"));
}

TEST(FlavourTest, OnlyAServerThatListsTheSettingGetsRowsPerTransaction) {
  EXPECT_FALSE(flavour_of({}, "").rows_per_transaction);
  EXPECT_TRUE(flavour_of({"yb_default_copy_from_rows_per_transaction"}, "").rows_per_transaction);
  EXPECT_FALSE(flavour_of({}, "").asynchronous_commit);
  EXPECT_FALSE(flavour_of({}, "").rebuilds_keys);
}

TEST(FlavourTest, CopyGoldenText) {
  const connector::BatchRequest request{.table = {model::Identifier("public"), model::Identifier("t")},
                                        .columns = {{.name = model::Identifier("id")}},
                                        .rows_expected = 20'000};
  const postgresql::Flavour flavour = flavour_of({"yb_default_copy_from_rows_per_transaction"}, "");
  EXPECT_EQ(postgresql::copy_in_statement(
                request, {.destination = "\"public\".\"t\"", .rows_per_transaction = flavour.rows_per_transaction}),
            "COPY \"public\".\"t\" (\"id\") FROM STDIN WITH (ROWS_PER_TRANSACTION 20000)");
}

TEST(QueriesTest, FunctionsAreAskedWithoutTheirSchema) {
  EXPECT_THAT(std::string(queries::kServers), testing::HasSubstr("FROM yb_servers()"));
  EXPECT_THAT(std::string(queries::kMetrics), testing::HasSubstr("FROM yb_servers_metrics()"));
}

TEST(JudgeTest, TextsOfADistributedServer) {
  struct Case {
    const char* sqlstate;
    const char* message;
    Retry retry;
  };
  const Case cases[] = {
      {"40001", "Restart read required at: { read: { physical: 1 } }", Retry::kNow},
      {"40001", "could not serialize access due to concurrent update", Retry::kNow},
      {"40P01", "deadlock detected", Retry::kAfterPeers},
      {"XX000", "0x7f conflicts with higher priority transaction: 5b", Retry::kAfterPeers},
      {"40001", "could not serialize access: conflicts with higher priority transaction", Retry::kAfterPeers},
      {"XX000", "schema version mismatch for table 000033e8: expected 1, got 0", Retry::kNow},
      {"XX000", "The catalog snapshot used for this transaction has been invalidated: MISMATCHED_SCHEMA", Retry::kNow},
      {"XX000", "Sending too long RPC message (300000000 bytes)", Retry::kNever},
      {"25P02", "Transaction aborted: kAborted. current transaction is expired or aborted by a conflict",
       Retry::kAfterPeers},
      {"XX000", "something odd", Retry::kAfterPeers},
      {"23505", "duplicate key value violates unique constraint", Retry::kNever},
      {"53300", "sorry, too many clients already", Retry::kAfterPeers},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(judge({.sqlstate = one.sqlstate, .message = one.message}).retry, one.retry) << one.message;
  }
}

}  // namespace
}  // namespace voyager::yugabytedb

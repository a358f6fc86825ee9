#include "connectors/postgresql/pipeline.h"

#include <gtest/gtest.h>

#include "connectors/postgresql/server_testing.h"

namespace voyager::postgresql {
namespace {

class PipelineOnServer : public testing::Test {
 protected:
  void SetUp() override {
    const std::optional<model::ConnectionOptions> server = server_of("VOY_TEST_PG");
    if (!server) GTEST_SKIP() << "VOY_TEST_PG is not set: no server to ask";
    options_ = *server;
  }

  model::ConnectionOptions options_ = {};
};

void expect_lost(Pipeline& pipeline) {
  std::vector<std::uint64_t> touched;
  try {
    (void)pipeline.finish(touched, "try");
    ADD_FAILURE() << "answered";
  } catch (const base::Error& error) {
    EXPECT_TRUE(error.info().connection_lost);
    EXPECT_NE(error.info().retry, base::Retry::kNever) << error.what();
  }
}

TEST_F(PipelineOnServer, EveryStatementIsAnsweredInItsOrder) {
  Connection connection(options_);
  Pipeline pipeline(connection);
  std::vector<std::uint64_t> touched;
  EXPECT_FALSE(pipeline.finish(touched, "do nothing"));
  pipeline.query("BEGIN");
  pipeline.query("CREATE TEMP TABLE piped (n int) ON COMMIT DROP");
  pipeline.prepare_arrays("fill", "INSERT INTO piped SELECT unnest($1)::int", 1);
  // {1, 2}, as the wire has it.
  const std::string array("\0\0\0\1\0\0\0\0\0\0\0\x19\0\0\0\2\0\0\0\1\0\0\0\1\x31\0\0\0\1\x32", 30);
  pipeline.execute_arrays("fill", std::vector{array});
  pipeline.query("UPDATE piped SET n = n + $1::int WHERE n = 1", {"5"});
  pipeline.query("SELECT FROM piped");
  EXPECT_EQ(pipeline.statements(), 6U);
  EXPECT_GT(pipeline.bytes(), 100U);
  ASSERT_FALSE(pipeline.finish(touched, "try"));
  EXPECT_EQ(touched, (std::vector<std::uint64_t>{0, 0, 0, 2, 1, 2}));
  EXPECT_EQ(connection.query("SELECT sum(n) FROM piped", "add").number(0, 0), 8);
  pipeline.query("COMMIT");
  EXPECT_FALSE(pipeline.finish(touched, "try"));
  EXPECT_FALSE(connection.in_transaction());
}

TEST_F(PipelineOnServer, NothingBehindARefusalIsDone) {
  Connection connection(options_);
  connection.run("CREATE TEMP TABLE piped (n int)", "prepare");
  Pipeline pipeline(connection);
  for (const char* sql :
       {"BEGIN", "INSERT INTO piped VALUES (1)", "SELECT 1 / 0", "INSERT INTO piped VALUES (2)", "COMMIT"})
    pipeline.query(sql);
  std::vector<std::uint64_t> touched;
  const std::optional<ServerFault> fault = pipeline.finish(touched, "try");
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->sqlstate, "22012");
  EXPECT_EQ(touched, (std::vector<std::uint64_t>{0, 1}));
  EXPECT_TRUE(connection.in_transaction());
  connection.rollback();
  EXPECT_EQ(connection.query("SELECT count(*) FROM piped", "count").number(0, 0), 0);
}

TEST_F(PipelineOnServer, ManyLargeStatementsAndAnswersDoNotWaitForOneAnother) {
  Connection connection(options_);
  Pipeline pipeline(connection);
  const std::string large(256 * 1024, 'x');
  for (int i = 0; i < 64; ++i) pipeline.query("SELECT $1::text", {large});
  std::vector<std::uint64_t> touched;
  EXPECT_FALSE(pipeline.finish(touched, "try"));
  EXPECT_EQ(touched, std::vector<std::uint64_t>(64, 1));
}

TEST_F(PipelineOnServer, OneThatIsGivenUpOrLostLeavesTheConnectionOfNoUse) {
  Connection connection(options_);
  {
    Pipeline pipeline(connection);
    pipeline.query("SELECT 1");
  }
  EXPECT_FALSE(connection.healthy());

  Connection other(options_);
  Pipeline pipeline(other);
  pipeline.query("SELECT pg_terminate_backend(pg_backend_pid())");
  pipeline.query("SELECT 1");
  expect_lost(pipeline);
}

TEST_F(PipelineOnServer, AConnectionThatIsLostBehindARefusalIsLost) {
  Connection connection(options_), other(options_);
  Pipeline pipeline(connection);
  const std::string pid = connection.query("SELECT pg_backend_pid()", "ask").string(0, 0);
  pipeline.query("SELECT 1 / 0");
  const auto gone = [&] {
    return other.query("SELECT count(*) FROM pg_stat_activity WHERE pid = $1::int", {pid}, "look").number(0, 0) == 0;
  };
  other.query("SELECT pg_terminate_backend($1::int)", {pid}, "end it");
  for (int i = 0; i < 1'000 && !gone(); ++i) other.query("SELECT pg_sleep(0.01)", "wait");
  expect_lost(pipeline);
}

}  // namespace
}  // namespace voyager::postgresql

#include "connectors/postgresql/connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <functional>
#include <thread>

#include "connectors/postgresql/server_testing.h"

namespace voyager::postgresql {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::HasSubstr;

class ConnectionOnServer : public testing::Test {
 protected:
  void SetUp() override {
    const std::optional<model::ConnectionOptions> server = server_of("VOY_TEST_PG");
    if (!server) GTEST_SKIP() << "VOY_TEST_PG is not set: no server to ask";
    options_ = *server;
    options_.stop = &stop_;
  }

  // What `work` throws when the run is cancelled while it waits for the server.
  base::ErrorInfo cancelled(const std::function<void()>& work) {
    const auto begin = steady_clock::now();
    std::thread later([this, worker = ::gettid()] {
      wait_until_it_waits(worker);
      stop_.request_cancel();
    });
    base::ErrorInfo info;
    try {
      work();
      ADD_FAILURE() << "no error";
    } catch (const base::Error& error) {
      info = error.info();
    }
    later.join();
    EXPECT_LT(steady_clock::now() - begin, milliseconds(4'000));
    return info;
  }

  base::Stop stop_;
  model::ConnectionOptions options_ = {};
};

TEST_F(ConnectionOnServer, ItsQuestionsAreNotCompiled) {
  EXPECT_EQ(Connection(options_).query("SHOW jit", "ask").string(0, 0), "off");
}

TEST_F(ConnectionOnServer, ACancelledRunEndsAStatementAndLeavesTheConnectionUsable) {
  Connection connection(options_);
  connection.run("BEGIN", "begin");
  const base::ErrorInfo info = cancelled([&] { connection.query("SELECT pg_sleep(60)", "sleep"); });
  EXPECT_EQ(info.sqlstate, "57014");
  connection.rollback();
  EXPECT_FALSE(connection.in_transaction());
  EXPECT_EQ(connection.query("SELECT 42", "count").number(0, 0), 42);
}

TEST_F(ConnectionOnServer, ACancelledRunEndsACopyThatTheServerDoesNotTake) {
  model::ConnectionOptions unstopped = options_;
  unstopped.stop = nullptr;
  Connection blocker(unstopped);
  Connection connection(options_);
  blocker.run("CREATE TABLE connection_test (id int)", "make a table");
  blocker.run("BEGIN; LOCK TABLE connection_test", "lock it");
  // The server waits for the lock before it asks for rows.
  const base::ErrorInfo info = cancelled([&] { connection.copy_in("COPY connection_test FROM STDIN", "take rows"); });
  EXPECT_EQ(info.sqlstate, "57014");
  blocker.run("ROLLBACK; DROP TABLE connection_test", "tidy up");
}

TEST_F(ConnectionOnServer, ARunThatOnlyDrainsFinishesItsStatementsUnlessToldOtherwise) {
  Connection patient(options_);
  Connection hasty(options_, {.give_up = Connection::GiveUp::kWhenDraining});
  stop_.request_drain();
  EXPECT_EQ(patient.query("SELECT 42 FROM pg_sleep(0.1)", "sleep").number(0, 0), 42);
  EXPECT_THROW(hasty.query("SELECT pg_sleep(60)", "sleep"), base::Error);
}

TEST_F(ConnectionOnServer, AServerThatDoesNotEvenListenIsGivenUp) {
  model::ConnectionOptions unstopped = options_;
  unstopped.stop = nullptr;
  Connection other(unstopped);
  Connection connection(options_, {.patience = milliseconds(300)});
  const auto backend = static_cast<pid_t>(connection.query("SELECT pg_backend_pid()", "look").number(0, 0));
  if (::kill(backend, SIGSTOP) != 0) GTEST_SKIP() << "the server's processes are not ours to stop";
  const base::ErrorInfo info = cancelled([&] { connection.query("SELECT 1", "count"); });
  ::kill(backend, SIGCONT);
  EXPECT_TRUE(info.connection_lost);
  EXPECT_THAT(info.title, HasSubstr("did not give up"));
}

TEST_F(ConnectionOnServer, APauseEndsWithTheRun) {
  const Connection connection(options_);
  stop_.request_drain();
  const auto begin = steady_clock::now();
  EXPECT_FALSE(connection.pause(std::chrono::seconds(30)));
  EXPECT_LT(steady_clock::now() - begin, std::chrono::seconds(5));
}

}  // namespace
}  // namespace voyager::postgresql

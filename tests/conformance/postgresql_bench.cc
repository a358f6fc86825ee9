#include "postgresql_bench.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>

#include "base/files.h"
#include "connectors/postgresql/entry.h"
#include "connectors/postgresql/server_testing.h"
#include "connectors/yugabytedb/entry.h"

namespace voyager::conformance {
namespace {

using postgresql::Connection;

constexpr std::array kDatabases = {"source", "target", "standin", "standin_source"};

// The databases live as long as the test program.
class Server {
 public:
  static Server* get() {
    static const std::unique_ptr<Server> server = make();
    return server.get();
  }
  ~Server() {
    for (const char* one : kDatabases) {
      Connection(at("postgres")).run(fmt::format("DROP DATABASE IF EXISTS {} WITH (FORCE)", database(one)), "drop");
    }
  }
  model::ConnectionOptions options(model::Side side, Target target) const {
    const bool source = side == model::Side::kSource;
    const bool standin = target == Target::kYugabytedbStandin;
    model::ConnectionOptions out =
        at(database(standin ? (source ? "standin_source" : "standin") : (source ? "source" : "target")));
    out.side = side;
    return out;
  }
  int next_number() { return ++numbers_; }

 private:
  static std::unique_ptr<Server> make() {
    const auto options = postgresql::server_of("VOY_TEST_PG");
    if (!options) return nullptr;
    auto server = std::unique_ptr<Server>(new Server);
    server->options_ = *options;
    Connection admin(server->at("postgres"));
    for (const char* one : kDatabases) {
      admin.run(fmt::format("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'", database(one)), "create");
    }
    for (const char* one : {"standin", "standin_source"}) make_standin(server->at(database(one)));
    return server;
  }
  static std::string database(const char* one) { return fmt::format("voy_conformance_{}_{}", ::getpid(), one); }
  model::ConnectionOptions at(const std::string& database) const {
    model::ConnectionOptions out = options_;
    out.database = database;
    return out;
  }

  model::ConnectionOptions options_ = {.product = "postgresql"};
  int numbers_ = 0;
};

class RealBench final : public PostgresqlBench {
 public:
  RealBench(Server& server, Target kind)
      : server_(server),
        kind_(kind),
        schema_(fmt::format("S{}", server.next_number())),
        source_(server.options(model::Side::kSource, kind)),
        target_(server.options(model::Side::kTarget, kind)) {
    for (Connection* one : {&source_, &target_}) {
      const char* path = kind == Target::kYugabytedbStandin ? "yb_standin, pg_catalog, " : "";
      one->run(fmt::format("CREATE SCHEMA {0}; SET search_path = {1}{0}, public", model::quoted(schema_), path),
               "create");
    }
  }

  connector::ConnectorEntry entry() override {
    return kind_ == Target::kPostgresql ? connectors::postgresql_entry() : connectors::yugabytedb_entry();
  }
  model::ConnectionOptions source() override { return with_schema(model::Side::kSource); }
  model::ConnectionOptions target() override { return with_schema(model::Side::kTarget); }
  model::Identifier schema() override { return schema_; }
  model::TableName name(const std::string& table) override { return {schema_, model::Identifier(table)}; }
  model::TableName fresh_name() override { return name(fmt::format("T {}", ++names_)); }

  void make_source_table(const model::TableName& table, const std::vector<std::string>& rows) override {
    source_.run(fmt::format("CREATE TABLE {} (id int, body text)", model::quoted(table)), "create");
    source_.copy_in(fmt::format("COPY {} FROM STDIN", model::quoted(table)), "fill");
    source_.copy_in_data(base::join(rows, ""));
    EXPECT_TRUE(std::holds_alternative<std::uint64_t>(source_.copy_in_end()));
  }
  void write_source(const model::TableName& table, const std::string& row) override {
    source_.copy_in(fmt::format("COPY {} FROM STDIN", model::quoted(table)), "write");
    source_.copy_in_data(row);
    EXPECT_TRUE(std::holds_alternative<std::uint64_t>(source_.copy_in_end()));
  }
  void make_target_table(const model::TableName& table, bool with_key) override {
    target_.run(
        fmt::format("CREATE TABLE {} (id int {}, body text)", model::quoted(table), with_key ? "PRIMARY KEY" : ""),
        "create");
  }
  std::vector<std::string> target_rows(const model::TableName& table) override {
    const postgresql::Result rows =
        target_.query(fmt::format("SELECT id || E'\\t' || body || E'\\n' FROM {}", model::quoted(table)), "look");
    std::vector<std::string> out;
    for (int row = 0; row < rows.rows(); ++row) out.push_back(rows.string(row, 0));
    std::ranges::sort(out);
    return out;
  }
  std::string refused_row(const model::TableName&) override { return "x\trefused\n"; }

  model::TableName make_index(const model::TableName& table, bool valid) override {
    const model::TableName index = name(fmt::format("I {}", ++names_));
    target_.run(fmt::format("CREATE INDEX {} ON {} (id)", model::quoted(index.name), model::quoted(table)), "create");
    if (!valid) {
      target_.query("UPDATE pg_catalog.pg_index SET indisvalid = false WHERE indexrelid = $1::regclass",
                    {model::quoted(index)}, "leave it unfinished");
    }
    return index;
  }
  model::TableName make_view(const model::TableName& table) override {
    const model::TableName view = name(fmt::format("V {}", ++names_));
    target_.run(fmt::format("CREATE MATERIALIZED VIEW {} AS SELECT * FROM {} WITH NO DATA", model::quoted(view),
                            model::quoted(table)),
                "create");
    return view;
  }
  std::string statement_for_what_is_there(const model::TableName& table) override {
    return fmt::format("CREATE TABLE {} ()", model::quoted(table));
  }
  void ask_target(const std::string& query, int times) override {
    target_.run("CREATE EXTENSION IF NOT EXISTS pg_stat_statements WITH SCHEMA public", "count queries");
    for (int i = 0; i < times; ++i) target_.run(query, "ask");
  }
  void cut_connections(model::Side side) override {
    Connection& own = side == model::Side::kSource ? source_ : target_;
    own.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
        "AND pid <> pg_backend_pid()",
        "cut");
    // A backend dies at its next look at its signals; wait until all are gone.
    while (
        own.query(
               "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
               "AND backend_type = 'client backend'",
               "look")
            .number(0, 0) > 0) {
    }
  }
  void sql(model::Side side, const std::string& text) override {
    (side == model::Side::kSource ? source_ : target_).run(text, "run");
  }
  std::string value(model::Side side, const std::string& query) override {
    const postgresql::Result rows = (side == model::Side::kSource ? source_ : target_).query(query, "ask");
    return rows.rows() == 0 ? std::string() : rows.string(0, 0);
  }

 private:
  model::ConnectionOptions with_schema(model::Side side) {
    model::ConnectionOptions out = server_.options(side, kind_);
    out.schemas = {schema_};
    return out;
  }

  Server& server_;
  const Target kind_;
  const model::Identifier schema_;
  Connection source_;
  Connection target_;
  int names_ = 0;
};

}  // namespace

std::unique_ptr<PostgresqlBench> make_postgresql_bench(Target target) {
  Server* server = Server::get();
  return server == nullptr ? nullptr : std::make_unique<RealBench>(*server, target);
}

void make_standin(const model::ConnectionOptions& database) {
  Connection connection(database);
  connection.run(base::read_file(VOY_STANDIN_SQL), "make the stand-in");
  connection.run(fmt::format("ALTER DATABASE {} SET search_path = yb_standin, pg_catalog, public", database.database),
                 "make the stand-in");
  for (int node = 1; node <= 3; ++node) {
    connection.run(fmt::format("INSERT INTO yb_standin.server (host, port, zone, public_ip, uuid) VALUES ('{}', {}, "
                               "'z', 'p{}', 'node-{}'); INSERT INTO yb_standin.metric (uuid) VALUES ('node-{}')",
                               database.host, database.port, node, node, node),
                   "make the stand-in");
  }
}

}  // namespace voyager::conformance

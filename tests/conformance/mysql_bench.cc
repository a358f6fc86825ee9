// A MySQL or MariaDB server as a source.
#include <fmt/format.h>
#include <unistd.h>

#include "base/text.h"
#include "bench.h"
#include "connectors/mysql/connection.h"
#include "connectors/mysql/entry.h"
#include "connectors/postgresql/server_testing.h"

namespace voyager::conformance {
namespace {

using mysql::Connection;

class MySqlBench final : public SourceBench {
 public:
  explicit MySqlBench(const model::ConnectionOptions& server) : options_(server), own_(with_database(server, "mysql")) {
    static int benches = 0;
    options_.database = fmt::format("voy_conformance_{}_{}", ::getpid(), ++benches);
    own_.run("CREATE DATABASE " + mysql::quoted_name(options_.database) + " CHARACTER SET utf8mb4", "create");
    own_.run("USE " + mysql::quoted_name(options_.database), "use");
  }
  ~MySqlBench() override { own_.run("DROP DATABASE " + mysql::quoted_name(options_.database), "drop"); }
  MySqlBench(const MySqlBench&) = delete;
  MySqlBench& operator=(const MySqlBench&) = delete;

  connector::ConnectorEntry entry() override { return connectors::mysql_entry(); }
  model::ConnectionOptions source() override { return options_; }
  model::TableName fresh_name() override {
    return {options_.schemas.front(), model::Identifier(fmt::format("t {}", ++names_))};
  }
  void make_source_table(const model::TableName& name, const std::vector<std::string>& rows) override {
    own_.run(fmt::format("CREATE TABLE {} (id int PRIMARY KEY, body text)", table(name)), "create");
    constexpr std::size_t kRowsAtOnce = 5000;
    for (std::size_t from = 0; from < rows.size(); from += kRowsAtOnce) {
      std::vector<std::string> values;
      for (std::size_t i = from; i < std::min(from + kRowsAtOnce, rows.size()); ++i) values.push_back(value(rows[i]));
      own_.run(fmt::format("INSERT INTO {} VALUES {}", table(name), base::join(values, ", ")), "fill");
    }
  }
  void write_source(const model::TableName& name, const std::string& row) override {
    own_.run(fmt::format("INSERT INTO {} VALUES {}", table(name), value(row)), "write");
  }
  void cut_connections(model::Side) override {
    const auto others = [this] {
      return own_.query(
          "SELECT id FROM information_schema.processlist WHERE id <> connection_id() AND db = database() AND command "
          "<> 'Killed'",
          "look");
    };
    for (mysql::Result left = others(); left.rows() > 0; left = others()) {
      for (int row = 0; row < left.rows(); ++row) (void)own_.try_run("KILL " + left.string(row, 0), "cut");
    }
  }

 private:
  static model::ConnectionOptions with_database(model::ConnectionOptions options, const std::string& database) {
    options.database = database;
    return options;
  }
  static std::string table(const model::TableName& name) { return mysql::quoted_name(name.name.catalog_text()); }
  static std::string value(const std::string& row) {
    const std::size_t tab = row.find('\t');
    return fmt::format("({}, {})", row.substr(0, tab), mysql::quoted_text(row.substr(tab + 1, row.size() - tab - 2)));
  }

  model::ConnectionOptions options_;
  Connection own_;
  int names_ = 0;
};

}  // namespace

std::unique_ptr<SourceBench> make_mysql_bench(const char* variable) {
  std::optional<model::ConnectionOptions> server = postgresql::server_of(variable);
  if (!server) return nullptr;
  server->product = "mysql";
  server->side = model::Side::kSource;
  server->schemas = {model::Identifier("public")};
  return std::make_unique<MySqlBench>(*server);
}

}  // namespace voyager::conformance

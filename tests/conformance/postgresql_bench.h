// A real server as the place of a suite, and what the tests of the connector alone need of it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bench.h"
#include "connectors/postgresql/connection.h"

namespace voyager::conformance {

/// Two databases of the server named by VOY_TEST_PG (host=... port=... user=... [password=...], with spaces or commas),
/// made when first wanted and dropped when the process ends. Each bench has a schema of its own in both.
class PostgresqlBench : public Bench {
 public:
  /// Runs SQL on a side, as the server's administrator, in the bench's schema.
  virtual void sql(model::Side side, const std::string& text) = 0;
  virtual std::string value(model::Side side, const std::string& query) = 0;
  virtual model::Identifier schema() = 0;
  virtual model::TableName name(const std::string& table) = 0;
};

enum class Target : std::uint8_t {
  kPostgresql,
  kYugabytedbStandin,  ///< As connector and as database (tests/yugabytedb_standin), on three nodes that are one server.
};

/// Nothing, with the reason printed, when VOY_TEST_PG is not set.
std::unique_ptr<PostgresqlBench> make_postgresql_bench(Target target = Target::kPostgresql);

/// Makes an empty database of the server answer as a cluster of three nodes would.
void make_standin(const model::ConnectionOptions& database);

}  // namespace voyager::conformance

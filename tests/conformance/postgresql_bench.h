// A real server as the place of a suite, and what the tests of the connector alone need of it.
#pragma once

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

/// Nothing, with the reason printed, when VOY_TEST_PG is not set.
std::unique_ptr<PostgresqlBench> make_postgresql_bench();

}  // namespace voyager::conformance

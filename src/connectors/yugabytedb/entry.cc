#include "connectors/yugabytedb/entry.h"

#include "connectors/postgresql/comparison.h"
#include "connectors/postgresql/connection.h"
#include "connectors/yugabytedb/cluster.h"
#include "connectors/yugabytedb/query_statistics.h"
#include "connectors/yugabytedb/target.h"

namespace voyager::connectors {
connector::ConnectorEntry yugabytedb_entry() {
  return {.product = "yugabytedb",
          .default_port = yugabytedb::kDefaultPort,
          .target = yugabytedb::make_target,
          .query_statistics = yugabytedb::make_query_statistics,
          .comparable =
              [](const model::ConnectionOptions& options) {
                return postgresql::make_comparable(yugabytedb::with_defaults(options));
              },
          .recognises =
              [](const model::ConnectionOptions& options) {
                postgresql::Connection connection(options, yugabytedb::connection_extras());
                const std::string version = connection.query("SELECT version()", "tell its version").string(0, 0);
                return !yugabytedb::product_version(version).empty();
              }};
}

}  // namespace voyager::connectors

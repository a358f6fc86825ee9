#include "connectors/yugabytedb/entry.h"

#include "connectors/postgresql/comparison.h"
#include "connectors/postgresql/connection.h"
#include "connectors/yugabytedb/cluster.h"
#include "connectors/yugabytedb/target.h"

namespace voyager::connectors {
namespace {

model::ConnectionOptions with_defaults(model::ConnectionOptions options) {
  if (options.port == 0) options.port = yugabytedb::kDefaultPort;
  if (options.database.empty()) options.database = yugabytedb::kDefaultDatabase;
  return options;
}

}  // namespace

connector::ConnectorEntry yugabytedb_entry() {
  return {
      .product = "yugabytedb",
      .default_port = yugabytedb::kDefaultPort,
      .target = yugabytedb::make_target,
      .comparable =
          [](const model::ConnectionOptions& options) { return postgresql::make_comparable(with_defaults(options)); },
      .recognises =
          [](const model::ConnectionOptions& options) {
            postgresql::Connection connection(options, yugabytedb::connection_extras());
            const std::string version = connection.query("SELECT version()", "tell its version").string(0, 0);
            return !yugabytedb::product_version(version).empty();
          }};
}

}  // namespace voyager::connectors

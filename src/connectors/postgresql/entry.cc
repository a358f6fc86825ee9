#include "connectors/postgresql/entry.h"

#include "connectors/postgresql/comparison.h"
#include "connectors/postgresql/connection.h"
#include "connectors/postgresql/source.h"
#include "connectors/postgresql/target.h"

namespace voyager::connectors {

connector::ConnectorEntry postgresql_entry() {
  return {.product = "postgresql",
          .default_port = 5432,
          .source_preflight = postgresql::make_source_preflight,
          .schema_source = postgresql::make_schema_source,
          .snapshot_source = postgresql::make_snapshot_source,
          .target = postgresql::make_target,
          .comparable = postgresql::make_comparable,
          .recognises = [](const model::ConnectionOptions& options) {
            postgresql::Connection connection(options);
            const std::string version = connection.query("SELECT version()", "tell its version").string(0, 0);
            return version.find("-YB-") == std::string::npos;
          }};
}

}  // namespace voyager::connectors

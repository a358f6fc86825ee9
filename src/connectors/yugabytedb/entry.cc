#include "connectors/yugabytedb/entry.h"

#include "connectors/postgresql/comparison.h"
#include "connectors/postgresql/connection.h"
#include "connectors/postgresql/imported_counts.h"
#include "connectors/postgresql/source_changes.h"
#include "connectors/postgresql/target_changes.h"
#include "connectors/yugabytedb/cluster.h"
#include "connectors/yugabytedb/query_statistics.h"
#include "connectors/yugabytedb/target.h"

namespace voyager::connectors {
connector::ConnectorEntry yugabytedb_entry() {
  return {.product = "yugabytedb",
          .default_port = yugabytedb::kDefaultPort,
          .target = yugabytedb::make_target,
          .query_statistics = yugabytedb::make_query_statistics,
          .capture_setup =
              [](const model::ConnectionOptions& options, const std::string& migration) {
                return postgresql::make_capture_setup(yugabytedb::with_defaults(options), migration);
              },
          .capture_watch =
              [](const model::ConnectionOptions& options, const std::string& migration, const std::filesystem::path&) {
                return postgresql::make_capture_watch(yugabytedb::with_defaults(options), migration);
              },
          .change_source =
              [](const model::ConnectionOptions& options, const std::string& migration, const std::filesystem::path&) {
                return postgresql::make_change_source(yugabytedb::with_defaults(options),
                                                      postgresql::capture_names(migration), {});
              },
          .change_target =
              [](const model::ConnectionOptions& options, const std::string& migration) {
                return postgresql::make_change_target(
                    yugabytedb::with_defaults(options),
                    {.connection = yugabytedb::connection_extras(), .asynchronous_commit = false}, migration);
              },
          .imported_counts =
              [](const model::ConnectionOptions& options, const std::string& migration) {
                return postgresql::make_imported_counts(yugabytedb::with_defaults(options), migration);
              },
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

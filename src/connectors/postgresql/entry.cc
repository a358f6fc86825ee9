#include "connectors/postgresql/entry.h"

#include <string_view>

#include "connectors/postgresql/assessment.h"
#include "connectors/postgresql/comparison.h"
#include "connectors/postgresql/connection.h"
#include "connectors/postgresql/dump_reader.h"
#include "connectors/postgresql/imported_counts.h"
#include "connectors/postgresql/query_statistics.h"
#include "connectors/postgresql/source.h"
#include "connectors/postgresql/source_changes.h"
#include "connectors/postgresql/target.h"
#include "connectors/postgresql/target_changes.h"

namespace voyager::connectors {

connector::ConnectorEntry postgresql_entry() {
  return {
      .product = "postgresql",
      .default_port = 5432,
      .source_preflight = postgresql::make_source_preflight,
      .schema_source = postgresql::make_schema_source,
      .snapshot_source = postgresql::make_snapshot_source,
      .assessment_source = postgresql::make_assessment_source,
      .read_schema = [](std::string_view text) { return postgresql::read_dump(text, {}); },
      .target = postgresql::make_target,
      .query_statistics = postgresql::make_query_statistics,
      .capture_setup = postgresql::make_capture_setup,
      .capture_watch = [](const model::ConnectionOptions& options, const std::string& migration,
                          const std::filesystem::path&) { return postgresql::make_capture_watch(options, migration); },
      .change_source =
          [](const model::ConnectionOptions& options, const std::string& migration, const std::filesystem::path& dir) {
            return postgresql::make_change_source(options, postgresql::capture_names(migration), dir);
          },
      .change_target =
          [](const model::ConnectionOptions& options, const std::string& migration) {
            return postgresql::make_change_target(options, {}, migration);
          },
      .imported_counts = postgresql::make_imported_counts,
      .comparable = postgresql::make_comparable,
      .recognises =
          [](const model::ConnectionOptions& options) {
            postgresql::Connection connection(options);
            const std::string version = connection.query("SELECT version()", "tell its version").string(0, 0);
            return version.find("-YB-") == std::string::npos;
          }};
}

}  // namespace voyager::connectors

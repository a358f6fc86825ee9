#include "connectors/fake/entry.h"

#include "connectors/fake/assessment.h"
#include "connectors/fake/changes.h"
#include "connectors/fake/source.h"
#include "connectors/fake/target.h"

namespace voyager::connectors {

connector::ConnectorEntry fake_entry(const std::shared_ptr<fake::FakeWorld>& world) {
  return {.product = "fake",
          .source_preflight = [world](const model::ConnectionOptions&) { return fake::make_source_preflight(world); },
          .schema_source = [world](const model::ConnectionOptions&) { return fake::make_schema_source(world); },
          .snapshot_source = [world](const model::ConnectionOptions&) { return fake::make_snapshot_source(world); },
          .assessment_source =
              [world](const model::ConnectionOptions& options) { return fake::make_assessment_source(world, options); },
          .target = [world](const model::ConnectionOptions& options) { return fake::make_target(world, options.side); },
          .query_statistics =
              [world](const model::ConnectionOptions& options) { return fake::make_query_statistics(world, options); },
          .capture_setup =
              [world](const model::ConnectionOptions& options, const std::string& migration) {
                return fake::make_capture_setup(world, options.side, migration);
              },
          .change_source =
              [world](const model::ConnectionOptions& options, const std::string& migration,
                      const std::filesystem::path&) { return fake::make_change_source(world, options, migration); },
          .change_target =
              [world](const model::ConnectionOptions& options, const std::string& migration) {
                return fake::make_change_target(world, options.side, migration);
              },
          .imported_counts =
              [world](const model::ConnectionOptions& options, const std::string& migration) {
                return fake::make_imported_counts(world, options.side, migration);
              },
          .recognises = [](const model::ConnectionOptions&) { return true; }};
}

}  // namespace voyager::connectors

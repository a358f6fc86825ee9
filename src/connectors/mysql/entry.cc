#include "connectors/mysql/entry.h"

#include "connectors/mysql/source.h"
#include "connectors/mysql/source_changes.h"

namespace voyager::connectors {

connector::ConnectorEntry mysql_entry() {
  return {.product = "mysql",
          .default_port = 3306,
          .one_schema = true,
          .converts_types = true,
          .source_preflight = mysql::make_source_preflight,
          .schema_source = mysql::make_schema_source,
          .snapshot_source = mysql::make_snapshot_source,
          .assessment_source = mysql::make_assessment_source,
          .complete_metadata = mysql::complete_metadata,
          .capture_setup = mysql::make_capture_setup,
          .capture_watch = mysql::make_capture_watch,
          .change_source = mysql::make_change_source,
          .imported_counts = mysql::make_source_counts,
          .comparable = mysql::make_comparable};
}

}  // namespace voyager::connectors

#include "connectors/mysql/entry.h"

#include "connectors/mysql/source.h"

namespace voyager::connectors {

connector::ConnectorEntry mysql_entry() {
  return {.product = "mysql",
          .default_port = 3306,
          .one_schema = true,
          .source_preflight = mysql::make_source_preflight,
          .schema_source = mysql::make_schema_source,
          .snapshot_source = mysql::make_snapshot_source,
          .comparable = mysql::make_comparable};
}

}  // namespace voyager::connectors

// PostgreSQL's row of the product table.
#pragma once

#include "connector/connector.h"

namespace voyager::connectors {

connector::ConnectorEntry postgresql_entry();

}  // namespace voyager::connectors

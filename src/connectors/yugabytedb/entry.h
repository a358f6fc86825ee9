// YugabyteDB's row of the product table.
#pragma once

#include "connector/connector.h"

namespace voyager::connectors {

/// A target only.
connector::ConnectorEntry yugabytedb_entry();

}  // namespace voyager::connectors

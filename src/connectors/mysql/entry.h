// MySQL and MariaDB in the product table.
#pragma once

#include "connector/connector.h"

namespace voyager::connectors {

connector::ConnectorEntry mysql_entry();

}  // namespace voyager::connectors

// Whether a server takes writes.
#pragma once

#include <vector>

#include "connectors/postgresql/connection.h"
#include "model/connection.h"

namespace voyager::postgresql {

/// A standby, or a session that is read-only, is fatal.
void check_writable(Connection& connection, const model::ConnectionOptions& options, std::vector<model::Finding>& out);

}  // namespace voyager::postgresql

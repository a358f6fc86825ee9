// Checks before an import into YugabyteDB.
#pragma once

#include <memory>

#include "connector/target.h"
#include "connectors/postgresql/target.h"
#include "connectors/yugabytedb/cluster.h"

namespace voyager::yugabytedb {

std::unique_ptr<connector::TargetPreflight> make_preflight(const model::ConnectionOptions& node,
                                                           const Topology& topology);

}  // namespace voyager::yugabytedb

// The queries of a YugabyteDB cluster: every node notes its own.
#pragma once

#include <memory>

#include "connector/assessment.h"

namespace voyager::yugabytedb {

/// Asks one node for the others. Endpoints of the options come first; a load balancer in between is passed by, because
/// it would answer for one node only.
std::unique_ptr<connector::QueryStatisticsSource> make_query_statistics(const model::ConnectionOptions& options);

}  // namespace voyager::yugabytedb

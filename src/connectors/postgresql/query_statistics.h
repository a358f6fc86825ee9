// What a server noted of its queries: pg_stat_statements of any version.
#pragma once

#include <memory>
#include <vector>

#include "base/stop.h"
#include "connector/assessment.h"
#include "connectors/postgresql/connection.h"

namespace voyager::postgresql {

std::unique_ptr<connector::QueryStatisticsSource> make_query_statistics(const model::ConnectionOptions& options);

/// The finding that says why the notes cannot be read; nothing when they can.
std::vector<model::Finding> check_query_statistics(Connection& connection);

/// The notes of this one node, equal texts merged. Leaves settings behind in the session (gather/session.sql).
std::vector<model::QueryStatistics> read_query_statistics(Connection& connection);

}  // namespace voyager::postgresql

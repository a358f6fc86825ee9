// The checks before an assessment.
#pragma once

#include <vector>

#include "connectors/postgresql/connection.h"
#include "model/connection.h"

namespace voyager::postgresql {

/// What connector::AssessmentSource::check promises.
std::vector<model::Finding> check_assessment(Connection& connection, const model::ConnectionOptions& options,
                                             const std::vector<model::Identifier>& schemas, bool primary);

}  // namespace voyager::postgresql

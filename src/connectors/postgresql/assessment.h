// PostgreSQL as the source of an assessment. The queries are in gather/, where the script that gathers without this
// program has them from too.
#pragma once

#include <memory>

#include "connector/assessment.h"

namespace voyager::postgresql {

/// Connects at once.
std::unique_ptr<connector::AssessmentSource> make_assessment_source(const model::ConnectionOptions& options);

}  // namespace voyager::postgresql

// The fake source of an assessment, and the queries of both fake servers.
#pragma once

#include <memory>

#include "connector/assessment.h"
#include "connectors/fake/world.h"

namespace voyager::fake {

/// A node whose host and port are among the world's replicas is one; any other is the primary.
std::unique_ptr<connector::AssessmentSource> make_assessment_source(std::shared_ptr<FakeWorld> world,
                                                                    const model::ConnectionOptions& options);
/// Of the side that the options name.
std::unique_ptr<connector::QueryStatisticsSource> make_query_statistics(std::shared_ptr<FakeWorld> world,
                                                                        const model::ConnectionOptions& options);

}  // namespace voyager::fake

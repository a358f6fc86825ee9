// compare-performance: the queries that the assessment noted on the source, beside those of the target.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/stop.h"
#include "connector/connector.h"
#include "migration/state/migration_record.h"
#include "model/connection.h"
#include "model/performance_comparison.h"

namespace voyager::migration {

/// What the assessment noted of the application's queries on the source. Throws Error: CMP-003 there are none.
std::vector<model::QueryStatistics> assessed_queries(const std::filesystem::path& assessment_db);

/// Reads the application's queries on the target through `product`, matches `source` with them and ranks. Of the head,
/// the target's version, its database and the time are filled in; the rest is the caller's. Throws Error: CMP-004 the
/// target's queries cannot be read, CMP-005 there are none yet. Writes nothing.
model::PerformanceComparison compare_performance(const std::vector<model::QueryStatistics>& source,
                                                 const connector::ConnectorEntry& product,
                                                 const model::ConnectionOptions& target, const base::Stop& stop);

/// The source as the state and the assessment's report know it.
NotedDatabase compared_source(format::DocumentLedger& db, const std::filesystem::path& assessment_report);

/// Both reports of the last comparison were written (key PerformanceComparisonDone).
bool comparison_done(format::DocumentLedger& db);
/// False before the reports are replaced, true when both are on disk.
void note_comparison(format::DocumentLedger& db, bool done);

}  // namespace voyager::migration

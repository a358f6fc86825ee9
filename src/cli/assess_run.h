// Running an assessment and writing its reports: for assess-migration, and for export schema, which assesses first.
#pragma once

#include "cli/connections.h"
#include "cli/session.h"
#include "model/assessment.h"

namespace voyager::cli {

/// Writes migration_assessment_report.json and .html; all texts are made before the first file is touched, and reports
/// of an earlier run stay beside them as .bak. `anonymize`: also both without names, as *_anonymized.*.
void write_assessment_reports(Session& session, const model::Assessment& assessment, bool anonymize);

/// Assesses `source` without a pause and without a question, unless that was done before, the user does not want it
/// (--assess-schema-before-export false) or the target is a plain one, which gets none of the recommendations. What
/// goes wrong is told and does not stop the export; only a signal does.
void assess_before_export(Session& session, const Endpoint& source);

}  // namespace voyager::cli

// What `import data` and `import data file` share.
#pragma once

#include "cli/connections.h"
#include "cli/flow_run.h"
#include "migration/snapshot/import_data.h"

namespace voyager::cli {

/// Throws Error (kUsage) for combinations that cannot be meant.
void check_import_rows_flags(const Values& values);
/// `policy_flag` is --error-policy-snapshot or --error-policy.
migration::ImportDataOptions import_options(Session& session, std::string_view policy_flag);
/// Prints the tables, saves the summary; kRowsSetAside when rows were set aside.
base::ExitCode finish_import(Session& session, FlowRun& run, const migration::ImportDataReport& report, bool files);

}  // namespace voyager::cli

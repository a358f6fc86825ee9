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
/// What `rejects retry` runs again: keys of MetaDb's JSON objects. The first is {"command", "flags"}, the second has
/// the flags of each user's file; flags are pairs of name and text, as far as somebody gave them, without passwords.
inline constexpr std::string_view kImportLineKey = "import_data_command_line";
inline constexpr std::string_view kImportFileLinesKey = "import_data_file_command_lines";
/// Notes this run's command line there. `files`: those of `import data file`.
void note_import_line(Session& session, const std::vector<migration::UserFile>& files = {});
/// Prints the tables, saves the summary; kRowsSetAside when rows were set aside.
base::ExitCode finish_import(Session& session, FlowRun& run, const migration::ImportDataReport& report, bool files);

}  // namespace voyager::cli

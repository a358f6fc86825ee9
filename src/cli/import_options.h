// What `import data` and `import data file` share.
#pragma once

#include "cli/connections.h"
#include "cli/flow_run.h"
#include "format/rejected_rows.h"
#include "migration/snapshot/import_data.h"

namespace voyager::cli {

/// Throws Error (kUsage) for combinations that cannot be meant.
void check_import_rows_flags(const Values& values);
/// `policy_flag` is --error-policy-snapshot or --error-policy.
migration::ImportDataOptions import_options(Session& session, std::string_view policy_flag);
/// What `rejects retry` runs again: keys of MetaDb's JSON objects. The first is {"command", "flags"}, the second has
/// the flags of each user's file; flags are pairs of name and text, as the command line had them, paths absolute,
/// without passwords, lists of tables and what holds for one run only.
inline constexpr std::string_view kImportLineKey = "import_data_command_line";
inline constexpr std::string_view kImportFileLinesKey = "import_data_file_command_lines";
/// Notes this run's command line there, unless it is a retry. `files`: those of `import data file`.
void note_import_line(Session& session, const std::vector<migration::UserFile>& files = {});

/// The value of --retry-set-aside for rows of a role: names of their tables on the target, or of the user's files.
std::string retry_value(const std::vector<format::RejectedRow>& rows);
bool is_retry(const Values& values);
/// The files of `import data file` whose rows --retry-set-aside names, with their tables.
std::vector<migration::UserFile> retried_user_files(Session& session);
/// Prints the tables, saves the summary; kRowsSetAside when rows were set aside.
base::ExitCode finish_import(Session& session, FlowRun& run, const migration::ImportDataReport& report, bool files);

}  // namespace voyager::cli

// What is not in effect on the target, noted in the state and told.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "format/ledgers.h"
#include "migration/schema/import_schema.h"
#include "model/dialogue.h"

namespace voyager::migration {

// Below schema/, each statement with its reason; never imported by us.
inline constexpr std::string_view kNotRunFile = "not_run.sql";  ///< Left out, to be run by hand.
inline constexpr std::string_view kFailedFile = "failed.sql";   ///< Refused by the target.

/// Notes what `command`, which read `files`, made of their statements, in place of what an earlier run of it noted of
/// these files, and writes both files anew from all that is known.
void note_outcomes(format::ObjectLedger& db, const std::filesystem::path& schema_folder, const std::string& command,
                   const std::vector<std::string>& files, const std::vector<NotRun>& not_run,
                   const std::vector<FailedStatement>& failed);

/// One line for each reason: "role app is missing on the target: 12 statements in schema/not_run.sql".
void tell_not_run(const std::vector<NotRun>& not_run, model::Dialogue& dialogue);

}  // namespace voyager::migration

// Whether what an importer's database holds is of the export that the export directory has.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "connector/target.h"
#include "format/migration_state.h"

namespace voyager::migration {

/// The commands of importers that have rows or changes of the export: "import data".
std::vector<std::string> imports_begun(format::MigrationState& db);
/// In the transaction that forgets an export: importers that have begun may not go on with the next one.
void note_export_forgotten(format::MigrationState& db);
/// Another number for each export that the directory has had.
std::uint64_t export_number(format::DocumentLedger& db);
/// Throws IMP-006 when the directory has another export by now, whose rows and changes must not follow those of this
/// number: asked after what was read of the export, and before it counts.
void refuse_export_begun_anew(format::DocumentLedger& db, std::uint64_t number, const std::string& command);
/// Throws IMP-006 when the importer has rows or changes of an export that was forgotten since. `command`: "import
/// data".
void refuse_earlier_export(format::DocumentLedger& db, std::string_view importer, const std::string& command);

/// Throws IMP-007 when the importer's last run here was one of another copy of this export directory: of one that was
/// copied or restored, which knows of other files and changes under the same names and numbers.
void refuse_other_copy(format::DocumentLedger& db, connector::ImportRuns& admin, std::string_view importer,
                       const std::string& command);
/// The directory's importer has left rows or changes and marks in a database, and this one has no mark: it was made
/// anew, or its bookkeeping was dropped.
bool lost_its_runs(format::MigrationState& db, connector::ImportRuns& admin, std::string_view importer);
/// IMP-008. `what` would be brought twice; `otherwise`: lines of the fix, where no backup can be put back.
[[noreturn]] void refuse_lost_runs(const std::string& what, std::vector<std::string> otherwise);
/// The line of a fix that empties the tables and imports everything again.
std::string begin_import_anew(const std::string& command);
/// As `refuse_other_copy`, and from here on other copies are refused: behind a run's questions, because a run that is
/// declined takes nothing over, and before its first row or change. May be asked again after a kill. Returns the run
/// that is noted now.
connector::LoadingRun take_import_over(format::DocumentLedger& db, connector::ImportRuns& admin,
                                       std::string_view importer, const std::string& command);

/// For a run that begins anew: whoever was last gives way, another copy of the directory too. Refuses only one that
/// begins at the same moment.
connector::LoadingRun take_import_over_anew(format::DocumentLedger& db, connector::ImportRuns& admin,
                                            std::string_view importer, const std::string& command);

}  // namespace voyager::migration

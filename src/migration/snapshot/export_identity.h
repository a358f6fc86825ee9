// Whether what an importer's database holds is of the export that the export directory has.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "connector/target.h"
#include "format/meta_db.h"

namespace voyager::migration {

/// The commands of importers that have rows or changes of the export: "import data".
std::vector<std::string> imports_begun(format::MetaDb& db);
/// In the transaction that forgets an export: importers that have begun may not go on with the next one.
void note_export_forgotten(format::MetaDb& db);
/// Throws IMP-006 when the importer has rows or changes of an export that was forgotten since. `command`: "import
/// data".
void refuse_earlier_export(format::MetaDb& db, std::string_view importer, const std::string& command);

/// Throws IMP-007 when the importer's last run here was one of another copy of this export directory: of one that was
/// copied or restored, which knows of other files and changes under the same names and numbers.
void refuse_other_copy(format::MetaDb& db, connector::ImportAdmin& admin, std::string_view importer,
                       const std::string& command);
/// Before a run's first row or change: from here on other copies are refused. May be asked again after a kill.
void note_import_run(format::MetaDb& db, connector::ImportAdmin& admin, std::string_view importer);

}  // namespace voyager::migration

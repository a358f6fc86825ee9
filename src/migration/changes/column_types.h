// Which columns the tables of a migration have had so far, and of which types.
#pragma once

#include <map>
#include <string>

#include "format/meta_db.h"
#include "migration/changes/table_plan.h"

namespace voyager::migration {

/// `types` as of the migration's beginning, with what this importer has carried to its database since.
std::map<model::TableName, ColumnTypes> with_carried_columns(format::MetaDb& db, const std::string& importer,
                                                             std::map<model::TableName, ColumnTypes> types);
/// Columns of `table` that were added or changed there.
void note_carried_columns(format::MetaDb& db, const std::string& importer, const model::TableName& table,
                          const ColumnTypes& columns);

}  // namespace voyager::migration

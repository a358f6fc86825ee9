// Which columns the tables of a migration have had so far, and of which types.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "format/ledgers.h"
#include "migration/changes/table_plan.h"
#include "model/table.h"

namespace voyager::migration {

/// By the tables' roots.
std::map<model::TableName, ColumnTypes> types_of(const std::vector<model::Table>& tables);

/// The captured tables as they are, read after the place at which this exporter's capture begins: what a table has by
/// then, and another database has not, may hold values that are in no change.
void note_captured_columns(format::DocumentLedger& db, const std::string& exporter,
                           const std::vector<model::Table>& tables);
/// Nothing where it was not noted: the capture began with the snapshot, and the plan says it.
std::optional<std::map<model::TableName, ColumnTypes>> captured_columns(format::DocumentLedger& db,
                                                                        const std::string& exporter);

void forget_captured_columns(format::DocumentLedger& db, const std::string& exporter);

/// `types` as of a capture's beginning, with what this importer has carried to its database since.
std::map<model::TableName, ColumnTypes> with_carried_columns(format::DocumentLedger& db, const std::string& importer,
                                                             std::map<model::TableName, ColumnTypes> types);
/// Columns of `table` that were added or changed there.
void note_carried_columns(format::DocumentLedger& db, const std::string& importer, const model::TableName& table,
                          const ColumnTypes& columns);

}  // namespace voyager::migration

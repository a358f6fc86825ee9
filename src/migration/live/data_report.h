// What was exported from and imported into each database of a live migration, table by table.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "connector/changes.h"
#include "format/migration_state.h"
#include "model/data_migration_report.h"

namespace voyager::migration {

/// How each database answers; null: nothing was ever imported into it, or (the source) it need not be asked.
struct DataReportSides {
  connector::ImportedCounts* source = nullptr;
  connector::ImportedCounts* target = nullptr;
  connector::ImportedCounts* source_replica = nullptr;
  bool with_replica = false;  ///< The migration has one: it gets rows even while it cannot be asked.
  bool count_rows = false;    ///< Every side that is given counts its tables.
};

/// One row a table and database, ordered so. Truncations that the target has seen are taken off the source's rows too:
/// they happened there at the same place of the same changes.
std::vector<model::DataReportRow> data_report(format::MigrationState& db, const DataReportSides& sides);

/// Of the reports of each iteration, the first one first: one row a table and database again, with the sums of all and
/// the newest one's counts.
std::vector<model::DataReportRow> sum_of_iterations(const std::vector<std::vector<model::DataReportRow>>& reports);
/// Likewise one row a table, database and iteration, each with what those before it have left.
std::vector<model::DataReportRow> list_of_iterations(const std::vector<std::vector<model::DataReportRow>>& reports);

}  // namespace voyager::migration

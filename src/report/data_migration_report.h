// `get data-migration-report`: values in, text out.
#pragma once

#include <string>
#include <vector>

#include "model/data_migration_report.h"
#include "report/table.h"

namespace voyager::report {

/// Two header lines, columns separated by " | ", the table's name once; the header again every 30 rows. COUNTED_ROWS
/// and CHECK (equal, or by how much the count differs) where rows were counted.
std::string data_migration_report_text(const std::vector<model::DataReportRow>& rows, const TextStyle& style);
/// Array of objects with the documented keys, and counted_rows and check where rows were counted.
std::string data_migration_report_json(const std::vector<model::DataReportRow>& rows);

}  // namespace voyager::report

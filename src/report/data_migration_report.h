// `get data-migration-report`: values in, text out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/data_migration_report.h"
#include "report/table.h"

namespace voyager::report {

enum class Iterations : std::uint8_t { kSummed, kDetailed };

/// Two header lines, columns separated by " | ", the table's name once; the header again every 30 rows. COUNTED_ROWS
/// and CHECK (equal, or by how much the count differs) where rows were counted. Detailed: with ITERATION NUMBER and
/// CUMULATIVE FINAL_ROW_COUNT, and no rows of a snapshot behind the first iteration.
std::string data_migration_report_text(const std::vector<model::DataReportRow>& rows, const TextStyle& style,
                                       Iterations iterations = Iterations::kSummed);
/// Array of objects with the documented keys, and counted_rows and check where rows were counted; detailed also
/// cumulative_final_row_count.
std::string data_migration_report_json(const std::vector<model::DataReportRow>& rows,
                                       Iterations iterations = Iterations::kSummed);

}  // namespace voyager::report

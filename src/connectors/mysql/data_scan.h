// Finds values that the target cannot hold before the rows are moved, and proposes a rule for each.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "connectors/mysql/connection.h"
#include "connectors/mysql/conversion.h"
#include "connectors/mysql/metadata.h"
#include "connectors/mysql/values.h"

namespace voyager::mysql {

struct DataScanResult {
  std::vector<UnfitValues> unfit = {};  ///< By table, column, kind of value. Points into the conversion.
  std::uint64_t rows = 0;
  std::uint64_t tables_cut = 0;  ///< Of which not every row was read.
};

/// Reads at most `rows_max` rows of each table (0: all). `begin` hears the name of each table; it may throw.
DataScanResult scan_rows(Connection& connection, const Conversion& conversion, std::uint64_t rows_max,
                         const std::function<void(std::string_view)>& begin);

}  // namespace voyager::mysql

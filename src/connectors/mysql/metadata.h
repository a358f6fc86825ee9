// The files of an assessment (docs/formats/assessment-metadata.md), made of what a server says of itself. Names are
// those that things will have on the target.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "connectors/mysql/catalog_rows.h"
#include "connectors/mysql/connection.h"
#include "connectors/mysql/conversion.h"

namespace voyager::mysql {

/// Values of one column that the target cannot hold, or that look as if they had been encoded twice.
struct UnfitValues {
  const ConvertedTable* table = nullptr;
  const ConvertedColumn* column = nullptr;
  std::string what = {};  ///< "a zero date"
  std::uint64_t rows = 0;
  std::vector<std::string> examples = {};  ///< Keys, with the value before and after where a rule would repair it.
  std::string rule = {};                   ///< That is proposed: "orders.placed=null".
};

struct MetadataInput {
  const Catalog& catalog;
  const Conversion& conversion;
  const Result& sizes;       ///< Of sql/sizes.sql
  const Result& load_first;  ///< Of sql/load.sql, twice.
  const Result& load_last;
  std::string node = {};
  std::string version_text = {};
  std::int64_t load_interval = 0;
  bool scanned = false;  ///< `unfit` tells of the rows.
  std::string scan_note = {};
  std::vector<UnfitValues> unfit = {};
};

void write_metadata(const MetadataInput& input, const std::filesystem::path& folder);

}  // namespace voyager::mysql

// What the tests of the sizing share.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "migration/assess/sizing_figures.h"
#include "model/assessment.h"

namespace voyager::migration {

/// One table with indexes of one size, named after it.
struct TableText {
  std::string name = {};  ///< schema.table
  std::int64_t bytes = 0;
  std::int64_t rows = 0;
  std::int64_t columns = 1;
  std::int64_t reads = 0;  ///< Of the table and of each index.
  std::int64_t writes = 0;
  std::size_t indexes = 0;
  std::int64_t index_bytes = 0;
  std::string type = "table";
  std::string index_type = "index";

  void add_to(std::vector<model::ObjectFigures>& out) const;
};

/// The program's own figures for that target; read once a version.
const SizingFigures& figures_for(const std::string& target_version);

}  // namespace voyager::migration

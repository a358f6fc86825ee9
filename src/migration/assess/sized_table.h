// What the sizing looks at: each table with its indexes, the smallest first.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "model/assessment.h"

namespace voyager::migration {

struct SizedTable {
  std::string name = {};  ///< schema.table
  double gb = 0;          ///< Without indexes; below 0.0001 it is 0.
  std::vector<double> index_gb = {};
  double total_gb = 0;
  double reads_per_second = 0;  ///< Indexes included.
  double writes_per_second = 0;
  double rows = 0;
  double columns = 1;
  std::size_t redundant_indexes = 0;  ///< Of its indexes.
  std::int64_t total_bytes = 0;
  std::size_t indexes() const { return index_gb.size(); }
  std::size_t objects() const { return 1 + indexes(); }
};

/// Tables and materialized views by size, schema, name. Indexes that stand for a constraint's key are no objects of
/// their own on the target and are left out, as are those of tables that are not there.
std::vector<SizedTable> sized_tables(std::span<const model::ObjectFigures> figures,
                                     std::span<const model::RedundantIndex> redundant);

}  // namespace voyager::migration

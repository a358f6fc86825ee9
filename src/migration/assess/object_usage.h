// How busy an object of the source is: FREQUENT, MODERATE, RARE or UNUSED.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "analysis/schema.h"
#include "format/assessment_db.h"

namespace voyager::migration {

/// An object's reads and writes are compared with the busiest of all: the higher of the two shares decides. An index
/// has its own reads and its table's writes, a partitioned table is as busy as its busiest partition.
class ObjectUsage {
 public:
  ObjectUsage(std::span<const format::ObjectUse> uses, const analysis::Schema& schema);

  /// By "schema.name". UNUSED for an object that is not known; empty when the source counted nothing at all.
  std::string of_table(const std::string& table) const;
  std::string of_index(const std::string& index, const std::string& table) const;

 private:
  struct Load {
    std::int64_t reads = 0;
    std::int64_t writes = 0;
  };
  Load load_of(const std::string& name) const;
  std::string word(Load load) const;

  bool counted_ = false;
  Load busiest_ = {};
  std::map<std::string, Load> loads_ = {};
};

}  // namespace voyager::migration

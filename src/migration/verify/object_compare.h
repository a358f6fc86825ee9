// Differences between the objects of two sides.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "connector/comparison.h"
#include "migration/verify/verify.h"
#include "model/table.h"

namespace voyager::migration {

struct ObjectComparison {
  std::vector<ObjectDifference> differences = {};     ///< By kind and name.
  std::size_t compared = 0;                           ///< Objects that at least one side has.
  std::map<std::string, std::size_t> of_source = {};  ///< How many of each kind.
};

/// Facts of the same kind and name are paired; several with one name (children of partitions whose own names say
/// nothing) are paired by definition. What follows from another difference is left out: the columns and keys of a table
/// that one side lacks, the order of columns that are not the same.
ObjectComparison compare_objects(std::vector<connector::ObjectFact> source, std::vector<connector::ObjectFact> target);

/// A target's sequence may be ahead of the source's (rows were written since), never behind. Sequences that one side
/// lacks are left to compare_objects.
std::vector<ObjectDifference> compare_sequence_values(const std::vector<model::Sequence>& source,
                                                      const std::vector<model::Sequence>& target);

}  // namespace voyager::migration

// What becomes of each object of the source's catalogue, by the dump and by what was done with it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "connector/source.h"
#include "migration/schema/dump_splitter.h"
#include "model/schema_object.h"
#include "model/schema_optimization.h"

namespace voyager::migration {

struct Accounts {
  std::vector<model::SchemaObject> objects = {};
  /// Objects that the catalogue has and the dump does not explain, or the other way round. The rest is then no proof
  /// that nothing was lost.
  std::vector<std::string> unexplained = {};
};

/// Objects that belong to the database as a whole and need something in a schema that is not exported: key (kind and
/// name where the dump tells none) to why they are left out.
std::map<std::string, std::string> global_objects_to_leave_out(
    const std::vector<connector::CatalogueObject>& catalogue);

/// One of the result's objects for each of the catalogue, then the properties that the dump tells of. Without a
/// catalogue (a product that has none to tell) the objects are those that the dump names.
Accounts account_for(const std::vector<connector::CatalogueObject>& catalogue, const std::vector<DumpEntry>& entries,
                     const model::SchemaOptimization& changes);

/// The sum of all differences, for people: "12 objects", each reason once.
std::vector<std::string> reasons_left_out(const std::vector<model::SchemaObject>& objects);

}  // namespace voyager::migration

// What becomes of each object of the source's catalogue, by what is written of it and by what was done with that.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "connector/source.h"
#include "migration/schema/object_files.h"
#include "model/schema_object.h"
#include "model/schema_optimization.h"

namespace voyager::migration {

struct Accounts {
  std::vector<model::SchemaObject> objects = {};
  /// Objects that the catalogue has and nothing written explains, or the other way round. The rest is then no proof
  /// that nothing was lost.
  std::vector<std::string> unexplained = {};
};

/// Objects that belong to the database as a whole and need something in a schema that is not exported: key (kind and
/// name where none is told) to why they are left out.
std::map<std::string, std::string> global_objects_to_leave_out(
    const std::vector<connector::CatalogueObject>& catalogue);

/// One of the result's objects for each of the catalogue, then the properties that were written. Without a
/// catalogue (a product that has none to tell) the objects are those that were written.
Accounts account_for(const std::vector<connector::CatalogueObject>& catalogue, const std::vector<FiledObject>& written,
                     const model::SchemaOptimization& changes);

/// The sum of all differences, for people: "12 objects", each reason once.
std::vector<std::string> reasons_left_out(const std::vector<model::SchemaObject>& objects);

}  // namespace voyager::migration

// What assessment.db knows that issues are judged by.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "format/assessment_db.h"

namespace voyager::migration {

struct SourceFacts {
  std::vector<format::ColumnShare> column_shares = {};
  std::vector<format::ColumnType> column_types = {};
  std::vector<format::ObjectUse> object_uses = {};
  std::vector<model::QueryStatistics> queries = {};
  std::vector<format::SourceObject> source_objects = {};
  std::vector<format::UnfitColumn> unfit_columns = {};
  std::map<std::string, std::string> object_types = {};  ///< By "schema.name".
};

}  // namespace voyager::migration

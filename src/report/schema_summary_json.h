// The summary of a schema, which two reports share.
#pragma once

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "model/schema_analysis.h"

namespace voyager::report {

inline nlohmann::ordered_json schema_summary_json(const model::SchemaAnalysis& analysis) {
  nlohmann::ordered_json objects = nlohmann::ordered_json::array();
  for (const model::AnalysisObjects& one : analysis.objects) {
    nlohmann::ordered_json object = {{"ObjectType", one.type},
                                     {"TotalCount", one.total},
                                     {"InvalidCount", one.invalid},
                                     {"ObjectNames", base::join(one.names, ", ")}};
    if (!one.details.empty()) object["Details"] = base::join(one.details, "\n");
    objects.push_back(std::move(object));
  }
  nlohmann::ordered_json json = {{"Description", analysis.description},
                                 {"DbName", analysis.database},
                                 {"SchemaNames", analysis.schemas},
                                 {"DbVersion", analysis.database_version}};
  if (!analysis.notes.empty()) json["Notes"] = analysis.notes;
  json["DatabaseObjects"] = std::move(objects);
  return json;
}

/// Against the run before.
inline nlohmann::ordered_json change_json(const model::AnalysisChange& change) {
  return {{"New", change.added},
          {"Fixed", change.fixed.size()},
          {"Unchanged", change.unchanged},
          {"FixedIssues", change.fixed}};
}

}  // namespace voyager::report

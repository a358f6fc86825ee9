// What the JSON of analyze-schema and of assess-migration have in common.
#pragma once

#include <cstddef>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "model/schema_analysis.h"
#include "report/server_version.h"

namespace voyager::report {

inline nlohmann::ordered_json schema_summary_json(const model::SchemaAnalysis& analysis) {
  nlohmann::ordered_json objects = nlohmann::ordered_json::array();
  for (const model::AnalysisObjects& one : analysis.objects) {
    nlohmann::ordered_json object = {{"ObjectType", one.type},
                                     {"TotalCount", one.total},
                                     {"InvalidCount", one.flagged},
                                     {"ObjectNames", base::join(one.names, ", ")}};
    if (!one.details.empty()) object["Details"] = base::join(one.details, "\n");
    objects.push_back(std::move(object));
  }
  nlohmann::ordered_json json = {{"Description", analysis.description},
                                 {"DbName", analysis.database},
                                 {"SchemaNames", analysis.schemas},
                                 {"DbVersion", own_version(analysis.database_version)}};
  if (!analysis.notes.empty()) json["Notes"] = analysis.notes;
  json["DatabaseObjects"] = std::move(objects);
  return json;
}

/// The keys that say from which versions on an issue is none any more.
inline void add_fixed_versions(nlohmann::ordered_json& issue, const model::FixedVersions& versions) {
  issue["MinimumVersionsFixedIn"] = nullptr;
  if (!versions.supported.empty()) issue["MinimumVersionsFixedIn"] = versions.supported;
  if (!versions.tech_preview.empty()) issue["MinimumVersionsFixedInTP"] = versions.tech_preview;
  if (!versions.early_access.empty()) issue["MinimumVersionsFixedInEA"] = versions.early_access;
}

/// Against the run before.
inline nlohmann::ordered_json change_json(const model::AnalysisChange& change) {
  return {{"New", change.added},
          {"Fixed", change.fixed.size()},
          {"Unchanged", change.unchanged},
          {"FixedIssues", change.fixed}};
}

/// The parts of `text` between separators.
inline std::vector<std::string> parts_of(std::string_view text, std::string_view separator) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + separator.size());
  }
}

/// Functions are a list of names, and what would make a primary key is a list of lists of columns; all else is text.
inline nlohmann::ordered_json details_json(const std::map<std::string, std::string>& details) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for (const auto& [key, value] : details) {
    if (key == "FunctionNames") {
      json[key] = parts_of(value, ", ");
    } else if (key == "PrimaryKeyColumnOptions") {
      for (const std::string& option : parts_of(value, "; ")) json[key].push_back(parts_of(option, ", "));
    } else {
      json[key] = value;
    }
  }
  return json;
}

}  // namespace voyager::report

// The JSON of the Schema Optimization Report. Keys: docs/reference/optimization-report.md.
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/text.h"
#include "report/format_versions.h"
#include "report/optimization_report.h"
#include "report/server_version.h"

namespace voyager::report {
namespace {

using nlohmann::ordered_json;

/// Which of the documented members a kind of change has.
struct Members {
  std::string_view key = {};
  bool links = false;
  bool file = false;
  std::string_view indexes = {};  ///< How the map of indexes is called; empty: there is none.
  bool tables = false;
  bool colocation = false;
};

constexpr std::array kMembers = {
    Members{.key = "redundant_index_change", .file = true, .indexes = "table_to_removed_indexes_map"},
    Members{.key = "table_colocation_recommendation", .file = true, .colocation = true},
    Members{.key = "mview_colocation_recommendation", .file = true, .colocation = true},
    Members{.key = "secondary_index_to_range_change", .links = true, .file = true, .indexes = "modified_indexes"},
    Members{.key = "pk_hash_sharding_change", .links = true, .tables = true},
    Members{.key = "pk_on_timestamp_range_sharding_change", .links = true, .tables = true},
    Members{.key = "uk_range_splitting_change", .links = true},
    Members{.key = "constraint_merging_change", .file = true, .tables = true},
};

Members members_of(std::string_view key) {
  for (const Members& one : kMembers) {
    if (one.key == key) return one;
  }
  return {.key = key, .links = true, .file = true, .tables = true};
}

ordered_json change_json(const model::StatementChange& change) {
  return {{"object", change.object}, {"before", change.before}, {"after", change.after}, {"reason", change.reason}};
}

ordered_json list_json(const std::vector<model::StatementChange>& changes) {
  ordered_json list = ordered_json::array();
  for (const model::StatementChange& change : changes) list.push_back(change_json(change));
  return list;
}

ordered_json optimization_object(const model::Optimization& one) {
  const Members members = members_of(one.key);
  ordered_json json = {{"title", one.title}, {"description", one.description}};
  if (members.links) {
    ordered_json links = ordered_json::object();
    for (const auto& [text, url] : one.links) links[text] = url;
    json["hyper_links_in_description"] = std::move(links);
  }
  if (members.file) json["reference_file"] = one.reference_file;
  if (!members.indexes.empty()) json[std::string(members.indexes)] = one.indexes;
  if (members.tables) json["modified_tables"] = one.tables;
  if (members.colocation) {
    json["sharded_objects"] = one.sharded;
    json["collocated_objects"] = one.colocated;
  }
  json["is_applied"] = one.applied;
  // From here on members that the documented report of old does not have.
  json["refused_by"] = one.flag;
  json["changes"] = list_json(one.changes);
  json["left_unchanged"] = list_json(one.left);
  return json;
}

}  // namespace

std::string optimization_json(const model::SchemaOptimization& optimization) {
  ordered_json json = {{"voyager_version", optimization.program_version},
                       {"source_database_name", optimization.database},
                       {"source_database_schema", base::join(optimization.schemas, ", ")},
                       {"source_database_version", own_version(optimization.database_version)}};
  for (const model::Optimization& one : optimization.optimizations) json[one.key] = optimization_object(one);
  json["format_version"] = kOptimizationForm;
  json["target"] = optimization.target;
  json["made_at"] = optimization.made_at;
  return json.dump(4, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace voyager::report

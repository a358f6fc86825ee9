// The JSON of the Schema Optimization Report. Keys: docs/reference/optimization-report.md.
#include <array>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "report/format_versions.h"
#include "report/optimization_report.h"
#include "report/server_version.h"

namespace voyager::report {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kIndent = 4;

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

/// But for the changes, which come last.
ordered_json optimization_head(const model::Optimization& one) {
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
  return json;
}

std::string text_of(const ordered_json& json, std::size_t depth) {
  const std::string text = json.dump(int{kIndent}, ' ', false, ordered_json::error_handler_t::replace);
  if (depth == 0) return text;
  std::string out;
  for (const char c : text) {
    out += c;
    if (c == '\n') out.append(depth * kIndent, ' ');
  }
  return out;
}

/// Change by change: as one tree they would take several times the memory of their text.
void append_changes(std::string& out, const std::vector<model::StatementChange>& changes, std::size_t depth) {
  const char* between = "[";
  for (const model::StatementChange& change : changes) {
    (out += between) += '\n';
    out.append((depth + 1) * kIndent, ' ') += text_of(change_json(change), depth + 1);
    between = ",";
  }
  if (changes.empty()) {
    out += "[]";
  } else {
    (out += '\n').append(depth * kIndent, ' ') += ']';
  }
}

void append_optimization(std::string& out, const model::Optimization& one) {
  std::string head = text_of(optimization_head(one), 1);
  head.resize(head.find_last_not_of(" \n}") + 1);  // Its end comes behind the changes.
  const std::string member = ",\n" + std::string(2 * kIndent, ' ');
  out += head + member + "\"changes\": ";
  append_changes(out, one.changes, 2);
  out += member + "\"left_unchanged\": ";
  append_changes(out, one.left, 2);
  (out += '\n').append(kIndent, ' ') += '}';
}

std::size_t bytes_about(const model::SchemaOptimization& optimization) {
  constexpr std::size_t kBytesOfMembers = 240;  // rather too many: what is not used costs nothing
  std::size_t bytes = 0;
  for (const model::Optimization& one : optimization.optimizations) {
    for (const std::vector<model::StatementChange>* list : {&one.changes, &one.left}) {
      for (const model::StatementChange& change : *list) {
        bytes += change.object.size() + change.before.size() + change.after.size() + change.reason.size();
        bytes += kBytesOfMembers;
      }
    }
  }
  return bytes + bytes / 8;
}

}  // namespace

std::string optimization_json(const model::SchemaOptimization& optimization) {
  std::string out;
  out.reserve(bytes_about(optimization));
  const char* between = "{";
  const auto name = [&](std::string_view key) {
    (out += between) += '\n';
    out.append(kIndent, ' ') += text_of(key, 0) + ": ";
    between = ",";
  };
  const auto add = [&](std::string_view key, const ordered_json& value) {
    name(key);
    out += text_of(value, 1);
  };
  add("voyager_version", optimization.program_version);
  add("source_database_name", optimization.database);
  add("source_database_schema", base::join(optimization.schemas, ", "));
  add("source_database_version", own_version(optimization.database_version));
  for (const model::Optimization& one : optimization.optimizations) {
    name(one.key);
    append_optimization(out, one);
  }
  add("format_version", kOptimizationForm);
  add("target", optimization.target);
  add("made_at", optimization.made_at);
  return out += "\n}\n";
}

}  // namespace voyager::report

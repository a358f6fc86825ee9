#include "migration/assess/issue_causes.h"

#include <fmt/format.h>

#include <array>
#include <functional>
#include <map>
#include <optional>

namespace voyager::migration {
namespace {

constexpr int kDepthMax = 32;

struct ExtensionType {
  std::string_view type = {};
  std::array<std::string_view, 2> extensions = {};  ///< The first that is an issue counts.
};
constexpr std::array kExtensionTypes = {
    ExtensionType{"UNSUPPORTED_DATATYPE_GEOMETRY", {"postgis"}},
    ExtensionType{"UNSUPPORTED_DATATYPE_GEOGRAPHY", {"postgis"}},
    ExtensionType{"UNSUPPORTED_DATATYPE_BOX2D", {"postgis"}},
    ExtensionType{"UNSUPPORTED_DATATYPE_BOX3D", {"postgis"}},
    ExtensionType{"UNSUPPORTED_DATATYPE_RASTER", {"postgis_raster", "postgis"}},
    ExtensionType{"UNSUPPORTED_DATATYPE_TOPOGEOMETRY", {"postgis_topology"}},
};

class Causes {
 public:
  Causes(AssessedFindings& found, const analysis::Schema& schema) : found_(found) {
    for (const analysis::Table& table : schema.tables) {
      if (!table.partition_of.empty()) table_above_[table.name.key()] = table.partition_of.key();
    }
    for (const auto& [part, whole] : schema.attached) index_above_[part.key()] = whole.key();
    for (std::size_t i = 0; i < found.issues.size(); ++i) {
      if (const std::string key = key_of(at(i)); !key.empty()) by_key_.emplace(key, i);
      if (found.issues[i].type == "UNSUPPORTED_EXTENSION") extensions_.emplace(at(i).object, i);
    }
  }

  void find() {
    for (std::size_t i = 0; i < found_.issues.size(); ++i) {
      const std::optional<std::size_t> cause = cause_of(at(i));
      if (cause && *cause != i) causes_[i] = *cause;
    }
    for (const auto& [number, cause] : causes_) found_.issues[number].caused_by = found_.issues[root_of(cause)].id;
  }

 private:
  struct One {
    std::size_t number = 0;
    const model::AnalysisIssue& issue;
    const std::string& object;
    const std::string& constraint;
  };
  One at(std::size_t number) const {
    const analysis::Finding& finding = found_.findings[number];
    return {number, found_.issues[number], finding.object_key, finding.constraint};
  }

  /// What a finding is about: the same object and part of it, whatever the type of the issue.
  struct Spot {
    enum class Kind { kNone, kTable, kIndex, kColumn } kind = Kind::kNone;
    std::string object = {};  ///< "app.t"; of kIndex the index, or the constraint with its table's schema.
    std::string part = {};    ///< Of kTable what it is about; of kColumn the column.
  };

  static Spot spot_of(const One& finding) {
    const model::AnalysisIssue& issue = finding.issue;
    const bool of_object =
        issue.category != "unsupported_plpgsql_objects" && issue.category != "unsupported_query_constructs";
    if (!of_object || finding.object.empty()) return {};
    if (issue.object_type == "COLUMN") {
      const std::size_t dot = finding.object.size() - column_of(finding).size();
      if (dot == 0 || dot == finding.object.size()) return {};
      return {Spot::Kind::kColumn, finding.object.substr(0, dot - 1), column_of(finding)};
    }
    if (issue.object_type == "INDEX") return {Spot::Kind::kIndex, qualified_index(finding.object), {}};
    if (issue.object_type != "TABLE") return {};
    const std::string table = qualified(finding.object);
    if (!finding.constraint.empty())
      return {Spot::Kind::kIndex, table.substr(0, table.find('.') + 1) + finding.constraint, {}};
    return {Spot::Kind::kTable, table, part_of(finding)};
  }

  static std::string column_of(const One& finding) {
    const auto found = finding.issue.details.find("ColumnName");
    return found == finding.issue.details.end() ? std::string() : found->second;
  }

  /// The columns that a finding of a table is about, without the table's name.
  static std::string part_of(const One& finding) {
    std::string part;
    for (const char* key : {"ColumnName", "ForeignKeyColumnNames", "PrimaryKeyColumnOptions"}) {
      const auto found = finding.issue.details.find(key);
      if (found == finding.issue.details.end()) continue;
      std::string text = found->second;
      const std::string table = finding.object + ".";
      for (std::size_t at = text.find(table); at != std::string::npos; at = text.find(table, at))
        text.erase(at, table.size());
      part += text + "\n";
    }
    return part;
  }

  static std::string key_of(std::string_view type, const Spot& spot) {
    return fmt::format("{}\n{}{}\n{}", type, static_cast<int>(spot.kind), spot.object, spot.part);
  }
  static std::string key_of(const One& finding) {
    const Spot spot = spot_of(finding);
    return spot.kind == Spot::Kind::kNone ? std::string() : key_of(finding.issue.type, spot);
  }

  std::optional<std::size_t> number_of(const std::string& key) const {
    const auto found = by_key_.find(key);
    return found == by_key_.end() ? std::nullopt : std::optional(found->second);
  }

  std::optional<std::size_t> cause_of(const One& finding) {
    const Spot spot = spot_of(finding);
    if (spot.kind == Spot::Kind::kColumn) {
      if (const auto extension = extension_of(finding)) return extension;
    }
    if (const auto column = column_issue(finding)) return column;
    if (!finding.issue.fix_text.empty()) {
      const std::size_t first = first_of_text_.emplace(finding.issue.fix_text, finding.number).first->second;
      if (first != finding.number) return first;
    }
    return spot.kind == Spot::Kind::kNone ? std::nullopt : above(finding.issue.type, spot);
  }

  /// The same issue higher up; of what belongs to one index above that has none, the first.
  std::optional<std::size_t> above(std::string_view type, Spot spot) {
    const auto& uppers = spot.kind == Spot::Kind::kIndex ? index_above_ : table_above_;
    const std::string own = key_of(type, spot);
    std::optional<std::size_t> found;
    bool climbed = false;
    for (int depth = 0; depth < kDepthMax; ++depth) {
      const auto upper = uppers.find(spot.object);
      if (upper == uppers.end()) break;
      climbed = true;
      spot.object = upper->second;
      if (const auto same = number_of(key_of(type, spot))) found = same;
    }
    if (found || !climbed || spot.kind != Spot::Kind::kIndex) return found;
    const auto first = by_key_.find(own);
    return first_of_family_.emplace(key_of(type, spot), first->second).first->second;
  }

  std::optional<std::size_t> extension_of(const One& finding) const {
    for (const ExtensionType& one : kExtensionTypes) {
      if (one.type != finding.issue.type) continue;
      for (const std::string_view extension : one.extensions) {
        if (const auto found = extensions_.find(extension); found != extensions_.end()) return found->second;
      }
    }
    return std::nullopt;
  }

  /// Of INDEX_ON_X_DATATYPE and PK_UK_ON_X_DATATYPE: UNSUPPORTED_DATATYPE_X of the same column.
  std::optional<std::size_t> column_issue(const One& finding) const {
    const std::string_view type = finding.issue.type;
    std::string_view what;
    for (const std::string_view prefix : {"INDEX_ON_", "PK_UK_ON_"}) {
      if (type.starts_with(prefix) && type.ends_with("_DATATYPE")) what = type.substr(prefix.size());
    }
    const std::string column = column_of(finding);
    if (what.empty() || column.empty()) return std::nullopt;
    what.remove_suffix(std::string_view("_DATATYPE").size());
    const std::string table =
        finding.issue.object_type == "INDEX" ? table_of_index(finding.object) : qualified(finding.object);
    return number_of(key_of("UNSUPPORTED_DATATYPE_" + std::string(what), {Spot::Kind::kColumn, table, column}));
  }

  std::size_t root_of(std::size_t number) const {
    for (int depth = 0; depth < kDepthMax; ++depth) {
      const auto cause = causes_.find(number);
      if (cause == causes_.end()) break;
      number = cause->second;
    }
    return number;
  }

  AssessedFindings& found_;
  std::map<std::string, std::string> table_above_ = {};
  std::map<std::string, std::string> index_above_ = {};
  std::map<std::string, std::size_t> by_key_ = {};
  std::map<std::string, std::size_t, std::less<>> extensions_ = {};
  std::map<std::string, std::size_t> first_of_family_ = {};
  std::map<std::string, std::size_t> first_of_text_ = {};
  std::map<std::size_t, std::size_t> causes_ = {};
};

}  // namespace

void find_causes(AssessedFindings& found, const analysis::Schema& schema) {
  Causes(found, schema).find();
}

}  // namespace voyager::migration

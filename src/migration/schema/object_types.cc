#include "migration/schema/object_types.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/error.h"
#include "base/text.h"

namespace voyager::migration {
namespace {

constexpr std::array kTypes = {
    ObjectType{"SCHEMA", "schemas/schema.sql", false, true},
    ObjectType{"COLLATION", "collations/collation.sql", false, true},
    ObjectType{"EXTENSION", "extensions/extension.sql", false, true},
    ObjectType{"LANGUAGE", "languages/language.sql"},
    ObjectType{"ACCESS METHOD", "access_methods/access_method.sql"},
    ObjectType{"TYPE", "types/type.sql"},
    ObjectType{"DOMAIN", "domains/domain.sql"},
    ObjectType{"SEQUENCE", kSequenceFile},
    ObjectType{"TABLE", kTableFile},
    ObjectType{"INDEX", kIndexFile, false},
    ObjectType{"FUNCTION", "functions/function.sql"},
    ObjectType{"AGGREGATE", "aggregates/aggregate.sql"},
    ObjectType{"PROCEDURE", "procedures/procedure.sql"},
    ObjectType{"CAST", "casts/cast.sql"},
    ObjectType{"TRANSFORM", "transforms/transform.sql"},
    ObjectType{"TEXT SEARCH", "text_search/text_search.sql"},
    ObjectType{"VIEW", "views/view.sql"},
    ObjectType{"TRIGGER", "triggers/trigger.sql"},
    ObjectType{"MVIEW", kMaterializedViewFile},
    ObjectType{"RULE", "rules/rule.sql", false},
    ObjectType{"COMMENT", kCommentFile},
    ObjectType{"CONVERSION", "conversions/conversion.sql"},
    ObjectType{"FOREIGN SERVER", "foreign_servers/foreign_server.sql"},
    ObjectType{"FOREIGN TABLE", kForeignTableFile},
    ObjectType{"POLICY", "policies/policy.sql"},
    ObjectType{"OPERATOR", "operators/operator.sql"},
    ObjectType{"STATISTICS", "statistics/statistics.sql"},
    ObjectType{"PUBLICATION", "publications/publication.sql"},
    ObjectType{"SECURITY LABEL", "security_labels/security_label.sql"},
    ObjectType{"OWNER", kOwnerFile, false},
    ObjectType{"GRANT", kGrantFile, false},
    ObjectType{"EVENT TRIGGER", "event_triggers/event_trigger.sql"},
    ObjectType{"SETTING", "settings/setting.sql"},
};

// Types that can be named for export but are written into another type's file.
constexpr std::array<std::string_view, 3> kTypesInOtherFiles = {"ROW SECURITY", "OPERATOR FAMILY", "OPERATOR CLASS"};

constexpr std::array<std::string_view, 5> kBroughtByTable = {"TYPE", "DOMAIN", "SEQUENCE", "INDEX", "RULE"};

constexpr std::array kPlaces = {
    KindPlace{"SCHEMA", "schemas/schema.sql", "SCHEMA"},
    KindPlace{"COLLATION", "collations/collation.sql", "COLLATION"},
    KindPlace{"EXTENSION", "extensions/extension.sql", "EXTENSION"},
    KindPlace{"TYPE", "types/type.sql", "TYPE"},
    KindPlace{"SHELL TYPE", "types/type.sql", "TYPE"},
    KindPlace{"PROCEDURAL LANGUAGE", "languages/language.sql", "LANGUAGE"},
    KindPlace{"ACCESS METHOD", "access_methods/access_method.sql", "ACCESS METHOD"},
    KindPlace{"CAST", "casts/cast.sql", "CAST"},
    KindPlace{"TRANSFORM", "transforms/transform.sql", "TRANSFORM"},
    KindPlace{"TEXT SEARCH PARSER", "text_search/text_search.sql", "TEXT SEARCH"},
    KindPlace{"TEXT SEARCH TEMPLATE", "text_search/text_search.sql", "TEXT SEARCH"},
    KindPlace{"TEXT SEARCH DICTIONARY", "text_search/text_search.sql", "TEXT SEARCH"},
    KindPlace{"TEXT SEARCH CONFIGURATION", "text_search/text_search.sql", "TEXT SEARCH"},
    KindPlace{"FOREIGN DATA WRAPPER", "foreign_servers/foreign_server.sql", "FOREIGN SERVER"},
    KindPlace{"SERVER", "foreign_servers/foreign_server.sql", "FOREIGN SERVER"},
    KindPlace{"USER MAPPING", "foreign_servers/foreign_server.sql", "FOREIGN SERVER"},
    KindPlace{"STATISTICS", "statistics/statistics.sql", "STATISTICS"},
    KindPlace{"PUBLICATION", "publications/publication.sql", "PUBLICATION"},
    KindPlace{"PUBLICATION TABLE", "publications/publication.sql", "PUBLICATION"},
    KindPlace{"PUBLICATION TABLES IN SCHEMA", "publications/publication.sql", "PUBLICATION"},
    KindPlace{"SECURITY LABEL", "security_labels/security_label.sql", "SECURITY LABEL"},
    KindPlace{"ACL", kGrantFile, "GRANT"},
    KindPlace{"DEFAULT ACL", kGrantFile, "GRANT"},
    KindPlace{"EVENT TRIGGER", "event_triggers/event_trigger.sql", "EVENT TRIGGER"},
    KindPlace{"DATABASE PROPERTIES", "settings/setting.sql", "SETTING"},
    KindPlace{"DATABASE", "", "the target's database is made by whoever prepares the target"},
    KindPlace{"DOMAIN", "domains/domain.sql", "DOMAIN"},
    KindPlace{"SEQUENCE", kSequenceFile, "SEQUENCE"},
    KindPlace{"SEQUENCE OWNED BY", kSequenceFile, "SEQUENCE"},
    KindPlace{"TABLE", kTableFile, "TABLE"},
    KindPlace{"TABLE ATTACH", kTableFile, "TABLE"},
    KindPlace{"DEFAULT", kTableFile, "TABLE"},
    KindPlace{"FOREIGN TABLE DEFAULT", kForeignTableFile, "FOREIGN TABLE"},
    KindPlace{"CONSTRAINT", kTableFile, "TABLE"},
    KindPlace{"FK CONSTRAINT", kTableFile, "TABLE"},
    KindPlace{"CHECK CONSTRAINT", kTableFile, "TABLE"},
    KindPlace{"ROW SECURITY", kTableFile, "ROW SECURITY"},
    KindPlace{"INDEX", kIndexFile, "INDEX"},
    KindPlace{"INDEX ATTACH", kIndexFile, "INDEX"},
    KindPlace{"FUNCTION", "functions/function.sql", "FUNCTION"},
    KindPlace{"AGGREGATE", "aggregates/aggregate.sql", "AGGREGATE"},
    KindPlace{"PROCEDURE", "procedures/procedure.sql", "PROCEDURE"},
    KindPlace{"VIEW", "views/view.sql", "VIEW"},
    KindPlace{"REST OF VIEW", "views/view.sql", "VIEW"},
    KindPlace{"TRIGGER", "triggers/trigger.sql", "TRIGGER"},
    KindPlace{"MATERIALIZED VIEW", kMaterializedViewFile, "MVIEW"},
    KindPlace{"RULE", "rules/rule.sql", "RULE"},
    KindPlace{"COMMENT", kCommentFile, "COMMENT"},
    KindPlace{"CONVERSION", "conversions/conversion.sql", "CONVERSION"},
    KindPlace{"FOREIGN TABLE", kForeignTableFile, "FOREIGN TABLE"},
    KindPlace{"POLICY", "policies/policy.sql", "POLICY"},
    KindPlace{"OPERATOR", "operators/operator.sql", "OPERATOR"},
    KindPlace{"OPERATOR FAMILY", "operators/operator.sql", "OPERATOR FAMILY"},
    KindPlace{"OPERATOR CLASS", "operators/operator.sql", "OPERATOR CLASS"},
};

bool contains(const std::vector<std::string>& list, std::string_view name) {
  return std::ranges::find(list, name) != list.end();
}

void add_once(std::vector<std::string>& list, std::string_view name) {
  if (!contains(list, name)) list.emplace_back(name);
}

std::string upper(std::string_view text) {
  std::string result(base::trim(text));
  for (char& c : result) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return result;
}

std::vector<std::string> checked(const std::vector<std::string>& typed, const std::vector<std::string>& allowed) {
  std::vector<std::string> names;
  for (const std::string& text : typed) {
    const std::string name = upper(text);
    if (name.empty()) continue;
    if (!contains(allowed, name)) {
      const std::optional<std::string> near = base::nearest(name, allowed);
      base::fail(base::ExitCode::kUsage, fmt::format("unknown object type \"{}\"", text),
                 "allowed are: " + base::join(allowed, ", "),
                 near ? std::vector<std::string>{fmt::format("did you mean {}?", *near)} : std::vector<std::string>{});
    }
    add_once(names, name);
  }
  return names;
}

void refuse_both(const std::vector<std::string>& wanted, const std::vector<std::string>& excluded) {
  if (wanted.empty() || excluded.empty()) return;
  base::fail(base::ExitCode::kUsage, "--object-type-list and --exclude-object-type-list cannot be given together", {},
             {"give only one of them"});
}

}  // namespace

std::span<const ObjectType> object_types() {
  return kTypes;
}

std::vector<std::string> types_to_export(const std::vector<std::string>& wanted,
                                         const std::vector<std::string>& excluded) {
  refuse_both(wanted, excluded);
  std::vector<std::string> allowed;
  for (const ObjectType& type : kTypes) {
    if (type.listed) allowed.emplace_back(type.name);
  }
  allowed.insert(allowed.end(), kTypesInOtherFiles.begin(), kTypesInOtherFiles.end());
  const std::vector<std::string> names = checked(wanted, allowed);
  const std::vector<std::string> left_out = checked(excluded, allowed);

  std::vector<std::string> types;
  for (const std::string& name : names.empty() ? allowed : names) {
    if (!contains(left_out, name)) types.push_back(name);
  }
  if (contains(types, "TABLE")) {
    for (const std::string_view name : kBroughtByTable) {
      if (!contains(left_out, name)) add_once(types, name);
    }
    // A table without its row security would show what it should hide.
    if (!contains(left_out, "ROW SECURITY")) add_once(types, "ROW SECURITY");
  }
  for (const ObjectType& type : kTypes) {
    if (type.always) add_once(types, type.name);
  }
  return types;
}

std::vector<std::string> files_to_import(const std::vector<std::string>& wanted,
                                         const std::vector<std::string>& excluded, bool straight_order) {
  refuse_both(wanted, excluded);
  std::vector<std::string> allowed;
  for (const ObjectType& type : kTypes) allowed.emplace_back(type.name);
  const std::vector<std::string> names = checked(wanted, allowed);
  const std::vector<std::string> left_out = checked(excluded, allowed);
  const bool as_typed = straight_order && !names.empty();

  std::vector<std::string> files;
  for (const std::string& name : as_typed ? names : allowed) {
    if (contains(left_out, name) || (!names.empty() && !contains(names, name))) continue;
    const auto type = std::ranges::find(kTypes, name, &ObjectType::name);
    files.emplace_back(type->file);
  }
  return files;
}

std::string why_not_exported(std::string_view type) {
  if (type == "OWNER") return "--owners false";
  if (type == "GRANT") return "--grants false";
  if (type == "COMMENT") return "comments are not exported (--comments-on-objects, or a list of object types)";
  return fmt::format("{} is not among the object types that are exported", type);
}

const KindPlace* kind_place(std::string_view kind) {
  const auto place = std::ranges::find(kPlaces, kind, &KindPlace::kind);
  return place == kPlaces.end() ? nullptr : &*place;
}

}  // namespace voyager::migration

#include "analysis/object.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "analysis/schema.h"
#include "base/text.h"
#include "sql/lexer.h"
#include "sql/parse_tree.h"

namespace voyager::analysis {
namespace {

using simdjson::dom::object;
using sql::array_of;
using sql::flag_of;
using sql::object_of;
using sql::text_of;

std::string from_list(object node, std::string_view key) {
  return name_of(name_parts(array_of(node, key))).text();
}

std::string from_range_var(object node, std::string_view key) {
  const auto name = object_of(node, key);
  return name ? range_var(*name).text() : std::string();
}

std::string on_table(std::string_view name, const std::string& table) {
  return name.empty() ? "ON " + table : fmt::format("{} ON {}", name, table);
}

/// OBJECT_FOREIGN_TABLE is FOREIGN TABLE; MATVIEW is MVIEW in reports.
std::string type_word(std::string_view objtype) {
  if (objtype.starts_with("OBJECT_")) objtype.remove_prefix(7);
  if (objtype == "MATVIEW") return "MVIEW";
  std::string text(objtype);
  for (char& c : text) {
    if (c == '_') c = ' ';
  }
  return text;
}

Object create_table(object node) {
  return {"TABLE", from_range_var(node, "relation"), true};
}

Object foreign_table(object node) {
  const auto base = object_of(node, "base");
  return {"FOREIGN TABLE", base ? from_range_var(*base, "relation") : std::string(), true};
}

Object index(object node) {
  return {"INDEX", on_table(text_of(node, "idxname"), from_range_var(node, "relation")), true};
}

Object view(object node) {
  return {"VIEW", from_range_var(node, "view"), true};
}

Object table_as(object node) {
  const auto into = object_of(node, "into");
  return {text_of(node, "objtype") == "OBJECT_MATVIEW" ? "MVIEW" : "TABLE",
          into ? from_range_var(*into, "rel") : std::string(), true};
}

Object function(object node) {
  return {flag_of(node, "is_procedure") ? "PROCEDURE" : "FUNCTION", from_list(node, "funcname"), true};
}

Object trigger(object node) {
  return {"TRIGGER", on_table(text_of(node, "trigname"), from_range_var(node, "relation")), true};
}
Object policy(object node) {
  return {"POLICY", on_table(text_of(node, "policy_name"), from_range_var(node, "table")), true};
}
Object rule(object node) {
  return {"RULE", on_table(text_of(node, "rulename"), from_range_var(node, "relation")), true};
}
Object composite(object node) {
  return {"TYPE", from_range_var(node, "typevar"), true};
}
Object type(object node) {
  return {"TYPE", from_list(node, "typeName"), true};
}
Object domain(object node) {
  return {"DOMAIN", from_list(node, "domainname"), true};
}
Object sequence(object node) {
  return {"SEQUENCE", from_range_var(node, "sequence"), true};
}
Object schema(object node) {
  return {"SCHEMA", std::string(text_of(node, "schemaname")), true};
}
Object extension(object node) {
  return {"EXTENSION", std::string(text_of(node, "extname")), true};
}
Object conversion(object node) {
  return {"CONVERSION", from_list(node, "conversion_name"), true};
}
Object database(object node) {
  return {"DATABASE", std::string(text_of(node, "dbname")), true};
}
Object operator_class(object node) {
  return {"OPERATOR", from_list(node, "opclassname"), true};
}
Object operator_family(object node) {
  return {"OPERATOR", from_list(node, "opfamilyname"), true};
}

Object publication(object node) {
  return {"PUBLICATION", std::string(text_of(node, "pubname")), true};
}
Object event_trigger(object node) {
  return {"EVENT TRIGGER", std::string(text_of(node, "trigname")), true};
}
Object access_method(object node) {
  return {"ACCESS METHOD", std::string(text_of(node, "amname")), true};
}
Object language(object node) {
  return {"LANGUAGE", std::string(text_of(node, "plname")), true};
}
Object transform(object node) {
  const auto type = object_of(node, "type_name");
  return {"TRANSFORM", fmt::format("FOR {} LANGUAGE {}", type ? type_of(*type).sql() : "?", text_of(node, "lang")),
          true};
}

Object define(object node) {
  return {type_word(text_of(node, "kind")), from_list(node, "defnames"), true};
}

Object alter_table(object node) {
  return {type_word(text_of(node, "objtype")), from_range_var(node, "relation"), false};
}
Object alter_publication(object node) {
  return {"PUBLICATION", std::string(text_of(node, "pubname")), false};
}
/// Of a statement about any kind of object: "objtype" or "objectType" is the kind, "object" the name in one of its
/// forms.
std::string any_name(object node) {
  if (object_of(node, "relation")) return from_range_var(node, "relation");
  const auto named = object_of(node, "object");
  if (!named) return {};
  if (const auto list = object_of(*named, "List")) return name_of(name_parts(array_of(*list, "items"))).text();
  if (const auto routine = object_of(*named, "ObjectWithArgs")) return from_list(*routine, "objname");
  const auto text = object_of(*named, "String");
  return text ? std::string(text_of(*text, "sval")) : std::string();
}
Object depends(object node) {
  return {type_word(text_of(node, "objectType")), any_name(node), false};
}
Object label(object node) {
  return {type_word(text_of(node, "objtype")), any_name(node), false};
}
Object alter_sequence(object node) {
  return {"SEQUENCE", from_range_var(node, "sequence"), false};
}
Object alter_enum(object node) {
  return {"TYPE", from_list(node, "typeName"), false};
}
Object alter_domain(object node) {
  return {"DOMAIN", from_list(node, "typeName"), false};
}

using Reader = Object (*)(object);
constexpr std::array<std::pair<std::string_view, Reader>, 32> kReaders = {{
    {"CreateStmt", create_table},
    {"CreateForeignTableStmt", foreign_table},
    {"IndexStmt", index},
    {"ViewStmt", view},
    {"CreateTableAsStmt", table_as},
    {"CreateFunctionStmt", function},
    {"CreateTrigStmt", trigger},
    {"CreatePolicyStmt", policy},
    {"RuleStmt", rule},
    {"CompositeTypeStmt", composite},
    {"CreateEnumStmt", type},
    {"CreateRangeStmt", type},
    {"CreateDomainStmt", domain},
    {"CreateSeqStmt", sequence},
    {"CreateSchemaStmt", schema},
    {"CreateExtensionStmt", extension},
    {"CreateConversionStmt", conversion},
    {"CreatedbStmt", database},
    {"CreateOpClassStmt", operator_class},
    {"CreateOpFamilyStmt", operator_family},
    {"CreatePublicationStmt", publication},
    {"CreateEventTrigStmt", event_trigger},
    {"CreateAmStmt", access_method},
    {"CreatePLangStmt", language},
    {"CreateTransformStmt", transform},
    {"DefineStmt", define},
    {"AlterTableStmt", alter_table},
    {"AlterSeqStmt", alter_sequence},
    {"AlterEnumStmt", alter_enum},
    {"AlterPublicationStmt", alter_publication},
    {"AlterObjectDependsStmt", depends},
    {"SecLabelStmt", label},
}};

/// Kinds by their words behind CREATE, ALTER or DROP and the words that may come between.
constexpr std::array<std::pair<std::string_view, std::string_view>, 22> kKinds = {{
    {"table", "TABLE"},         {"index", "INDEX"},           {"view", "VIEW"},           {"function", "FUNCTION"},
    {"procedure", "PROCEDURE"}, {"trigger", "TRIGGER"},       {"sequence", "SEQUENCE"},   {"type", "TYPE"},
    {"domain", "DOMAIN"},       {"schema", "SCHEMA"},         {"extension", "EXTENSION"}, {"policy", "POLICY"},
    {"rule", "RULE"},           {"collation", "COLLATION"},   {"aggregate", "AGGREGATE"}, {"conversion", "CONVERSION"},
    {"operator", "OPERATOR"},   {"database", "DATABASE"},     {"package", "PACKAGE"},     {"synonym", "SYNONYM"},
    {"cast", "CAST"},           {"tablespace", "TABLESPACE"},
}};
constexpr int kWordsBetweenMax = 6;  // CREATE OR REPLACE GLOBAL TEMPORARY RECURSIVE VIEW

/// The name at `token`, dots and all, without quotes; moves `token` behind it.
std::string read_name(std::string_view text, sql::Token& token) {
  std::string name;
  for (; token.kind != sql::TokenKind::kEnd; token = sql::next_code_token(text, token.end)) {
    const bool dot = sql::is_symbol(text, token, '.');
    const bool named = token.kind == sql::TokenKind::kWord || token.kind == sql::TokenKind::kQuotedName;
    if (!dot && (!named || (!name.empty() && name.back() != '.'))) break;
    const std::string_view part = token.of(text);
    name += token.kind == sql::TokenKind::kQuotedName && part.size() >= 2 ? part.substr(1, part.size() - 2) : part;
  }
  return name;
}

bool is_filler(std::string_view text, const sql::Token& token) {
  return sql::is_word(text, token, "if") || sql::is_word(text, token, "not") || sql::is_word(text, token, "exists") ||
         sql::is_word(text, token, "only") || sql::is_word(text, token, "concurrently");
}

std::string_view kind_of(std::string_view text, const sql::Token& token) {
  for (const auto& [word, kind] : kKinds) {
    if (sql::is_word(text, token, word)) return kind;
  }
  return {};
}

}  // namespace

Object object_of_tree(object statement) {
  for (const auto& [key, read] : kReaders) {
    if (const auto node = object_of(statement, key)) return read(*node);
  }
  if (const auto node = object_of(statement, "AlterDomainStmt")) return alter_domain(*node);
  return {};
}

Object object_of_words(std::string_view text) {
  sql::Token token = sql::next_code_token(text, 0);
  Object object{.creates = sql::is_word(text, token, "create")};
  if (!object.creates && !sql::is_word(text, token, "alter") && !sql::is_word(text, token, "drop")) return object;
  bool materialized = false;
  bool foreign = false;
  std::string_view kind;
  for (int i = 0; i < kWordsBetweenMax && kind.empty(); ++i) {
    token = sql::next_code_token(text, token.end);
    if (token.kind != sql::TokenKind::kWord) return object;
    materialized = materialized || sql::is_word(text, token, "materialized");
    foreign = foreign || sql::is_word(text, token, "foreign");
    kind = kind_of(text, token);
  }
  if (kind.empty()) return object;
  object.type = materialized && kind == "VIEW" ? "MVIEW"
                : foreign && kind == "TABLE"   ? "FOREIGN TABLE"
                                               : std::string(kind);
  token = sql::next_code_token(text, token.end);
  while (is_filler(text, token)) token = sql::next_code_token(text, token.end);
  object.name = read_name(text, token);
  const bool has_table =
      object.type == "INDEX" || object.type == "TRIGGER" || object.type == "POLICY" || object.type == "RULE";
  while (has_table && token.kind != sql::TokenKind::kEnd && !sql::is_word(text, token, "on"))
    token = sql::next_code_token(text, token.end);
  if (has_table && token.kind != sql::TokenKind::kEnd) {
    token = sql::next_code_token(text, token.end);
    object.name = on_table(object.name, read_name(text, token));
  }
  return object;
}

}  // namespace voyager::analysis

#include "model/identifier.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/error.h"
#include "base/text.h"

namespace voyager::model {
namespace {

// PostgreSQL documentation, appendix C: every key word that is not "non-reserved" without a restriction, which are
// those that quote_ident() quotes.
constexpr std::array kReserved = {"all",
                                  "analyse",
                                  "analyze",
                                  "and",
                                  "any",
                                  "array",
                                  "as",
                                  "asc",
                                  "asymmetric",
                                  "authorization",
                                  "between",
                                  "bigint",
                                  "binary",
                                  "bit",
                                  "boolean",
                                  "both",
                                  "case",
                                  "cast",
                                  "char",
                                  "character",
                                  "check",
                                  "coalesce",
                                  "collate",
                                  "collation",
                                  "column",
                                  "concurrently",
                                  "constraint",
                                  "create",
                                  "cross",
                                  "current_catalog",
                                  "current_date",
                                  "current_role",
                                  "current_schema",
                                  "current_time",
                                  "current_timestamp",
                                  "current_user",
                                  "dec",
                                  "decimal",
                                  "default",
                                  "deferrable",
                                  "desc",
                                  "distinct",
                                  "do",
                                  "else",
                                  "end",
                                  "except",
                                  "exists",
                                  "extract",
                                  "false",
                                  "fetch",
                                  "float",
                                  "for",
                                  "foreign",
                                  "freeze",
                                  "from",
                                  "full",
                                  "grant",
                                  "greatest",
                                  "group",
                                  "grouping",
                                  "having",
                                  "ilike",
                                  "in",
                                  "initially",
                                  "inner",
                                  "inout",
                                  "int",
                                  "integer",
                                  "intersect",
                                  "interval",
                                  "into",
                                  "is",
                                  "isnull",
                                  "join",
                                  "json",
                                  "json_array",
                                  "json_arrayagg",
                                  "json_exists",
                                  "json_object",
                                  "json_objectagg",
                                  "json_query",
                                  "json_scalar",
                                  "json_serialize",
                                  "json_table",
                                  "json_value",
                                  "lateral",
                                  "leading",
                                  "least",
                                  "left",
                                  "like",
                                  "limit",
                                  "localtime",
                                  "localtimestamp",
                                  "merge_action",
                                  "national",
                                  "natural",
                                  "nchar",
                                  "none",
                                  "normalize",
                                  "not",
                                  "notnull",
                                  "null",
                                  "nullif",
                                  "numeric",
                                  "offset",
                                  "on",
                                  "only",
                                  "or",
                                  "order",
                                  "out",
                                  "outer",
                                  "overlaps",
                                  "overlay",
                                  "placing",
                                  "position",
                                  "precision",
                                  "primary",
                                  "real",
                                  "references",
                                  "returning",
                                  "right",
                                  "row",
                                  "select",
                                  "session_user",
                                  "setof",
                                  "similar",
                                  "smallint",
                                  "some",
                                  "substring",
                                  "symmetric",
                                  "system_user",
                                  "table",
                                  "tablesample",
                                  "then",
                                  "time",
                                  "timestamp",
                                  "to",
                                  "trailing",
                                  "treat",
                                  "trim",
                                  "true",
                                  "union",
                                  "unique",
                                  "user",
                                  "using",
                                  "values",
                                  "varchar",
                                  "variadic",
                                  "verbose",
                                  "when",
                                  "where",
                                  "window",
                                  "with",
                                  "xmlattributes",
                                  "xmlconcat",
                                  "xmlelement",
                                  "xmlexists",
                                  "xmlforest",
                                  "xmlnamespaces",
                                  "xmlparse",
                                  "xmlpi",
                                  "xmlroot",
                                  "xmlserialize",
                                  "xmltable"};

bool needs_quotes(const std::string& text) {
  if (text.empty() || (text[0] >= '0' && text[0] <= '9')) return true;
  const bool plain =
      std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
  return !plain || std::ranges::find(kReserved, text) != kReserved.end();
}

}  // namespace

std::string quoted(const Identifier& name) {
  std::string out = "\"";
  for (const char c : name.catalog_text()) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

std::string quoted(const TableName& name) {
  return quoted(name.schema) + "." + quoted(name.name);
}

std::string display(const Identifier& name) {
  return needs_quotes(name.catalog_text()) ? quoted(name) : name.catalog_text();
}

std::string display(const TableName& name) {
  return display(name.schema) + "." + display(name.name);
}

std::string display_short(const TableName& name) {
  return name.schema.catalog_text() == "public" || name.schema.empty() ? display(name.name) : display(name);
}

TableName parse_table_name(std::string_view text) {
  std::vector<Identifier> parts;
  const std::string whole(text);
  text = base::trim(text);
  while (true) {
    std::string part;
    if (!text.empty() && text[0] == '"') {
      std::size_t at = 1;
      for (; at < text.size(); ++at) {
        if (text[at] == '"') {
          if (at + 1 >= text.size() || text[at + 1] != '"') break;
          ++at;
        }
        part += text[at];
      }
      if (at >= text.size()) base::fail(base::ExitCode::kUsage, "the name " + whole + " has an unclosed quote");
      text = base::trim(text.substr(at + 1));
    } else {
      const std::size_t dot = std::min(text.find('.'), text.size());
      part = base::lower(base::trim(text.substr(0, dot)));
      text.remove_prefix(dot);
      if (part.find('"') != std::string::npos)
        base::fail(base::ExitCode::kUsage, "the name " + whole + " has a stray quote");
    }
    parts.emplace_back(std::move(part));
    if (text.empty()) break;
    if (text[0] != '.') base::fail(base::ExitCode::kUsage, "the name " + whole + " has a stray quote");
    text = base::trim(text.substr(1));
  }
  if (parts.size() > 2) base::fail(base::ExitCode::kUsage, "the name " + whole + " has more than one dot");
  for (const Identifier& part : parts) {
    if (part.empty()) base::fail(base::ExitCode::kUsage, "the name '" + whole + "' has an empty part");
  }
  if (parts.size() == 1) return {.schema = {}, .name = parts[0]};
  return {.schema = parts[0], .name = parts[1]};
}

}  // namespace voyager::model

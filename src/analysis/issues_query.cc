// Issues of queries: in views, rules, routine bodies and wherever else an expression stands.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "analysis/detector.h"
#include "analysis/function_kinds.h"
#include "base/text.h"
#include "sql/parse_tree.h"

namespace voyager::analysis {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;
using sql::array_of;
using sql::flag_of;
using sql::location_of;
using sql::object_of;
using sql::text_of;

constexpr std::string_view kPg12 = "postgresql-12-and-later-features";

/// For what is one issue a statement, however often it stands there.
void tell_once(const Issue& issue, const Visit& visit, std::size_t location, Hit hit = {}) {
  if (visit.findings.has(issue, visit.statement)) {
    if (const auto name = hit.details.find("FunctionNames"); name != hit.details.end())
      visit.findings.add_function(issue, visit.statement, name->second);
    return;
  }
  hit.statement = visit.statement;
  hit.location = location;
  visit.findings.add(issue, std::move(hit));
}

void function_call(const Rows& rows, const Visit& visit) {
  array parts;
  if (visit.node["funcname"].get(parts) != simdjson::SUCCESS || parts.size() == 0) return;
  std::string_view name;
  if (parts.at(parts.size() - 1)["String"]["sval"].get(name) != simdjson::SUCCESS) return;
  const std::string_view kind = function_kind(name);
  if (kind.empty()) return;
  const Issue* issue = rows.find(kind);
  if (issue == nullptr) return;
  Hit hit{.specifics = fmt::format("Function: {}.", name)};
  if (kind == "range" || kind == "large object") hit.details["FunctionNames"] = name;
  tell_once(*issue, visit, location_of(visit.node), std::move(hit));
}
const Detector kFunction{.name = "function_call", .nodes = {"FuncCall"}, .node = function_call};

// One row for functions in several shapes: the first of them in a statement is told.
void xml(const Rows& rows, const Visit& visit) {
  if (visit.key == "FuncCall") return function_call(rows, visit);
  if (visit.key == "RangeTableFunc") {
    // XMLTABLE is told by its path; other table functions do not come as this node.
    if (!array_of(visit.node, "columns")) return;
  }
  tell_once(rows.one(), visit, location_of(visit.node));
}
const Detector kXml{.name = "xml", .nodes = {"FuncCall", "XmlExpr", "XmlSerialize", "RangeTableFunc"}, .node = xml};

void large_object(const Rows& rows, const Visit& visit) {
  if (visit.key == "FuncCall") return function_call(rows, visit);
  const std::vector<std::string> parts = name_parts(array_of(visit.node, "funcname"));
  if (parts.empty() || !is_large_object_function(parts.back())) return;
  tell_once(rows.one(), visit, 0,
            {.specifics = fmt::format("Function: {}.", parts.back()), .details = {{"FunctionNames", parts.back()}}});
}
const Detector kLargeObject{.name = "large_object", .nodes = {"FuncCall", "CreateTrigStmt"}, .node = large_object};

void events(const Rows& rows, const Visit& visit) {
  if (visit.key == "FuncCall") return function_call(rows, visit);
  tell_once(rows.one(), visit, 0);
}
const Detector kEvents{
    .name = "events", .nodes = {"ListenStmt", "NotifyStmt", "UnlistenStmt", "FuncCall"}, .node = events};

void system_column(const Rows& rows, const Visit& visit) {
  array fields;
  if (visit.node["fields"].get(fields) != simdjson::SUCCESS || fields.size() == 0) return;
  std::string_view name;
  if (fields.at(fields.size() - 1)["String"]["sval"].get(name) != simdjson::SUCCESS || name.size() != 4) return;
  if (const Issue* issue = rows.find(name)) tell_once(*issue, visit, location_of(visit.node));
}
const Detector kSystemColumn{.name = "system_column", .nodes = {"ColumnRef"}, .node = system_column};

std::string_view json_constructor_name(std::string_view key) {
  if (key == "JsonArrayAgg") return "JSON_ARRAYAGG";
  if (key == "JsonObjectAgg") return "JSON_OBJECTAGG";
  return key == "JsonObjectConstructor" ? "JSON_OBJECT" : "JSON_ARRAY";
}

void json_constructor(const Rows& rows, const Visit& visit) {
  const std::string name(json_constructor_name(visit.key));
  const auto inner = object_of(visit.node, "constructor");
  tell_once(rows.one(), visit, location_of(inner ? *inner : visit.node),
            {.specifics = fmt::format("Function: {}.", name), .details = {{"FunctionNames", name}}});
}
const Detector kJsonConstructor{.name = "json_constructor",
                                .nodes = {"JsonArrayAgg", "JsonArrayConstructor", "JsonArrayQueryConstructor",
                                          "JsonObjectAgg", "JsonObjectConstructor"},
                                .node = json_constructor};

void json_query(const Rows& rows, const Visit& visit) {
  std::string name = "JSON_TABLE";
  if (visit.key == "JsonFuncExpr") {
    name = text_of(visit.node, "op");  // JSON_EXISTS_OP, ...
    if (const std::size_t end = name.rfind("_OP"); end != std::string::npos) name.erase(end);
  }
  tell_once(rows.one(), visit, location_of(visit.node),
            {.specifics = fmt::format("Function: {}.", name), .details = {{"FunctionNames", name}}});
}
const Detector kJsonQuery{.name = "json_query", .nodes = {"JsonFuncExpr", "JsonTable"}, .node = json_query};

void anywhere(const Rows& rows, const Visit& visit) {
  tell_once(rows.one(), visit, location_of(visit.node));
}
const Detector kJsonPredicate{.name = "json_predicate", .nodes = {"JsonIsPredicate"}, .node = anywhere};
const Detector kMerge{.name = "merge", .nodes = {"MergeStmt"}, .node = anywhere};

// --- jsonb subscripts ---

std::string last_part(object node, std::string_view list) {
  const std::vector<std::string> parts = name_parts(array_of(node, list));
  return parts.empty() ? std::string() : parts.back();
}

/// What a subscript is applied to. Operators have the type of an operand, so that all operands count.
void read_operand(object operand, Subscript& subscript, int depth = 0) {
  constexpr int kDepthMax = 64;
  if (depth > kDepthMax) return;
  if (const auto column = object_of(operand, "ColumnRef")) {
    subscript.columns.push_back(last_part(*column, "fields"));
  } else if (const auto call = object_of(operand, "FuncCall")) {
    subscript.functions.push_back(last_part(*call, "funcname"));
  } else if (const auto cast = object_of(operand, "TypeCast")) {
    const auto type = object_of(*cast, "typeName");
    if (type && type_of(*type).base() == "jsonb" && !type_of(*type).array) subscript.jsonb = true;
  } else if (const auto expression = object_of(operand, "A_Expr")) {
    for (const std::string_view side : {"lexpr", "rexpr"}) {
      if (const auto inner = object_of(*expression, side)) read_operand(*inner, subscript, depth + 1);
    }
  } else if (const auto nested = object_of(operand, "A_Indirection")) {
    if (const auto inner = object_of(*nested, "arg")) read_operand(*inner, subscript, depth + 1);
  }
}

bool has_subscript(object indirection) {
  const auto list = array_of(indirection, "indirection");
  if (!list) return false;
  return std::ranges::any_of(*list, [](element item) { return item["A_Indices"].error() == simdjson::SUCCESS; });
}

void leave_subscript(const Rows& /*rows*/, const Visit& visit) {
  const auto operand = object_of(visit.node, "arg");
  if (!operand || !has_subscript(visit.node)) return;
  Subscript subscript{.location = location_of(visit.node), .statement = visit.statement};
  read_operand(*operand, subscript);
  visit.schema.subscripts.push_back(std::move(subscript));
}

void jsonb_subscript(const Rows& rows, const Schema& schema, const Statistics& /*statistics*/, Findings& findings) {
  for (const Subscript& one : schema.subscripts) {
    const bool column =
        std::ranges::any_of(one.columns, [&](const auto& name) { return schema.is_jsonb_column(name); });
    const bool function = std::ranges::any_of(
        one.functions, [&](const auto& name) { return returns_jsonb(name) || schema.returns_jsonb(name); });
    if (!one.jsonb && !column && !function) continue;
    if (!findings.has(rows.one(), one.statement))
      findings.add(rows.one(), {.statement = one.statement, .location = one.location});
  }
}
const Detector kJsonbSubscript{
    .name = "jsonb_subscript", .nodes = {"A_Indirection"}, .node = leave_subscript, .schema = jsonb_subscript};

// --- statements ---

void copy(const Rows& rows, const Visit& visit) {
  if (flag_of(visit.node, "is_from") && object_of(visit.node, "whereClause")) {
    if (const Issue* issue = rows.find("where")) tell_once(*issue, visit, 0);
  }
  const auto options = array_of(visit.node, "options");
  if (!options) return;
  for (const element item : *options) {
    object option;
    if (item["DefElem"].get(option) != simdjson::SUCCESS || text_of(option, "defname") != "on_error") continue;
    if (const Issue* issue = rows.find("on_error")) tell_once(*issue, visit, location_of(option));
  }
}
const Detector kCopy{.name = "copy", .nodes = {"CopyStmt"}, .node = copy};

// The member and not the node: the arms of a UNION are no nodes of their own in the tree.
void with_ties(const Rows& rows, const Visit& visit) {
  std::string_view option;
  if (visit.value.get(option) == simdjson::SUCCESS && option == "LIMIT_OPTION_WITH_TIES")
    tell_once(rows.one(), visit, 0);
}
const Detector kWithTies{.name = "with_ties", .nodes = {"limitOption"}, .node = with_ties};

void materialized(const Rows& rows, const Visit& visit) {
  const std::string_view choice = text_of(visit.node, "ctematerialized");
  if (!choice.empty() && choice != "CTEMaterializeDefault") tell_once(rows.one(), visit, location_of(visit.node));
}
const Detector kMaterialized{.name = "materialized", .nodes = {"CommonTableExpr"}, .node = materialized};

void integer_literal(const Rows& rows, const Visit& visit) {
  const auto number = object_of(visit.node, "fval");
  const std::string_view text = number ? text_of(*number, "fval") : std::string_view{};
  if (text.size() < 2 || text[0] != '0') return;
  if (std::string_view("xXoObB").find(text[1]) != std::string_view::npos)
    tell_once(rows.one(), visit, location_of(visit.node));
}
const Detector kIntegerLiteral{.name = "integer_literal", .nodes = {"A_Const"}, .node = integer_literal};

void transaction(const Rows& rows, const Visit& visit) {
  const std::string_view kind = text_of(visit.node, "kind");
  if (kind == "TRANS_STMT_PREPARE" || kind == "TRANS_STMT_COMMIT_PREPARED" || kind == "TRANS_STMT_ROLLBACK_PREPARED") {
    if (const Issue* issue = rows.find("prepared")) tell_once(*issue, visit, 0);
  }
  if (kind == "TRANS_STMT_SAVEPOINT" || kind == "TRANS_STMT_ROLLBACK_TO" || kind == "TRANS_STMT_RELEASE") {
    if (const Issue* issue = rows.find("savepoint")) tell_once(*issue, visit, 0, {.object_type = "DML_QUERY"});
  }
}
const Detector kTransaction{.name = "transaction", .nodes = {"TransactionStmt"}, .node = transaction};

/// The fields that most of these rows share.
Issue query(std::string_view type, std::string_view name, const Detector& detector, std::string_view argument) {
  return {.type = std::string(type),
          .name = std::string(name),
          .impact = Impact::kLevel2,
          .objects = "any",
          .tracker = database_issue(25575),
          .docs = known_issue(kPg12),
          .in_queries = true,
          .detector = &detector,
          .argument = std::string(argument)};
}

Issue system_column_row(std::string_view column, std::string_view upper) {
  Issue row =
      query(fmt::format("SYSTEM_COLUMN_{}", upper), fmt::format("System Column - {}", column), kSystemColumn, column);
  row.tracker = database_issue(24843);
  row.docs = known_issue("system-columns-is-not-yet-supported");
  row.description = fmt::format("Rows of the target have no system column {}.", column);
  row.suggestion = "Use a key or a version column of your own.";
  return row;
}

}  // namespace

std::vector<Issue> query_issues() {
  std::vector<Issue> rows;
  Issue advisory = query("ADVISORY_LOCKS", "Advisory Locks", kFunction, "advisory");
  advisory.fixed = {.supported = {"2025.1.0.0", "2025.2.0.0", "2026.1.0.0"}, .tech_preview = {"2.25.1.0"}};
  advisory.flags = "ysql_yb_enable_advisory_locks";
  advisory.tracker = database_issue(3642);
  advisory.docs = known_issue("advisory-locks-is-not-yet-implemented");
  advisory.description = "The target has no advisory locks.";
  advisory.suggestion = "Lock a row of a table instead.";
  rows.push_back(std::move(advisory));
  rows.push_back(system_column_row("xmin", "XMIN"));
  rows.push_back(system_column_row("xmax", "XMAX"));
  rows.push_back(system_column_row("cmin", "CMIN"));
  rows.push_back(system_column_row("cmax", "CMAX"));
  rows.push_back(system_column_row("ctid", "CTID"));

  const auto add = [&rows](Issue row, std::string_view description, std::string_view suggestion) -> Issue& {
    row.description = description;
    row.suggestion = suggestion;
    rows.push_back(std::move(row));
    return rows.back();
  };
  {
    Issue& row = add(query("XML_FUNCTIONS", "XML Functions", kXml, "xml"), "The target has no functions for XML.",
                     "Build and read XML in the application.");
    row.tracker = database_issue(1043);
    row.docs = known_issue("xml-functions-is-not-yet-supported");
  }
  add(query("REGEX_FUNCTIONS", "Regex Functions", kFunction, "regex"),
      "The target does not have regexp_count, regexp_instr and regexp_like.", "Use regexp_matches or the operator ~.")
      .fixed = since_pg15();
  add(query("ANY_VALUE_AGGREGATE_FUNCTION", "ANY_VALUE() aggregate Function", kFunction, "any_value"),
      "The target does not have the aggregate any_value.", "Use min or max.");
  add(query("RANGE_AGGREGATE_FUNCTION", "Range aggregate Functions", kFunction, "range"),
      "The target cannot aggregate ranges.", "Aggregate lower and upper bounds.")
      .fixed = since_pg15();
  add(query("JSON_CONSTRUCTOR_FUNCTION", "Json Constructor Functions", kJsonConstructor, {}),
      "The target does not have the SQL standard's constructors of JSON.",
      "Use json_build_object, json_build_array, json_agg, json_object_agg.");
  add(query("JSON_QUERY_FUNCTION", "Json Query Functions", kJsonQuery, {}),
      "The target does not have the SQL standard's functions that query JSON.",
      "Use jsonb_path_query and the operators -> and ->>.");
  {
    Issue& row = add(query("LARGE_OBJECT_FUNCTIONS", "Large Object Functions", kLargeObject, "large object"),
                     "The target has no large objects.", "Keep the bytes in a bytea column.");
    row.tracker = database_issue(25318);
    row.docs = known_issue("large-objects-and-its-functions-are-currently-not-supported");
  }
  {
    Issue& row = add(query("JSONB_SUBSCRIPTING", "Jsonb Subscripting", kJsonbSubscript, {}),
                     "The target cannot read a jsonb value with a subscript.", "Use the operators -> and ->>.");
    row.fixed = since_pg15();
    row.docs = known_issue("jsonb-subscripting");
  }
  add(query("JSON_TYPE_PREDICATE", "Json Type Predicate", kJsonPredicate, {}), "The target does not have IS JSON.",
      "Cast in a function that catches the error.");
  add(query("COPY FROM ... WHERE", "COPY FROM ... WHERE", kCopy, "where"), "COPY FROM of the target takes no WHERE.",
      "Copy into a temporary table and select from it.")
      .fixed = since_pg15();
  add(query("COPY ... ON_ERROR", "COPY ... ON_ERROR", kCopy, "on_error"), "COPY of the target does not have ON_ERROR.",
      "Check the rows beforehand.");
  add(query("FETCH_WITH_TIES", "FETCH .. WITH TIES", kWithTies, {}), "The target does not have WITH TIES.",
      "Select by rank() over the same order.");
  add(query("CTE_WITH_MATERIALIZED_CLAUSE", "CTE with MATERIALIZE clause", kMaterialized, {}),
      "The target takes no MATERIALIZED or NOT MATERIALIZED. There is no other way to say it.", "Remove the words.")
      .fixed = since_pg15();
  {
    Issue& row = add(query("MERGE_STATEMENT", "Merge Statement", kMerge, {}), "The target does not have MERGE.",
                     "Write a PL/pgSQL function, or INSERT ... ON CONFLICT.");
    row.tracker = database_issue(25574);
    row.docs = known_issue("merge-command");
  }
  {
    Issue& row =
        add(query("LISTEN_NOTIFY", "Events Listen / Notify", kEvents, "notify"),
            "The target does not have LISTEN and NOTIFY.", "Use a queue outside of the database, or poll a table.");
    row.fixed = {.early_access = {"2025.2.3.0", "2026.1.0.0"}};
    row.flags = "ysql_yb_enable_listen_notify";
    row.tracker = database_issue(1872);
    row.docs = known_issue("events-listen-notify");
  }
  add(query("NON_DECIMAL_INTEGER_LITERAL", "Non-decimal integer literal", kIntegerLiteral, {}),
      "The target reads decimal numbers only.", "Write the number in decimal form.");
  {
    Issue& row = add(query("TWO_PHASE_COMMIT", "Two-Phase Commit (XA syntax)", kTransaction, "prepared"),
                     "The target does not have prepared transactions.", "Use an outbox table or sagas instead.");
    row.impact = Impact::kLevel3;
    row.tracker = database_issue(11084);
    row.docs = known_issue("two-phase-commit");
  }
  {
    Issue& row = add(
        query("SAVEPOINT_USAGE", "SAVEPOINT usage in transactions", kTransaction, "savepoint"),
        "Changes that were rolled back to a savepoint may still be captured in a live migration with fall-forward or "
        "fall-back.",
        "Upgrade the target, or do without savepoints until the migration is over.");
    row.category = Category::kCaveat;
    row.impact = Impact::kLevel1;
    row.fixed = {.supported = {"2024.2.8.0", "2025.1.4.0", "2025.2.2.0", "2026.1.0.0"}};
    row.tracker.clear();
    row.docs = "https://docs.yugabyte.com/preview/yugabyte-voyager/known-issues/#savepoint-usage-in-transactions";
    row.assessment_only = true;
    row.told_once = "SAVEPOINT";
  }
  return rows;
}

}  // namespace voyager::analysis

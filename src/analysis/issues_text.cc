// Issues that are found by a statement's words, and statements that cannot be read at all.
#include <fmt/format.h>

#include <array>

#include "analysis/text_rule.h"

namespace voyager::analysis {
namespace {

struct TextRow {
  std::string_view type = {};
  std::string_view name = {};
  TextRule rule = {};
  std::string tracker = {};
  std::string_view description = {};
  std::string_view suggestion = {};
  std::string docs = {};
  std::string_view counts_as = {};
  bool any_target = false;
  bool invalidates = true;
  Assessed assessed = Assessed::kNever;
};

std::vector<TextRow> query_rows() {
  const auto drop = [](std::string_view kind, std::string_view type, std::string_view pattern) {
    return TextRow{.type = type,
                   .name = "Drop of several objects in one statement",
                   .rule = {.chain = Chain::kQuery, .patterns = {pattern}, .object_type = kind, .lists_drops = true},
                   .tracker = database_issue(880),
                   .description = "One DROP of several objects is refused by the target.",
                   .suggestion = "Write one statement for each object."};
  };
  return {
      {.type = "VIEW_WITH_CHECK_OPTION",
       .name = "View With Check Option",
       .rule = {.chain = Chain::kView,
                .patterns = {"view <name> * with check option", "view <name> * with <word> check option"},
                .object_type = "VIEW"},
       .tracker = database_issue(22716),
       .description = "Views of the target cannot have WITH CHECK OPTION.",
       .suggestion = "Check what is written through the view in an INSTEAD OF trigger.",
       .docs = known_issue("view-with-check-option-is-not-supported"),
       .assessed = Assessed::kPostgresql},
      {.type = "RANGE_FRAME_WITH_FLOAT_OFFSET",
       .name = "Range frame with a floating-point offset",
       .rule = {.chain = Chain::kQuery, .patterns = {"preceding and * : : float|float4|float8|real|double"}},
       .tracker = database_issue(10692),
       .description = "A RANGE frame over a numeric column with a floating-point offset is refused.",
       .suggestion = "Cast the offset to numeric."},
      {.type = "FETCH_CURSOR_DIRECTION",
       .name = "Fetch with a direction",
       .rule = {.chain = Chain::kQuery,
                .patterns = {"fetch first|last|next|prior|relative|absolute|forward|backward * from"},
                .object_type = "CURSOR"},
       .tracker = database_issue(6514),
       .description = "Cursors of the target may not move in this direction.",
       .suggestion = "Test the routine on the target.",
       .counts_as = "PROCEDURE"},
      {.type = "ALTER_AGGREGATE",
       .name = "Alter aggregate",
       .rule = {.chain = Chain::kQuery, .patterns = {"alter aggregate <name>"}, .object_type = "AGGREGATE"},
       .tracker = database_issue(2717),
       .description = "ALTER AGGREGATE is refused by the target.",
       .suggestion = "Create the aggregate as it should be."},
      drop("COLLATION", "DROP_MULTIPLE_COLLATIONS", "drop collation <name> ,"),
      drop("INDEX", "DROP_MULTIPLE_INDEXES", "drop index <name> ,"),
      drop("VIEW", "DROP_MULTIPLE_VIEWS", "drop view <name> ,"),
      drop("SEQUENCE", "DROP_MULTIPLE_SEQUENCES", "drop sequence <name> ,"),
      drop("FOREIGN TABLE", "DROP_MULTIPLE_FOREIGN_TABLES", "drop foreign table <name> ,"),
      {.type = "DROP_INDEX_CONCURRENTLY",
       .name = "Drop index concurrently",
       .rule = {.chain = Chain::kQuery, .patterns = {"drop index concurrently <name>"}, .object_type = "INDEX"},
       .tracker = database_issue(22717),
       .description = "DROP INDEX CONCURRENTLY is refused by the target.",
       .suggestion = "Remove the word CONCURRENTLY."},
      {.type = "WHERE_CURRENT_OF",
       .name = "Where current of",
       .rule = {.chain = Chain::kQuery, .patterns = {"where current of"}, .object_type = "CURSOR"},
       .tracker = database_issue(737),
       .description = "Rows of the target cannot be changed at a cursor's place.",
       .suggestion = "Change them by their key.",
       .invalidates = false},
      {.type = "BULK_COLLECT",
       .name = "Bulk collect",
       .rule = {.chain = Chain::kQuery, .patterns = {"bulk collect"}},
       .tracker = voyager_issue(1539),
       .description = "BULK COLLECT is Oracle's and was not translated.",
       .suggestion = "Use array_agg, or a loop over the rows.",
       .any_target = true,
       .invalidates = false},
  };
}

TextRow alter_table(std::string_view type, std::string_view name, std::vector<std::string_view> patterns,
                    std::string_view description) {
  return {.type = type,
          .name = name,
          .rule = {.chain = Chain::kDefinition, .patterns = std::move(patterns), .object_type = "TABLE"},
          .tracker = database_issue(1124),
          .description = description,
          .suggestion = "Remove the statement."};
}

std::vector<TextRow> definition_rows() {
  return {
      {.type = "CREATE_ACCESS_METHOD",
       .name = "Create access method",
       .rule = {.chain = Chain::kDefinition,
                .patterns = {"create access method <name>"},
                .object_type = "ACCESS METHOD"},
       .tracker = database_issue(10693),
       .description = "The target has no access methods of your own.",
       .suggestion = "Remove the statement.",
       .counts_as = "TABLE"},
      {.type = "REINDEX",
       .name = "Reindex",
       .rule = {.chain = Chain::kDefinition,
                .patterns = {"reindex ( * table|index|schema|database|system <name>",
                             "reindex table|index|schema|database|system ? <name>", "reindex"},
                .object_type = "TABLE"},
       .tracker = database_issue(10267),
       .description = "REINDEX is refused by the target.",
       .suggestion = "Drop the index and create it again where that is needed."},
      {.type = "CREATE_TABLE_LIKE_ALL",
       .name = "Create table like ... including all",
       .rule = {.chain = Chain::kDefinition,
                .patterns = {"create ? ? table <name> * like <name> * including all"},
                .object_type = "TABLE"},
       .tracker = database_issue(10697),
       .description = "A table cannot be made with LIKE ... INCLUDING ALL.",
       .suggestion = "Write its columns and constraints out."},
      {.type = "CREATE_TABLE_LIKE",
       .name = "Create table like",
       .rule = {.chain = Chain::kDefinition, .patterns = {"create ? ? table <name> ( like"}, .object_type = "TABLE"},
       .tracker = database_issue(1129),
       .description = "A table cannot be made with LIKE.",
       .suggestion = "Write its columns out."},
      {.type = "CREATE_TABLE_WITH_OIDS",
       .name = "Create table with oids",
       .rule = {.chain = Chain::kDefinition,
                .patterns = {"create ? ? table <name> * with oids", "create ? ? table <name> * with ( * oids"},
                .object_type = "TABLE"},
       .tracker = database_issue(10273),
       .description = "Tables have no hidden column oid any more.",
       .suggestion = "Remove the clause and add an identity column if the numbers are used.",
       .any_target = true},
      alter_table("ALTER_TABLE_OF", "Alter table of", {"alter ? table <name> of <name>"},
                  "A table cannot be tied to a type."),
      {.type = "ALTER_TABLE_SET_SCHEMA",
       .name = "Alter table set schema",
       .rule = {.chain = Chain::kDefinition, .patterns = {"alter ? table <name> set schema"}, .object_type = "TABLE"},
       .tracker = database_issue(3947),
       .description = "A table cannot be moved into another schema.",
       .suggestion = "Create it in the schema where it belongs."},
      {.type = "CREATE_SCHEMA_WITH_ELEMENTS",
       .name = "Create schema with elements",
       .rule = {.chain = Chain::kDefinition,
                .patterns = {"create schema <name> * create table", "create schema <name> * create view"},
                .object_type = "SCHEMA"},
       .tracker = database_issue(10865),
       .description = "CREATE SCHEMA cannot make the objects of the schema with it.",
       .suggestion = "Create them in statements of their own."},
      alter_table("ALTER_TABLE_NOT_OF", "Alter table not of", {"alter ? table <name> not of"},
                  "A table cannot be freed from a type."),
      alter_table("ALTER_COLUMN_SET_STATISTICS", "Alter column set statistics",
                  {"alter ? table <name> * alter ? <name> set statistics"},
                  "The figures kept for a column cannot be changed."),
      alter_table("ALTER_COLUMN_SET_STORAGE", "Alter column set storage",
                  {"alter ? table <name> * alter ? <name> set storage"}, "The storage of a column cannot be chosen."),
      alter_table("ALTER_COLUMN_RESET", "Alter column reset", {"alter ? table <name> * alter ? <name> reset"},
                  "Options of single columns cannot be reset."),
      alter_table("ALTER_TABLE_ALTER_CONSTRAINT", "Alter constraint", {"alter ? table <name> * alter constraint"},
                  "A constraint cannot be changed."),
      alter_table("ALTER_TABLE_SET_WITH_OIDS", "Alter table set with oids", {"alter ? table <name> * set with oids"},
                  "Tables have no hidden column oid."),
      alter_table("ALTER_TABLE_SET_WITHOUT_CLUSTER", "Alter table set without cluster",
                  {"alter ? table <name> * set without cluster"}, "Tables are not clustered on an index."),
      alter_table("ALTER_TABLE_SET", "Alter table set", {"alter ? table <name> set"},
                  "Options of a table cannot be set afterwards."),
      alter_table("ALTER_TABLE_RESET", "Alter table reset", {"alter ? table <name> reset"},
                  "Options of a table cannot be reset."),
      {.type = "ALTER_INDEX_SET",
       .name = "Alter index set",
       .rule = {.chain = Chain::kDefinition, .patterns = {"alter index <name> set"}, .object_type = "INDEX"},
       .tracker = database_issue(1124),
       .description = "Options of an index cannot be set afterwards.",
       .suggestion = "Remove the statement.",
       .counts_as = "TABLE"},
      alter_table("ALTER_TABLE_OPTIONS", "Alter table options", {"alter ? table <name> options"},
                  "The options of a foreign table cannot be changed."),
      {.type = "ALTER_TYPE_DROP_ATTRIBUTE",
       .name = "Alter type drop attribute",
       .rule = {.chain = Chain::kDefinition, .patterns = {"alter type <name> * drop attribute"}, .object_type = "TYPE"},
       .tracker = database_issue(1893),
       .description = "An attribute of a type cannot be dropped.",
       .suggestion = "Create the type as it should be."},
      {.type = "ALTER_TYPE",
       .name = "Alter type",
       .rule = {.chain = Chain::kDefinition, .patterns = {"alter type <name>"}, .object_type = "TYPE"},
       .tracker = database_issue(1893),
       .description = "A type cannot be changed.",
       .suggestion = "Create the type as it should be."},
      alter_table("ALTER_TABLE_INHERIT", "Alter table inherit", {"alter ? table <name> inherit"},
                  "A table cannot be made to inherit from another."),
      alter_table("ALTER_TABLE_VALIDATE_CONSTRAINT", "Validate constraint",
                  {"alter ? table <name> * validate constraint"}, "A constraint cannot be validated afterwards."),
      {.type = "ALTER_TABLESPACE_SET",
       .name = "Alter tablespace set",
       .rule = {.chain = Chain::kDefinition, .patterns = {"alter tablespace <name> set"}, .object_type = "TABLESPACE"},
       .tracker = database_issue(1153),
       .description = "Options of a tablespace cannot be set.",
       .suggestion = "Remove the statement."},
      {.type = "ALTER_VIEW",
       .name = "Alter view",
       .rule = {.chain = Chain::kDefinition, .patterns = {"alter view <name>"}, .object_type = "VIEW"},
       .tracker = database_issue(1131),
       .description = "A view cannot be changed.",
       .suggestion = "Create the view as it should be."},
      {.type = "FUNCTION_IN_C",
       .name = "Function in C",
       .rule = {.chain = Chain::kDefinition,
                .patterns = {"create ? ? function <name> * language c"},
                .object_type = "FUNCTION"},
       .tracker = voyager_issue(1540),
       .description = "The function is written in C: its library is not on the target.",
       .suggestion = "Write it in SQL or PL/pgSQL, or use the extension that brings it.",
       .any_target = true},
      {.type = "DROP_TEMPORARY_TABLE",
       .name = "Drop temporary table",
       .rule = {.chain = Chain::kDefinition, .patterns = {"drop temporary table"}},
       .tracker = voyager_issue(705),
       .description = "DROP TEMPORARY TABLE is MySQL's.",
       .suggestion = "Write DROP TABLE.",
       .docs = std::string(kKnownIssuesMysql) + "#drop-temporary-table-statements-are-not-supported",
       .any_target = true},
      {.type = "ORACLE_ANY_TYPE_COLUMN",
       .name = "Column of an Oracle type without equivalent",
       .rule = {.chain = Chain::kDefinition,
                .patterns = {"create ? ? table <name> * anydata|anydataset|anytype|uritype"},
                .object_type = "TABLE"},
       .tracker = voyager_issue(1541),
       .description = "AnyData, AnyDataSet, AnyType and URIType have no equivalent.",
       .suggestion = "Choose a type that holds what the column really has.",
       .any_target = true},
      {.type = "JSON_ARRAYAGG_IN_OBJECT",
       .name = "Json arrayagg in an object's definition",
       .rule = {.chain = Chain::kDefinition,
                .patterns = {"create ? ? view|trigger|function|procedure|table <name>",
                             "create materialized view <name>"},
                .anywhere = "json_arrayagg"},
       .tracker = voyager_issue(1542),
       .description = "The target does not have JSON_ARRAYAGG.",
       .suggestion = "Use JSON_AGG."},
  };
}

std::vector<TextRow> other_rows() {
  const auto foreign = [](std::string_view type, std::string_view name, std::string_view pattern, int number,
                          std::string_view what) {
    return TextRow{.type = type,
                   .name = name,
                   .rule = {.chain = Chain::kForeignTable, .patterns = {pattern}, .object_type = "TABLE"},
                   .tracker = database_issue(number),
                   .description = what,
                   .suggestion = "Remove the constraint.",
                   .any_target = true};
  };
  return {
      foreign("FOREIGN_TABLE_PRIMARY_KEY", "Primary key on a foreign table",
              "create foreign table <name> ( * primary key", 10698, "A foreign table cannot have a primary key."),
      foreign("FOREIGN_TABLE_FOREIGN_KEY", "Foreign key on a foreign table",
              "create foreign table <name> ( * references", 10699, "A foreign table cannot have a foreign key."),
      {.type = "ALTER_CONVERSION",
       .name = "Alter conversion",
       .rule = {.chain = Chain::kConversion, .patterns = {"alter conversion <name>"}, .object_type = "CONVERSION"},
       .tracker = database_issue(10866),
       .description = "The target has no conversions between encodings of your own.",
       .suggestion = "Remove the statement.",
       .docs = known_issue("create-or-alter-conversion-is-not-supported"),
       .invalidates = false},
      {.type = "COMPOUND_TRIGGER",
       .name = "Compound Trigger",
       .rule = {.chain = Chain::kTrigger,
                .patterns = {"create ? ? trigger <name> * compound"},
                .object_type = "TRIGGER"},
       .tracker = voyager_issue(1543),
       .description = "Oracle's compound triggers have no equivalent.",
       .suggestion = "Write one trigger for each moment.",
       .any_target = true,
       .assessed = Assessed::kOracle},
  };
}

/// The rows of the table, with rules that live as long.
const std::vector<TextRow>& text_rows() {
  static const std::vector<TextRow> kRows = [] {
    std::vector<TextRow> all = query_rows();
    for (TextRow& row : definition_rows()) all.push_back(std::move(row));
    for (TextRow& row : other_rows()) all.push_back(std::move(row));
    return all;
  }();
  return kRows;
}

}  // namespace

std::vector<Issue> text_issues() {
  std::vector<Issue> issues;
  for (const TextRow& row : text_rows()) {
    const std::string_view objects = row.rule.object_type.empty() ? "any" : row.rule.object_type;
    issues.push_back({.type = std::string(row.type),
                      .name = std::string(row.name),
                      .objects = std::string(objects),
                      .tracker = row.tracker,
                      .docs = row.docs,
                      .description = std::string(row.description),
                      .suggestion = std::string(row.suggestion),
                      .any_target = row.any_target,
                      .assessed = row.assessed,
                      .invalidates = row.invalidates,
                      .counts_as = std::string(row.counts_as),
                      .rule = &row.rule});
  }
  issues.push_back({.type = "UNSUPPORTED_PG_SYNTAX",
                    .name = "Unsupported PG syntax",
                    .objects = "any",
                    .tracker = voyager_issue(1625),
                    .description = "The statement is not PostgreSQL's SQL.",
                    .suggestion = "Write it in the syntax of PostgreSQL.",
                    .any_target = true,
                    .assessed = Assessed::kNever,
                    .invalidates = false});
  return issues;
}

}  // namespace voyager::analysis

// Issues of policies, triggers, views, collations, routines, databases, extensions, foreign tables, conversions.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "analysis/detector.h"
#include "base/text.h"
#include "sql/parse_tree.h"

namespace voyager::analysis {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;
using sql::array_of;
using sql::flag_of;
using sql::number_of;
using sql::object_of;
using sql::text_of;

constexpr std::string_view kPg12 = "postgresql-12-and-later-features";

constexpr std::array<std::string_view, 53> kExtensions = {"adminpack",
                                                          "amcheck",
                                                          "autoinc",
                                                          "bloom",
                                                          "btree_gin",
                                                          "btree_gist",
                                                          "citext",
                                                          "cube",
                                                          "dblink",
                                                          "dict_int",
                                                          "dict_xsyn",
                                                          "earthdistance",
                                                          "file_fdw",
                                                          "fuzzystrmatch",
                                                          "hll",
                                                          "hstore",
                                                          "hypopg",
                                                          "insert_username",
                                                          "intagg",
                                                          "intarray",
                                                          "isn",
                                                          "lo",
                                                          "ltree",
                                                          "moddatetime",
                                                          "orafce",
                                                          "pageinspect",
                                                          "pg_buffercache",
                                                          "pg_cron",
                                                          "pg_freespacemap",
                                                          "pg_hint_plan",
                                                          "pg_prewarm",
                                                          "pg_stat_monitor",
                                                          "pg_stat_statements",
                                                          "pg_trgm",
                                                          "pg_visibility",
                                                          "pgaudit",
                                                          "pgcrypto",
                                                          "pgrowlocks",
                                                          "pgstattuple",
                                                          "plpgsql",
                                                          "postgres_fdw",
                                                          "refint",
                                                          "seg",
                                                          "sslinfo",
                                                          "tablefunc",
                                                          "tcn",
                                                          "timetravel",
                                                          "tsm_system_rows",
                                                          "tsm_system_time",
                                                          "unaccent",
                                                          "uuid-ossp",
                                                          "yb_pg_metrics",
                                                          "yb_test_extension"};

/// The DefElem of this name in a list of options.
std::optional<object> option(std::optional<simdjson::dom::array> list, std::string_view name) {
  if (!list) return std::nullopt;
  for (const element item : *list) {
    object node;
    if (item["DefElem"].get(node) == simdjson::SUCCESS && text_of(node, "defname") == name) return node;
  }
  return std::nullopt;
}

/// Its value as text; empty for one without.
std::string option_value(object option) {
  const auto argument = object_of(option, "arg");
  if (!argument) return {};
  if (const auto text = object_of(*argument, "String")) return base::lower(text_of(*text, "sval"));
  if (const auto number = object_of(*argument, "Integer")) return fmt::format("{}", number_of(*number, "ival"));
  if (const auto flag = object_of(*argument, "Boolean")) return flag_of(*flag, "boolval") ? "true" : "false";
  if (const auto type = object_of(*argument, "TypeName")) return type_of(*type).base();
  return {};
}

void policy(const Rows& rows, const Visit& visit) {
  std::vector<std::string> roles;
  if (const auto list = array_of(visit.node, "roles")) {
    for (const element item : *list) {
      object role;
      if (item["RoleSpec"].get(role) != simdjson::SUCCESS) continue;
      if (const std::string_view name = text_of(role, "rolename"); !name.empty()) roles.emplace_back(name);
    }
  }
  if (roles.empty()) return;
  visit.findings.add(rows.one(),
                     {.statement = visit.statement, .specifics = fmt::format("Roles: {}.", base::join(roles, ", "))});
}
const Detector kPolicy{.name = "policy_roles", .nodes = {"CreatePolicyStmt"}, .node = policy};

void trigger(const Rows& rows, const Visit& visit) {
  const auto tell = [&](std::string_view argument) {
    if (const Issue* issue = rows.find(argument)) visit.findings.add(*issue, {.statement = visit.statement});
  };
  if (flag_of(visit.node, "isconstraint")) tell("constraint");
  if (array_of(visit.node, "transitionRels")) tell("referencing");
}
const Detector kTrigger{.name = "trigger", .nodes = {"CreateTrigStmt"}, .node = trigger};

void before_row_trigger(const Rows& rows, const Schema& schema, const Statistics& /*statistics*/, Findings& findings) {
  for (const Trigger& one : schema.triggers) {
    if (one.before && one.for_each_row && schema.is_partitioned(one.table))
      findings.add(rows.one(), {.statement = one.statement});
  }
}
const Detector kBeforeRowTrigger{.name = "before_row_trigger", .schema = before_row_trigger};

void foreign_table(const Rows& rows, const Visit& visit) {
  visit.findings.add(rows.one(), {.statement = visit.statement,
                                  .specifics = fmt::format("Its server is {}.", text_of(visit.node, "servername"))});
}
const Detector kForeignTable{.name = "foreign_table", .nodes = {"CreateForeignTableStmt"}, .node = foreign_table};

void security_invoker(const Rows& rows, const Visit& visit) {
  if (option(array_of(visit.node, "options"), "security_invoker"))
    visit.findings.add(rows.one(), {.statement = visit.statement});
}
const Detector kSecurityInvoker{.name = "security_invoker", .nodes = {"ViewStmt"}, .node = security_invoker};

void collation(const Rows& rows, const Visit& visit) {
  if (text_of(visit.node, "kind") != "OBJECT_COLLATION") return;
  const auto found = option(array_of(visit.node, "definition"), "deterministic");
  if (!found) return;
  const std::string value = option_value(*found);
  const bool off = value == "false" || value == "off" || value == "0" || value == "no";
  if (const Issue* issue = rows.find(off ? "off" : "on")) visit.findings.add(*issue, {.statement = visit.statement});
}
const Detector kCollation{.name = "collation", .nodes = {"DefineStmt"}, .node = collation};

void sql_body(const Rows& rows, const Visit& visit) {
  if (object_of(visit.node, "sql_body")) visit.findings.add(rows.one(), {.statement = visit.statement});
}
const Detector kSqlBody{.name = "sql_body", .nodes = {"CreateFunctionStmt"}, .node = sql_body};

void nulls_not_distinct(const Rows& rows, const Visit& visit) {
  const bool unique =
      visit.key == "IndexStmt" ? flag_of(visit.node, "unique") : text_of(visit.node, "contype") == "CONSTR_UNIQUE";
  if (!unique || !flag_of(visit.node, "nulls_not_distinct")) return;
  visit.findings.add(rows.one(), {.statement = visit.statement, .location = sql::location_of(visit.node)});
}
const Detector kNullsNotDistinct{
    .name = "nulls_not_distinct", .nodes = {"IndexStmt", "Constraint"}, .node = nulls_not_distinct};

void database_options(const Rows& rows, const Visit& visit) {
  constexpr std::array<std::string_view, 6> kPg15 = {"icu_locale", "locale_provider",   "locale",
                                                     "strategy",   "collation_version", "oid"};
  constexpr std::array<std::string_view, 2> kPg17 = {"builtin_locale", "icu_rules"};
  const auto tell = [&](std::string_view argument, std::span<const std::string_view> names) {
    std::vector<std::string> found;
    for (const std::string_view name : names) {
      if (option(array_of(visit.node, "options"), name)) found.emplace_back(name);
    }
    const Issue* issue = rows.find(argument);
    if (found.empty() || issue == nullptr) return;
    visit.findings.add(*issue, {.statement = visit.statement,
                                .object_type = "DATABASE",
                                .object_name = std::string(text_of(visit.node, "dbname")),
                                .specifics = fmt::format("Options: {}.", base::join(found, ", "))});
  };
  tell("15", kPg15);
  tell("17", kPg17);
}
const Detector kDatabaseOptions{.name = "database_options", .nodes = {"CreatedbStmt"}, .node = database_options};

void extension(const Rows& rows, const Visit& visit) {
  const std::string_view name = text_of(visit.node, "extname");
  if (std::ranges::find(kExtensions, name) != kExtensions.end()) return;
  visit.findings.add(rows.one(),
                     {.statement = visit.statement, .object_type = "EXTENSION", .object_name = std::string(name)});
}
const Detector kExtension{.name = "extension", .nodes = {"CreateExtensionStmt"}, .node = extension};

void conversion(const Rows& rows, const Visit& visit) {
  visit.findings.add(rows.one(), {.statement = visit.statement});
}
const Detector kConversion{.name = "conversion", .nodes = {"CreateConversionStmt"}, .node = conversion};

/// The statement itself is the issue.
void always(const Rows& rows, const Visit& visit) {
  visit.findings.add(rows.one(), {.statement = visit.statement});
}
const Detector kTransform{.name = "transform", .nodes = {"CreateTransformStmt"}, .node = always};
const Detector kDepends{.name = "depends_on_extension", .nodes = {"AlterObjectDependsStmt"}, .node = always};
const Detector kLabel{.name = "security_label", .nodes = {"SecLabelStmt"}, .node = always};
const Detector kLanguage{.name = "language", .nodes = {"CreatePLangStmt"}, .node = always};

void publication(const Rows& rows, const Visit& visit) {
  constexpr std::array<std::string_view, 4> kAll = {"insert", "update", "delete", "truncate"};
  std::vector<std::string> parts;
  if (const auto published = option(array_of(visit.node, "options"), "publish")) {
    const std::string list = option_value(*published);
    const bool all =
        std::ranges::all_of(kAll, [&](std::string_view one) { return list.find(one) != std::string::npos; });
    if (!all) parts.push_back("only " + (list.empty() ? std::string("nothing") : list));
  }
  if (const auto members = array_of(visit.node, "pubobjects")) {
    for (const element item : *members) {
      object member;
      if (item["PublicationObjSpec"].get(member) != simdjson::SUCCESS) continue;
      if (text_of(member, "pubobjtype") != "PUBLICATIONOBJ_TABLE") parts.emplace_back("all tables of a schema");
      const auto table = object_of(member, "pubtable");
      if (table && array_of(*table, "columns")) parts.emplace_back("some columns");
      if (table && object_of(*table, "whereClause")) parts.emplace_back("some rows");
    }
  }
  if (parts.empty()) return;
  visit.findings.add(rows.one(), {.statement = visit.statement,
                                  .specifics = fmt::format("It publishes {}.", base::join(parts, ", "))});
}
const Detector kPublication{
    .name = "publication", .nodes = {"CreatePublicationStmt", "AlterPublicationStmt"}, .node = publication};

}  // namespace

std::vector<Issue> object_issues() {
  return {
      {.type = "POLICY_WITH_ROLES",
       .name = "Policy with Roles",
       .category = Category::kCaveat,
       .objects = "POLICY",
       .tracker = voyager_issue(1655),
       .docs = known_issue("policies-on-users-in-source-require-manual-user-creation"),
       .description = "The policy names roles, and roles are not migrated.",
       .suggestion =
           "Create the roles on the target before the schema is imported: schema/roles.sql has the statements.",
       .any_target = true,
       .detector = &kPolicy},
      {.type = "CONSTRAINT_TRIGGER",
       .name = "Constraint Trigger",
       .objects = "TRIGGER",
       .tracker = database_issue(1709),
       .docs = known_issue("constraint-trigger-is-not-supported"),
       .description = "The target has no constraint triggers.",
       .suggestion = "Make it an ordinary AFTER trigger where running at once is good enough.",
       .detector = &kTrigger,
       .argument = "constraint"},
      {.type = "REFERENCING_CLAUSE_IN_TRIGGER",
       .name = "Referencing Clause in Triggers",
       .objects = "TRIGGER",
       .tracker = database_issue(1668),
       .docs = known_issue("referencing-clause-for-triggers"),
       .description = "Triggers of the target cannot name transition tables.",
       .suggestion = "Write it as a trigger for each row.",
       .detector = &kTrigger,
       .argument = "referencing"},
      {.type = "BEFORE_ROW_TRIGGER_ON_PARTITIONED_TABLE",
       .name = "BEFORE ROW triggers on partitioned tables",
       .objects = "TRIGGER",
       .fixed = since_pg15(),
       .tracker = database_issue(24830),
       .docs = known_issue("before-row-triggers-on-partitioned-tables"),
       .description = "A partitioned table cannot have a BEFORE ROW trigger.",
       .suggestion = "Create it on each partition.",
       .detector = &kBeforeRowTrigger},
      {.type = "FOREIGN_TABLE",
       .name = "Foreign Table",
       .category = Category::kCaveat,
       .objects = "FOREIGN TABLE",
       .tracker = voyager_issue(1627),
       .docs = known_issue("foreign-table-in-the-source-database-requires-server-and-user-mapping"),
       .description = "A foreign table needs a server and a user mapping, whose passwords are not migrated.",
       .suggestion =
           "Give the user mapping its password on the target by hand: ALTER USER MAPPING ... OPTIONS (ADD password "
           "'...').",
       .any_target = true,
       .detector = &kForeignTable},
      {.type = "SECURITY_INVOKER_VIEWS",
       .name = "Security Invoker Views",
       .objects = "VIEW",
       .fixed = since_pg15(),
       .tracker = database_issue(25575),
       .docs = known_issue(kPg12),
       .description = "Views of the target always run with the rights of their owner.",
       .suggestion = "Remove the option and grant the owner what the view needs.",
       .detector = &kSecurityInvoker},
      {.type = "DETERMINISTIC_OPTION_WITH_COLLATION",
       .name = "Deterministic attribute in collation",
       .objects = "COLLATION",
       .fixed = since_pg15(),
       .tracker = database_issue(25575),
       .docs = known_issue(kPg12),
       .description = "CREATE COLLATION of the target does not know the option deterministic.",
       .suggestion = "Remove the option: collations are deterministic anyway.",
       .detector = &kCollation,
       .argument = "on"},
      {.type = "NON_DETERMINISTIC_COLLATION",
       .name = "Non-Deterministic collations",
       .objects = "COLLATION",
       .tracker = database_issue(25575),
       .docs = known_issue(kPg12),
       .description = "The target has no collations that treat different strings as equal.",
       .suggestion = "Compare lower-cased or otherwise normalised values instead.",
       .detector = &kCollation,
       .argument = "off"},
      {.type = "SQL_BODY_IN_FUNCTION",
       .name = "SQL Body in function",
       .objects = "FUNCTION",
       .fixed = since_pg15(),
       .tracker = database_issue(25575),
       .docs = known_issue(kPg12),
       .description = "Routines of the target cannot have their body as SQL outside of a string.",
       .suggestion = "Write the body as a string: AS $$ ... $$.",
       .detector = &kSqlBody},
      {.type = "UNIQUE_NULLS_NOT_DISTINCT",
       .name = "Unique Nulls Not Distinct",
       .objects = "TABLE, INDEX",
       .fixed = since_pg15(),
       .tracker = database_issue(25575),
       .docs = known_issue(kPg12),
       .description = "Unique constraints and indexes of the target always treat nulls as distinct.",
       .suggestion = "Remove the clause, and forbid the second null in another way.",
       .in_queries = true,
       .detector = &kNullsNotDistinct},
      {.type = "DATABASE_OPTIONS_PG15",
       .name = "Database options",
       .impact = Impact::kLevel2,
       .objects = "DATABASE",
       .tracker = database_issue(25575),
       .docs = known_issue(kPg12),
       .description = "The database is created with options that came with PostgreSQL 15.",
       .suggestion = "Remove them.",
       .in_queries = true,
       .detector = &kDatabaseOptions,
       .argument = "15"},
      {.type = "DATABASE_OPTIONS_PG17",
       .name = "Database options",
       .impact = Impact::kLevel2,
       .objects = "DATABASE",
       .tracker = database_issue(25575),
       .docs = known_issue(kPg12),
       .description = "The database is created with options that came with PostgreSQL 17.",
       .suggestion = "Remove them.",
       .in_queries = true,
       .detector = &kDatabaseOptions,
       .argument = "17"},
      {.type = "UNSUPPORTED_EXTENSION",
       .name = "Unsupported Extension",
       .impact = Impact::kLevel3,
       .objects = "EXTENSION",
       .tracker = voyager_issue(1538),
       .docs = "https://docs.yugabyte.com/preview/explore/ysql-language-features/pg-extensions/",
       .description = "The extension is not among those that the target brings.",
       .suggestion = "Do without what it provides, or see whether a function of your own can replace it.",
       .detector = &kExtension},
      {.type = "CREATE_CONVERSION",
       .name = "Create Conversion",
       .impact = Impact::kLevel3,
       .objects = "CONVERSION",
       .tracker = database_issue(10866),
       .docs = known_issue("create-or-alter-conversion-is-not-supported"),
       .description = "The target has no conversions between encodings of your own.",
       .suggestion = "Remove the statement.",
       .invalidates = false,
       .detector = &kConversion},
      {.type = "CREATE_TRANSFORM",
       .name = "Create Transform",
       .objects = "TRANSFORM",
       .tracker = database_issue(9437),
       .description = "The target has no transforms between types and languages.",
       .suggestion = "Convert the values in the functions that need it, and export without it: "
                     "--exclude-object-type-list TRANSFORM.",
       .assessed = Assessed::kNever,
       .detector = &kTransform},
      {.type = "DEPENDS_ON_EXTENSION",
       .name = "Object Depends on Extension",
       .objects = "FUNCTION, PROCEDURE, TRIGGER, INDEX, MVIEW",
       .tracker = database_issue(14340),
       .description = "The target does not note that an object is to go with an extension.",
       .suggestion = "Remove the statement: it only matters when the extension is dropped.",
       .assessed = Assessed::kNever,
       .invalidates = false,
       .detector = &kDepends},
      {.type = "PUBLICATION_OF_A_PART",
       .name = "Publication of a Part",
       .objects = "PUBLICATION",
       .docs = "https://docs.yugabyte.com/stable/api/ysql/the-sql-language/statements/ddl_create_publication/",
       .description = "Publications of the target publish all changes of whole tables, named one by one or all of the "
                      "database.",
       .suggestion = "Publish the whole tables and filter where the changes are read, or export without it: "
                     "--exclude-object-type-list PUBLICATION.",
       .assessed = Assessed::kNever,
       .detector = &kPublication},
      {.type = "SECURITY_LABEL",
       .name = "Security Label",
       .category = Category::kCaveat,
       .objects = "TABLE, COLUMN, FUNCTION, SCHEMA",
       .description = "A security label means something to the provider that gave it, which has to be loaded.",
       .suggestion =
           "Load the provider on the target, or export without: --exclude-object-type-list \"SECURITY LABEL\".",
       .any_target = true,
       .assessed = Assessed::kNever,
       .invalidates = false,
       .detector = &kLabel},
      {.type = "CREATE_LANGUAGE",
       .name = "Create Language",
       .category = Category::kCaveat,
       .objects = "LANGUAGE",
       .description = "A language of one's own needs the library of its handler, and a superuser to make it.",
       .suggestion = "Install the library on every server of the target, or export without: --exclude-object-type-list "
                     "LANGUAGE.",
       .any_target = true,
       .assessed = Assessed::kNever,
       .detector = &kLanguage},
  };
}

}  // namespace voyager::analysis

// Issues of tables, their constraints and indexes.
#include <fmt/format.h>

#include <algorithm>

#include "analysis/detector.h"
#include "base/text.h"
#include "sql/parse_tree.h"

namespace voyager::analysis {
namespace {

using sql::array_of;
using sql::location_of;
using sql::object_of;
using sql::text_of;

// --- columns and the table itself ---

void stored_generated(const Rows& rows, const Schema& schema, const Statistics& /*statistics*/, Findings& findings) {
  for (const Table& table : schema.tables) {
    std::map<std::size_t, std::vector<std::string>> by_statement;
    std::map<std::size_t, std::size_t> first;
    for (const Column& column : table.columns) {
      if (!column.generated) continue;
      by_statement[column.statement].push_back(column.name);
      first.emplace(column.statement, column.location);
    }
    for (const auto& [statement, names] : by_statement) {
      findings.add(rows.one(), {.statement = statement,
                                .location = first[statement],
                                .object_type = "TABLE",
                                .object_name = table.name.text(),
                                .specifics = fmt::format("Generated: {}.", base::join(names, ", "))});
    }
  }
}
const Detector kStoredGenerated{.name = "stored_generated", .schema = stored_generated};

void unlogged(const Rows& rows, const Visit& visit) {
  const auto relation = object_of(visit.node, "relation");
  if (relation && text_of(*relation, "relpersistence") == "u") {
    visit.findings.add(
        rows.one(),
        {.statement = visit.statement, .object_type = "TABLE", .object_name = relation_of(visit.node).text()});
  }
}
const Detector kUnlogged{.name = "unlogged", .nodes = {"CreateStmt"}, .node = unlogged};

void inheritance(const Rows& rows, const Schema& schema, const Statistics& /*statistics*/, Findings& findings) {
  for (const Table& table : schema.tables) {
    if (table.parents.empty()) continue;
    std::vector<std::string> parents;
    for (const Name& parent : table.parents) parents.push_back(parent.text());
    findings.add(rows.one(), {.statement = table.statement,
                              .object_type = "TABLE",
                              .object_name = table.name.text(),
                              .specifics = fmt::format("It inherits from {}.", base::join(parents, ", "))});
  }
}
const Detector kInheritance{.name = "inheritance", .schema = inheritance};

void compression(const Rows& rows, const Schema& schema, const Statistics& /*statistics*/, Findings& findings) {
  for (const Table& table : schema.tables) {
    for (const Column& column : table.columns) {
      if (column.compression.empty()) continue;
      findings.add(rows.one(), {.statement = column.statement,
                                .location = column.location,
                                .object_type = "TABLE",
                                .object_name = table.name.text(),
                                .specifics = fmt::format("Column: {}.", column.name),
                                .details = {{"ColumnName", column.name}}});
    }
  }
}
const Detector kCompressionOfColumns{.name = "compression",
                                     .nodes = {"AlterTableCmd"},
                                     .node =
                                         [](const Rows& rows, const Visit& visit) {
                                           if (text_of(visit.node, "subtype") != "AT_SetCompression") return;
                                           const std::string column(text_of(visit.node, "name"));
                                           visit.findings.add(rows.one(),
                                                              {.statement = visit.statement,
                                                               .specifics = fmt::format("Column: {}.", column),
                                                               .details = {{"ColumnName", column}}});
                                         },
                                     .schema = compression};

// --- ALTER TABLE: every sub-command is looked at ---

void alter_command(const Rows& rows, const Visit& visit) {
  const Issue* issue = rows.find(text_of(visit.node, "subtype"));
  if (issue == nullptr) return;
  const std::string name(text_of(visit.node, "name"));
  visit.findings.add(*issue,
                     {.statement = visit.statement, .specifics = name.empty() ? "" : fmt::format("Named: {}.", name)});
}
const Detector kAlterCommand{.name = "alter_command", .nodes = {"AlterTableCmd"}, .node = alter_command};

void storage_parameters(const Rows& rows, const Visit& visit) {
  if (visit.key == "IndexStmt") {
    if (array_of(visit.node, "options")) visit.findings.add(rows.one(), {.statement = visit.statement});
    return;
  }
  // Of a constraint that ALTER TABLE adds; CREATE TABLE's own are taken by the target.
  const auto definition = object_of(visit.node, "def");
  const auto constraint = definition ? object_of(*definition, "Constraint") : std::nullopt;
  if (!constraint || text_of(visit.node, "subtype") != "AT_AddConstraint" || !array_of(*constraint, "options")) return;
  visit.findings.add(rows.one(), {.statement = visit.statement, .location = location_of(*constraint)});
}
const Detector kStorageParameters{
    .name = "storage_parameters", .nodes = {"IndexStmt", "AlterTableCmd"}, .node = storage_parameters};

// --- constraints ---

Hit constraint_hit(const Constraint& constraint) {
  return {.statement = constraint.statement,
          .location = constraint.location,
          .object_type = "TABLE",
          .object_name = constraint.table.text(),
          .constraint = constraint.name};
}

void exclusion(const Rows& rows, const Schema& schema, const Statistics& /*statistics*/, Findings& findings) {
  for (const Constraint& constraint : schema.constraints) {
    if (constraint.kind == KeyKind::kExclusion) findings.add(rows.one(), constraint_hit(constraint));
  }
}
const Detector kExclusion{.name = "exclusion", .schema = exclusion};

void deferrable(const Rows& rows, const Schema& schema, const Statistics& /*statistics*/, Findings& findings) {
  for (const Constraint& constraint : schema.constraints) {
    if (constraint.deferrable && constraint.kind != KeyKind::kForeign)
      findings.add(rows.one(), constraint_hit(constraint));
  }
}
const Detector kDeferrable{.name = "deferrable", .schema = deferrable};

void foreign_key_to_partitioned(const Rows& rows, const Schema& schema, const Statistics& /*statistics*/,
                                Findings& findings) {
  for (const Constraint& constraint : schema.constraints) {
    if (constraint.kind != KeyKind::kForeign || !schema.is_partitioned(constraint.referenced)) continue;
    Hit hit = constraint_hit(constraint);
    hit.specifics = fmt::format("It references {}.", constraint.referenced.text());
    findings.add(rows.one(), std::move(hit));
  }
}
const Detector kForeignKeyToPartitioned{.name = "foreign_key_to_partitioned", .schema = foreign_key_to_partitioned};

// --- partitions ---

void primary_key_added_to_partitioned(const Rows& rows, const Schema& schema, const Statistics& /*statistics*/,
                                      Findings& findings) {
  for (const Constraint& constraint : schema.constraints) {
    if (constraint.kind != KeyKind::kPrimary || !constraint.by_alter || !schema.is_partitioned(constraint.table))
      continue;
    findings.add(rows.one(), {.statement = constraint.statement,
                              .location = constraint.location,
                              .object_type = "TABLE",
                              .object_name = constraint.table.text()});
  }
}
const Detector kPrimaryKeyAddedToPartitioned{.name = "primary_key_added_to_partitioned",
                                             .schema = primary_key_added_to_partitioned};

/// The keys that the CREATE TABLE itself brings.
std::vector<const Constraint*> keys_in_create(const Schema& schema, const Table& table) {
  std::vector<const Constraint*> keys = schema.keys_of(table.name);
  std::erase_if(keys, [&](const Constraint* key) { return key->statement != table.statement; });
  return keys;
}

void expression_partition(const Rows& rows, const Schema& schema, const Statistics& /*statistics*/,
                          Findings& findings) {
  for (const Table& table : schema.tables) {
    if (table.partitioned_by_expression && !keys_in_create(schema, table).empty()) {
      findings.add(rows.one(),
                   {.statement = table.statement, .object_type = "TABLE", .object_name = table.name.text()});
    }
  }
}
const Detector kExpressionPartition{.name = "expression_partition", .schema = expression_partition};

void multi_column_list(const Rows& rows, const Schema& schema, const Statistics& /*statistics*/, Findings& findings) {
  for (const Table& table : schema.tables) {
    if (table.strategy != "LIST" || table.partition_columns.size() < 2) continue;
    findings.add(rows.one(), {.statement = table.statement,
                              .object_type = "TABLE",
                              .object_name = table.name.text(),
                              .specifics = fmt::format("Columns: {}.", base::join(table.partition_columns, ", "))});
  }
}
const Detector kMultiColumnList{.name = "multi_column_list", .schema = multi_column_list};

void partition_columns_outside_key(const Rows& rows, const Schema& schema, const Statistics& /*statistics*/,
                                   Findings& findings) {
  for (const Table& table : schema.tables) {
    if (table.partition_columns.empty()) continue;
    for (const Constraint* key : keys_in_create(schema, table)) {
      if (key->kind != KeyKind::kPrimary) continue;
      std::vector<std::string> missing;
      for (const std::string& column : table.partition_columns) {
        if (std::ranges::find(key->columns, column) == key->columns.end()) missing.push_back(column);
      }
      if (missing.empty()) continue;
      findings.add(rows.one(), {.statement = table.statement,
                                .object_type = "TABLE",
                                .object_name = table.name.text(),
                                .specifics = fmt::format("Missing from the key: {}.", base::join(missing, ", "))});
    }
  }
}
const Detector kPartitionColumnsOutsideKey{.name = "partition_columns_outside_key",
                                           .schema = partition_columns_outside_key};

// --- indexes ---

Hit index_hit(const Index& index) {
  return {.statement = index.statement, .object_type = "INDEX", .object_name = index.text()};
}

void index_method(const Rows& rows, const Schema& schema, const Statistics& /*statistics*/, Findings& findings) {
  for (const Index& index : schema.indexes) {
    if (const Issue* issue = rows.find(index.method)) findings.add(*issue, index_hit(index));
  }
}
const Detector kIndexMethod{.name = "index_method", .schema = index_method};

void gin(const Rows& rows, const Schema& schema, const Statistics& /*statistics*/, Findings& findings) {
  for (const Index& index : schema.indexes) {
    if (index.method != "gin" || index.keys.empty()) continue;
    const Issue* issue = index.keys.size() > 1        ? rows.find("several")
                         : index.keys.front().ordered ? rows.find("ordered")
                                                      : nullptr;
    if (issue != nullptr) findings.add(*issue, index_hit(index));
  }
}
const Detector kGin{.name = "gin", .schema = gin};

}  // namespace

std::vector<Issue> table_issues() {
  const std::string gist = known_issue("gist-brin-and-spgist-index-types-are-not-supported");
  const std::string alter = known_issue("unsupported-alter-table-ddl-variants-in-source-schema");
  return {
      {.type = "STORED_GENERATED_COLUMNS",
       .name = "Stored Generated Columns",
       .objects = "TABLE",
       .fixed = since_pg15(),
       .tracker = database_issue(10695),
       .docs = known_issue("generated-always-as-stored-type-column-is-not-supported"),
       .description = "The target cannot compute stored generated columns.",
       .suggestion = "Make them ordinary columns and keep their values up to date with a trigger.",
       .detector = &kStoredGenerated},
      {.type = "UNLOGGED_TABLES",
       .name = "UNLOGGED tables",
       .objects = "TABLE",
       .fixed = {.supported = {"2024.2.0.0", "2.25.0.0", "2025.1.0.0", "2025.2.0.0", "2026.1.0.0"}},
       .tracker = database_issue(1129) + "/",
       .docs = known_issue("unlogged-table-is-not-supported"),
       .description = "The target has no unlogged tables.",
       .suggestion = "Remove the word UNLOGGED.",
       .detector = &kUnlogged},
      {.type = "UNSUPPORTED_GIST_INDEX_METHOD",
       .name = "Index with GIST access method",
       .objects = "INDEX",
       .tracker = database_issue(1337),
       .docs = gist,
       .description = "The target has no GiST indexes.",
       .detector = &kIndexMethod,
       .argument = "gist"},
      {.type = "UNSUPPORTED_BRIN_INDEX_METHOD",
       .name = "Index with BRIN access method",
       .objects = "INDEX",
       .tracker = database_issue(1337),
       .docs = gist,
       .description = "The target has no BRIN indexes.",
       .detector = &kIndexMethod,
       .argument = "brin"},
      {.type = "UNSUPPORTED_SPGIST_INDEX_METHOD",
       .name = "Index with SPGIST access method",
       .objects = "INDEX",
       .tracker = database_issue(1337),
       .docs = gist,
       .description = "The target has no SP-GiST indexes.",
       .detector = &kIndexMethod,
       .argument = "spgist"},
      {.type = "STORAGE_PARAMETERS",
       .name = "Storage Parameters",
       .objects = "INDEX, TABLE",
       .tracker = database_issue(23467),
       .docs = known_issue("storage-parameters-on-indexes-or-constraints-in-the-source-postgresql"),
       .description = "Storage parameters of indexes and constraints are refused by the target.",
       .suggestion = "Remove them.",
       .detector = &kStorageParameters},
      {.type = "ALTER_TABLE_SET_COLUMN_ATTRIBUTE",
       .name = "ALTER TABLE .. ALTER COLUMN .. SET ( attribute = value )",
       .objects = "TABLE",
       .tracker = database_issue(1124),
       .docs = alter,
       .description = "Options of single columns cannot be set on the target.",
       .suggestion = "Remove the statement.",
       .detector = &kAlterCommand,
       .argument = "AT_SetOptions"},
      {.type = "ALTER_TABLE_CLUSTER_ON",
       .name = "ALTER TABLE CLUSTER ON",
       .objects = "TABLE",
       .tracker = database_issue(1124),
       .docs = alter,
       .description = "Tables of the target are not clustered on an index.",
       .suggestion = "Remove the statement.",
       .detector = &kAlterCommand,
       .argument = "AT_ClusterOn"},
      {.type = "ALTER_TABLE_DISABLE_RULE",
       .name = "ALTER TABLE .. DISABLE RULE",
       .objects = "TABLE",
       .tracker = database_issue(1124),
       .docs = alter,
       .description = "Rules cannot be switched off on the target.",
       .suggestion = "Remove the statement together with the rule that it names.",
       .detector = &kAlterCommand,
       .argument = "AT_DisableRule"},
      {.type = "EXCLUSION_CONSTRAINTS",
       .name = "Exclusion Constraints",
       .objects = "TABLE",
       .tracker = database_issue(3944),
       .docs = known_issue("exclusion-constraints-is-not-supported"),
       .description = "The target has no exclusion constraints.",
       .suggestion = "Enforce the rule with a trigger or in the application.",
       .detector = &kExclusion},
      {.type = "DEFERRABLE_CONSTRAINTS",
       .name = "Deferrable Constraints",
       .impact = Impact::kLevel3,
       .objects = "TABLE",
       .tracker = database_issue(1709),
       .docs = known_issue("deferrable-constraint-on-constraints-other-than-foreign-keys-is-not-supported"),
       .description = "Only foreign keys can be deferrable on the target.",
       .suggestion = "Remove DEFERRABLE and let the application write in an order that never breaks the constraint.",
       .detector = &kDeferrable},
      {.type = "MULTI_COLUMN_GIN_INDEX",
       .name = "Multi Column GIN Index",
       .objects = "INDEX",
       .tracker = database_issue(10652),
       .docs = known_issue("gin-indexes-on-multiple-columns-are-not-supported"),
       .description = "A GIN index of the target has exactly one column.",
       .suggestion = "Create one index for each column.",
       .detector = &kGin,
       .argument = "several"},
      {.type = "ORDERED_GIN_INDEX",
       .name = "Ordered GIN Index",
       .objects = "INDEX",
       .tracker = database_issue(10653),
       .docs = known_issue("issue-in-some-unsupported-cases-of-gin-indexes"),
       .description = "A GIN index of the target takes no ASC, DESC or HASH.",
       .suggestion = "Remove the order.",
       .assessed = Assessed::kNever,
       .detector = &kGin,
       .argument = "ordered"},
      {.type = "ALTER_TABLE_ADD_PK_ON_PARTITIONED_TABLE",
       .name = "Adding Primary Key to a partitioned table",
       .category = Category::kCaveat,
       .objects = "TABLE",
       .fixed = {.supported = {"2.23.0.0", "2024.1.0.0", "2024.2.0.0", "2.25.0.0", "2025.1.0.0", "2025.2.0.0",
                               "2026.1.0.0"}},
       .tracker = database_issue(10074),
       .docs = known_issue("adding-primary-key-to-a-partitioned-table-results-in-an-error"),
       .description = "A partitioned table gets its primary key when it is created or not at all.",
       .suggestion = "Move the key into CREATE TABLE.",
       .detector = &kPrimaryKeyAddedToPartitioned},
      {.type = "EXPRESSION_PARTITION_WITH_PK_UK",
       .name = "Tables partitioned using expressions containing primary or unique keys",
       .objects = "TABLE",
       .tracker = voyager_issue(698),
       .docs =
           std::string(kKnownIssuesMysql) + "#tables-partitioned-with-expressions-cannot-contain-primary-unique-keys",
       .description = "A table that is partitioned by an expression cannot have a primary or unique key.",
       .suggestion = "Remove the constraint, or partition by a column.",
       .any_target = true,
       .assessed = Assessed::kNever,
       .detector = &kExpressionPartition},
      {.type = "MULTI_COLUMN_LIST_PARTITION",
       .name = "Multi-column partition by list",
       .objects = "TABLE",
       .tracker = voyager_issue(699),
       .docs = std::string(kKnownIssuesMysql) + "#multi-column-partition-by-list-is-not-supported",
       .description = "Lists partition by one column only.",
       .suggestion = "Keep one column, or partition by range or hash.",
       .any_target = true,
       .assessed = Assessed::kNever,
       .detector = &kMultiColumnList},
      {.type = "INSUFFICIENT_COLUMNS_IN_PK_FOR_PARTITION",
       .name = "Partition key columns not part of Primary Key",
       .objects = "TABLE",
       .tracker = voyager_issue(578),
       .docs = std::string(kKnownIssuesOracle) + "#partition-key-column-not-part-of-primary-key-columns",
       .description = "The primary key of a partitioned table has to hold every partition column.",
       .suggestion = "Add the missing columns to the primary key.",
       .any_target = true,
       .assessed = Assessed::kNever,
       .detector = &kPartitionColumnsOutsideKey},
      {.type = "INHERITANCE",
       .name = "Table Inheritance",
       .impact = Impact::kLevel3,
       .objects = "TABLE",
       .fixed = {.tech_preview = {"2025.1.0.0", "2025.2.0.0", "2026.1.0.0"}},
       .flags = "ysql_enable_inheritance",
       .tracker = database_issue(1129),
       .docs = known_issue("table-inheritance-is-not-supported"),
       .description = "Tables of the target do not inherit from others.",
       .suggestion = "Use partitions, or separate tables and a view over them.",
       .detector = &kInheritance},
      {.type = "FOREIGN_KEY_REFERENCED_PARTITIONED_TABLE",
       .name = "Foreign key constraint references partitioned table",
       .objects = "TABLE",
       .fixed = since_pg15(),
       .tracker = database_issue(25575),
       .docs = known_issue("postgresql-12-and-later-features"),
       .description = "A foreign key cannot reference a partitioned table.",
       .suggestion = "Remove the constraint, or reference the partitions.",
       .detector = &kForeignKeyToPartitioned},
      {.type = "COMPRESSION_CLAUSE_IN_TABLE",
       .name = "COMPRESSION clause in table for TOASTing",
       .objects = "TABLE",
       .tracker = database_issue(25575),
       .docs = known_issue("postgresql-12-and-later-features"),
       .description = "Columns of the target have no compression method of their own.",
       .suggestion = "Remove the clause: it means nothing there.",
       .detector = &kCompressionOfColumns},
  };
}

}  // namespace voyager::analysis

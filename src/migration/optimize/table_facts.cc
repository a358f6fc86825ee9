#include "migration/optimize/table_facts.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "sql/parse_tree.h"
#include "sql/statement.h"

namespace voyager::migration {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

/// Commands of ALTER TABLE that neither need nor change what a key is made of.
constexpr std::array<std::string_view, 19> kHarmless = {
    "AT_ColumnDefault",  "AT_AddIdentity",        "AT_SetIdentity",       "AT_SetStatistics",    "AT_SetStorage",
    "AT_SetCompression", "AT_SetNotNull",         "AT_EnableRowSecurity", "AT_ForceRowSecurity", "AT_ChangeOwner",
    "AT_AddConstraint",  "AT_ValidateConstraint", "AT_ReplicaIdentity",   "AT_ClusterOn",        "AT_SetRelOptions",
    "AT_SetOptions",     "AT_EnableAlwaysTrig",   "AT_EnableReplicaTrig", "AT_DisableTrig"};

std::vector<std::string> texts_of(std::optional<array> list) {
  std::vector<std::string> texts;
  if (!list) return texts;
  for (const element item : *list) {
    std::string_view text;
    if (item["String"]["sval"].get(text) == simdjson::SUCCESS) texts.emplace_back(text);
  }
  return texts;
}

model::TableName name_of(const std::vector<std::string>& parts) {
  model::TableName name;
  if (!parts.empty()) name.name = model::Identifier(parts.back());
  if (parts.size() > 1) name.schema = model::Identifier(parts[parts.size() - 2]);
  return name;
}

model::TableName range_var(object node) {
  return {model::Identifier(std::string(sql::text_of(node, "schemaname"))),
          model::Identifier(std::string(sql::text_of(node, "relname")))};
}

std::set<model::TableName> mentions_of(object root) {
  std::set<model::TableName> names;
  sql::walk_tree(root, [&](std::string_view, element value) {
    object node;
    if (value.get(node) != simdjson::SUCCESS) return;
    if (!sql::text_of(node, "relname").empty()) names.insert(range_var(node));
    if (sql::array_of(node, "names")) names.insert(name_of(texts_of(sql::array_of(node, "names"))));
  });
  return names;
}

void read_constraint(object constraint, const std::string& own_column, TableFacts& facts) {
  const std::string_view type = sql::text_of(constraint, "contype");
  if (type != "CONSTR_PRIMARY" && type != "CONSTR_UNIQUE") return;
  KeyFacts key{.columns = texts_of(sql::array_of(constraint, "keys")),
               .included = texts_of(sql::array_of(constraint, "including")),
               .nulls_equal = sql::flag_of(constraint, "nulls_not_distinct")};
  if (key.columns.empty() && !own_column.empty()) key.columns.push_back(own_column);
  if (type == "CONSTR_PRIMARY") facts.primary_key = key.columns;
  const std::string_view name = sql::text_of(constraint, "conname");
  const bool own_index = sql::text_of(constraint, "indexname").empty() && !sql::flag_of(constraint, "deferrable");
  if (!name.empty() && own_index) facts.keys.emplace(name, std::move(key));
}

void read_column(object column, TableFacts& facts) {
  const std::string name(sql::text_of(column, "colname"));
  if (const auto type = sql::object_of(column, "typeName")) {
    const std::vector<std::string> parts = texts_of(sql::array_of(*type, "names"));
    if (!parts.empty()) facts.column_types[name] = parts.back() + (sql::array_of(*type, "arrayBounds") ? "[]" : "");
  }
  if (const auto constraints = sql::array_of(column, "constraints")) {
    for (const element item : *constraints) {
      object constraint;
      if (item["Constraint"].get(constraint) == simdjson::SUCCESS) read_constraint(constraint, name, facts);
    }
  }
}

void read_create(object create, TableFacts& facts) {
  facts.kind = TableStatement::kCreate;
  if (const auto parents = sql::array_of(create, "inhRelations")) {
    for (const element parent : *parents) {
      object name;
      if (parent["RangeVar"].get(name) == simdjson::SUCCESS) facts.parents.push_back(range_var(name));
    }
  }
  const auto elements = sql::array_of(create, "tableElts");
  if (!elements) return;
  for (const element item : *elements) {
    object node;
    if (item["ColumnDef"].get(node) == simdjson::SUCCESS) read_column(node, facts);
    if (item["Constraint"].get(node) == simdjson::SUCCESS) read_constraint(node, {}, facts);
  }
}

bool is_harmless(array commands) {
  return std::ranges::all_of(commands, [](element item) {
    std::string_view subtype;
    return item["AlterTableCmd"]["subtype"].get(subtype) == simdjson::SUCCESS &&
           std::ranges::find(kHarmless, subtype) != kHarmless.end();
  });
}

void read_alter(object alter, const sql::Statement& info, TableFacts& facts) {
  const auto commands = sql::array_of(alter, "cmds");
  if (!commands || sql::text_of(alter, "objtype") != "OBJECT_TABLE") return;
  for (const element item : *commands) {
    object constraint;
    if (item["AlterTableCmd"]["def"]["Constraint"].get(constraint) == simdjson::SUCCESS)
      read_constraint(constraint, {}, facts);
  }
  if (info.kind == sql::StatementKind::kAddConstraint && info.constraint.kind == sql::ConstraintKind::kPrimaryKey) {
    facts.kind = TableStatement::kPrimaryKey;
  } else if (info.kind == sql::StatementKind::kAddConstraint && info.constraint.kind == sql::ConstraintKind::kUnique) {
    facts.kind = TableStatement::kUnique;
  } else if (is_harmless(*commands)) {
    facts.kind = TableStatement::kAlter;
  }
}

TableFacts read_piece(const sql::Piece& piece) {
  TableFacts facts{.piece = piece};
  if (piece.kind != sql::Piece::Kind::kStatement) return facts;
  const sql::Statement info = sql::parse_statement(piece.sql());
  facts.table = info.table;
  if (info.kind == sql::StatementKind::kSession) facts.kind = TableStatement::kSession;
  sql::with_parse_tree(piece.sql(), [&](object root) {
    facts.mentions = mentions_of(root);
    if (const auto create = sql::object_of(root, "CreateStmt")) read_create(*create, facts);
    if (const auto alter = sql::object_of(root, "AlterTableStmt")) read_alter(*alter, info, facts);
  });
  return facts;
}

}  // namespace

std::vector<TableFacts> read_table_file(std::string_view text) {
  std::vector<TableFacts> all;
  sql::with_large_stack([&] {
    for (const sql::Piece& piece : sql::split_statements(text)) {
      if (piece.kind != sql::Piece::Kind::kTrivia) all.push_back(read_piece(piece));
    }
  });
  return all;
}

}  // namespace voyager::migration

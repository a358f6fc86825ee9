#include "sql/statement.h"

#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <utility>

#include "base/sha256.h"
#include "sql/lexer.h"
#include "sql/parse_tree.h"

namespace voyager::sql {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

model::Identifier identifier(std::string_view text) {
  return model::Identifier(std::string(text));
}

model::TableName range_var(object node) {
  return {.schema = identifier(text_of(node, "schemaname")), .name = identifier(text_of(node, "relname"))};
}

model::TableName relation_of(object node) {
  const auto relation = object_of(node, "relation");
  return relation ? range_var(*relation) : model::TableName{};
}

bool is_only(object node) {
  const auto relation = object_of(node, "relation");
  return relation && !flag_of(*relation, "inh");
}

/// The texts of a list of String nodes: a name in parts.
std::vector<std::string> name_parts(std::optional<array> list) {
  std::vector<std::string> parts;
  if (!list) return parts;
  for (const element item : *list) {
    object node;
    if (item.get(node) != simdjson::SUCCESS) continue;
    if (const auto text = object_of(node, "String")) parts.emplace_back(text_of(*text, "sval"));
  }
  return parts;
}

model::TableName name_from(const std::vector<std::string>& parts, std::size_t count) {
  model::TableName name;
  if (count >= 1) name.name = model::Identifier(parts[count - 1]);
  if (count >= 2) name.schema = model::Identifier(parts[count - 2]);
  return name;
}

bool is_own(const std::vector<std::string>& parts) {
  return parts.size() > 1 && parts.front() != "pg_catalog";
}

/// False when the expression names a function or operator of the user (pg_dump qualifies all of them) or the whole row:
/// such a thing may in turn need the table.
bool is_self_contained(element expression) {
  bool result = true;
  walk_tree(expression, [&](std::string_view key, element value) {
    object node;
    if (value.get(node) != simdjson::SUCCESS) return;
    if (key == "FuncCall" && is_own(name_parts(array_of(node, "funcname")))) result = false;
    if (key == "A_Expr" && is_own(name_parts(array_of(node, "name")))) result = false;
    if (key == "A_Star") result = false;
  });
  return result;
}

ConstraintKind constraint_kind(std::string_view contype) {
  constexpr std::array<std::pair<std::string_view, ConstraintKind>, 5> kKinds = {{
      {"CONSTR_PRIMARY", ConstraintKind::kPrimaryKey},
      {"CONSTR_UNIQUE", ConstraintKind::kUnique},
      {"CONSTR_EXCLUSION", ConstraintKind::kExclusion},
      {"CONSTR_CHECK", ConstraintKind::kCheck},
      {"CONSTR_FOREIGN", ConstraintKind::kForeignKey},
  }};
  for (const auto& [name, kind] : kKinds) {
    if (contype == name) return kind;
  }
  return ConstraintKind::kOther;
}

ConstraintInfo constraint_info(object node) {
  ConstraintInfo info{.kind = constraint_kind(text_of(node, "contype")),
                      .not_valid = flag_of(node, "skip_validation"),
                      .using_index = !text_of(node, "indexname").empty(),
                      .definition = location_of(node)};
  if (element expression; node["raw_expr"].get(expression) == simdjson::SUCCESS) {
    info.self_contained = is_self_contained(expression);
  }
  if (const auto referenced = object_of(node, "pktable")) info.references = range_var(*referenced);
  return info;
}

void read_add_constraint(object constraint, Statement& statement) {
  statement.kind = StatementKind::kAddConstraint;
  statement.constraint = constraint_info(constraint);
  statement.object = {.schema = statement.table.schema, .name = identifier(text_of(constraint, "conname"))};
}

bool has_colocation(object node) {
  const auto options = array_of(node, "options");
  if (!options) return false;
  for (const element item : *options) {
    std::string_view name;
    if (item["DefElem"]["defname"].get(name) == simdjson::SUCCESS && name == "colocation") return true;
  }
  return false;
}

bool is_time(object type) {
  const std::vector<std::string> parts = name_parts(array_of(type, "names"));
  if (parts.empty() || array_of(type, "arrayBounds")) return false;
  return parts.back() == "timestamp" || parts.back() == "timestamptz" || parts.back() == "date";
}

void read_key(object constraint, const std::string& own_column, TableKeys& keys) {
  const std::string_view type = text_of(constraint, "contype");
  if (type != "CONSTR_PRIMARY" && type != "CONSTR_UNIQUE") return;
  KeyFacts key{.columns = name_parts(array_of(constraint, "keys")),
               .included = name_parts(array_of(constraint, "including")),
               .nulls_equal = flag_of(constraint, "nulls_not_distinct")};
  if (key.columns.empty() && !own_column.empty()) key.columns.push_back(own_column);
  if (type == "CONSTR_PRIMARY") keys.primary = key.columns;
  const std::string_view name = text_of(constraint, "conname");
  const bool own_index = text_of(constraint, "indexname").empty() && !flag_of(constraint, "deferrable");
  if (!name.empty() && own_index) keys.by_name.emplace(name, std::move(key));
}

void read_column(object column, Statement& statement) {
  const std::string name(text_of(column, "colname"));
  const auto type = object_of(column, "typeName");
  if (type && is_time(*type)) statement.create_table.time_columns.push_back(name);
  const auto constraints = array_of(column, "constraints");
  if (!constraints) return;
  for (const element item : *constraints) {
    object constraint;
    if (item["Constraint"].get(constraint) == simdjson::SUCCESS) read_key(constraint, name, statement.keys);
  }
}

void read_mentions(object node, Statement& statement) {
  std::set<model::TableName> names;
  walk_tree(node, [&](std::string_view, element value) {
    object inner;
    if (value.get(inner) != simdjson::SUCCESS) return;
    if (!text_of(inner, "relname").empty()) names.insert(range_var(inner));
    if (const auto list = array_of(inner, "names")) {
      const std::vector<std::string> parts = name_parts(list);
      if (parts.empty() || parts.front() != "pg_catalog") names.insert(name_from(parts, parts.size()));
    }
  });
  statement.mentions.assign(names.begin(), names.end());
}

void read_create_table(object node, Statement& statement) {
  statement.kind = StatementKind::kCreateTable;
  statement.colocation = has_colocation(node);
  statement.object = statement.table = relation_of(node);
  read_mentions(node, statement);
  CreateTableInfo& info = statement.create_table;
  info.has_column_list = !object_of(node, "partbound") && !object_of(node, "ofTypename");
  info.partitioned = object_of(node, "partspec").has_value();
  if (const auto parents = array_of(node, "inhRelations")) {
    for (const element parent : *parents) {
      object name;
      if (parent["RangeVar"].get(name) == simdjson::SUCCESS) info.parents.push_back(range_var(name));
    }
  }
  const auto elements = array_of(node, "tableElts");
  if (!elements) return;
  for (const element item : *elements) {
    object inner;
    if (item["ColumnDef"].get(inner) == simdjson::SUCCESS) read_column(inner, statement);
    if (item["Constraint"].get(inner) == simdjson::SUCCESS) read_key(inner, {}, statement.keys);
  }
}

void read_create_index(object node, Statement& statement) {
  statement.kind = StatementKind::kCreateIndex;
  statement.table = relation_of(node);
  statement.object = {.schema = statement.table.schema, .name = identifier(text_of(node, "idxname"))};
  statement.only = is_only(node);
  object first;
  const auto keys = array_of(node, "indexParams");
  if (text_of(node, "accessMethod") != "btree" || !keys || keys->at(0)["IndexElem"].get(first) != simdjson::SUCCESS)
    return;
  const std::string_view order = text_of(first, "ordering");
  statement.first_key = order == "SORTBY_ASC"    ? KeyOrder::kAscending
                        : order == "SORTBY_DESC" ? KeyOrder::kDescending
                                                 : KeyOrder::kUnsaid;
}

void read_attach(object command, bool is_index, Statement& statement) {
  const auto definition = object_of(command, "def");
  const auto partition = definition ? object_of(*definition, "PartitionCmd") : std::nullopt;
  const auto name = partition ? object_of(*partition, "name") : std::nullopt;
  if (!name) return;
  statement.kind = is_index ? StatementKind::kAttachIndex : StatementKind::kAttachPartition;
  statement.object = range_var(*name);
}

void read_uses_index(std::string_view index, Statement& statement) {
  statement.kind = StatementKind::kUsesIndex;
  statement.object = {.schema = statement.table.schema, .name = identifier(index)};
}

std::vector<std::string> roles_of(object node) {
  std::vector<std::string> roles;
  walk_tree(node, [&](std::string_view key, element value) {
    std::string_view name;
    if (key == "rolename" && value.get(name) == simdjson::SUCCESS) roles.emplace_back(name);
  });
  return roles;
}

void read_alter_command(object command, bool is_index, Statement& statement) {
  const std::string_view subtype = text_of(command, "subtype");
  const auto definition = object_of(command, "def");
  if (subtype == "AT_AddConstraint" && definition) {
    if (const auto constraint = object_of(*definition, "Constraint")) read_add_constraint(*constraint, statement);
  } else if (subtype == "AT_AttachPartition") {
    read_attach(command, is_index, statement);
  } else if (subtype == "AT_AddIdentity") {
    statement.kind = StatementKind::kAddIdentity;
  } else if (subtype == "AT_ClusterOn") {
    read_uses_index(text_of(command, "name"), statement);
  } else if (subtype == "AT_ChangeOwner") {
    statement.kind = StatementKind::kOwner;
    statement.roles = roles_of(command);
  } else if (subtype == "AT_ReplicaIdentity" && definition) {
    statement.replica_identity = true;
    const auto identity = object_of(*definition, "ReplicaIdentityStmt");
    if (identity && text_of(*identity, "identity_type") == "i") read_uses_index(text_of(*identity, "name"), statement);
  }
}

/// Commands of ALTER TABLE that neither need nor change what a key is made of.
constexpr std::array<std::string_view, 19> kLeaveKeys = {
    "AT_ColumnDefault",  "AT_AddIdentity",        "AT_SetIdentity",       "AT_SetStatistics",    "AT_SetStorage",
    "AT_SetCompression", "AT_SetNotNull",         "AT_EnableRowSecurity", "AT_ForceRowSecurity", "AT_ChangeOwner",
    "AT_AddConstraint",  "AT_ValidateConstraint", "AT_ReplicaIdentity",   "AT_ClusterOn",        "AT_SetRelOptions",
    "AT_SetOptions",     "AT_EnableAlwaysTrig",   "AT_EnableReplicaTrig", "AT_DisableTrig"};

/// Of all commands of an ALTER TABLE.
void read_altered_keys(array commands, Statement& statement) {
  statement.leaves_keys = true;
  for (const element item : commands) {
    std::string_view subtype;
    const bool known = item["AlterTableCmd"]["subtype"].get(subtype) == simdjson::SUCCESS &&
                       std::ranges::find(kLeaveKeys, subtype) != kLeaveKeys.end();
    statement.leaves_keys = statement.leaves_keys && known;
    object constraint;
    if (item["AlterTableCmd"]["def"]["Constraint"].get(constraint) == simdjson::SUCCESS)
      read_key(constraint, {}, statement.keys);
  }
}

void read_alter_table(object node, Statement& statement) {
  statement.table = relation_of(node);
  statement.only = is_only(node);
  const std::string_view type = text_of(node, "objtype");
  const bool is_index = type == "OBJECT_INDEX";
  if (is_index) {
    statement.kind = StatementKind::kAltersIndex;
    statement.object = statement.table;
  }
  const auto commands = array_of(node, "cmds");
  if (!commands) return;
  if (type == "OBJECT_TABLE") {
    read_mentions(node, statement);
    read_altered_keys(*commands, statement);
  }
  if (commands->size() != 1) return;  // Several commands in one statement belong together.
  object command;
  if (commands->at(0)["AlterTableCmd"].get(command) != simdjson::SUCCESS) return;
  read_alter_command(command, is_index, statement);
}

/// ... DEPENDS ON EXTENSION.
void read_depends(object node, Statement& statement) {
  if (text_of(node, "objectType") != "OBJECT_INDEX") return;
  statement.kind = StatementKind::kAltersIndex;
  statement.object = relation_of(node);
}

void read_alter_domain(object node, Statement& statement) {
  const auto definition = object_of(node, "def");
  const auto constraint = definition ? object_of(*definition, "Constraint") : std::nullopt;
  if (!constraint || text_of(node, "subtype") != "C") return;
  const std::vector<std::string> parts = name_parts(array_of(node, "typeName"));
  statement.table = name_from(parts, parts.size());
  read_add_constraint(*constraint, statement);
  statement.constraint.on_domain = true;
}

void read_create_table_as(object node, Statement& statement) {
  if (text_of(node, "objtype") != "OBJECT_MATVIEW") return;
  const auto into = object_of(node, "into");
  const auto name = into ? object_of(*into, "rel") : std::nullopt;
  if (!name) return;
  statement.kind = StatementKind::kCreateMaterializedView;
  statement.object = range_var(*name);
  statement.colocation = has_colocation(*into);
}

/// COMMENT, SECURITY LABEL and ALTER ... OWNER TO of what is in no schema.
void read_kind_of_object(object node, std::string_view key, Statement& statement) {
  const std::string_view kind = text_of(node, key);
  statement.event_trigger = kind == "OBJECT_EVENT_TRIGGER";
  statement.names_database = kind == "OBJECT_DATABASE";
  statement.names_schema = kind == "OBJECT_SCHEMA";
}

void read_label(object node, Statement& statement) {
  read_kind_of_object(node, "objtype", statement);
}

void read_owner(object node, Statement& statement) {
  statement.kind = StatementKind::kOwner;
  statement.roles = roles_of(node);
  read_kind_of_object(node, "objectType", statement);
}

void read_rights(object node, Statement& statement) {
  statement.kind = StatementKind::kRights;
  statement.roles = roles_of(node);
  read_kind_of_object(node, "objtype", statement);
}

void read_policy(object node, Statement& statement) {
  statement.kind = StatementKind::kCreatePolicy;
  if (const auto table = object_of(node, "table")) statement.table = range_var(*table);
  statement.object = {.schema = statement.table.schema, .name = identifier(text_of(node, "policy_name"))};
  statement.roles = roles_of(node);
}

void read_user_mapping(object node, Statement& statement) {
  statement.kind = StatementKind::kCreateUserMapping;
  statement.object.name = identifier(text_of(node, "servername"));
  statement.roles = roles_of(node);
}

void read_setting(object node, Statement& statement) {
  statement.kind = StatementKind::kSetting;
  statement.roles = roles_of(node);
  statement.names_database = !text_of(node, "dbname").empty() || !text_of(node, "database").empty();
}

void read_event_trigger(object, Statement& statement) {
  statement.event_trigger = true;
}

void read_create_extension(object node, Statement& statement) {
  statement.kind = StatementKind::kCreateExtension;
  statement.object.name = identifier(text_of(node, "extname"));
}

void read_comment(object node, Statement& statement) {
  read_kind_of_object(node, "objtype", statement);
  const auto value = object_of(node, "object");
  const auto list = value ? object_of(*value, "List") : std::nullopt;
  if (!list) return;
  const std::vector<std::string> parts = name_parts(array_of(*list, "items"));
  const std::string_view type = text_of(node, "objtype");
  if (type == "OBJECT_INDEX") {
    statement.kind = StatementKind::kCommentOnIndex;
    statement.object = name_from(parts, parts.size());
  } else if (type == "OBJECT_TABCONSTRAINT" && parts.size() >= 2) {
    statement.kind = StatementKind::kCommentOnConstraint;
    statement.table = name_from(parts, parts.size() - 1);
    statement.object = {.schema = statement.table.schema, .name = model::Identifier(parts.back())};
  }
}

void read_select(object node, Statement& statement) {
  const auto targets = array_of(node, "targetList");
  if (!targets || targets->size() != 1) return;
  array name;
  if (targets->at(0)["ResTarget"]["val"]["FuncCall"]["funcname"].get(name) != simdjson::SUCCESS) return;
  const std::vector<std::string> parts = name_parts(name);
  if (parts.empty() || parts.back() != "set_config") return;
  statement.kind = StatementKind::kSession;
  std::string_view setting;
  if (targets->at(0)["ResTarget"]["val"]["FuncCall"]["args"].at(0)["A_Const"]["sval"]["sval"].get(setting) ==
      simdjson::SUCCESS)
    statement.setting = setting;
}

void read_set(object node, Statement& statement) {
  statement.kind = StatementKind::kSession;
  const std::string_view kind = text_of(node, "kind");
  if (kind == "VAR_SET_VALUE" || kind == "VAR_SET_DEFAULT" || kind == "VAR_RESET")
    statement.setting = text_of(node, "name");
  if (statement.setting != "session_authorization" || kind != "VAR_SET_VALUE") return;
  const auto arguments = array_of(node, "args");
  std::string_view role;
  if (arguments && arguments->at(0)["A_Const"]["sval"]["sval"].get(role) == simdjson::SUCCESS)
    statement.roles.emplace_back(role);
}

void read_create_schema(object node, Statement& statement) {
  statement.kind = StatementKind::kCreateSchema;
  statement.object.name = identifier(text_of(node, "schemaname"));
}

void read_create_routine(object node, Statement& statement) {
  statement.kind = StatementKind::kCreateRoutine;
  const std::vector<std::string> parts = name_parts(array_of(node, "funcname"));
  statement.object = name_from(parts, parts.size());
}

using Reader = void (*)(object, Statement&);
constexpr std::array<std::pair<std::string_view, Reader>, 23> kReaders = {{
    {"CreateStmt", read_create_table},
    {"IndexStmt", read_create_index},
    {"AlterTableStmt", read_alter_table},
    {"AlterObjectDependsStmt", read_depends},
    {"AlterDomainStmt", read_alter_domain},
    {"CreateTableAsStmt", read_create_table_as},
    {"CreateSchemaStmt", read_create_schema},
    {"CreateFunctionStmt", read_create_routine},
    {"CommentStmt", read_comment},
    {"SelectStmt", read_select},
    {"VariableSetStmt", read_set},
    {"CreateExtensionStmt", read_create_extension},
    {"AlterOwnerStmt", read_owner},
    {"GrantStmt", read_rights},
    {"AlterDefaultPrivilegesStmt", read_rights},
    {"CreatePolicyStmt", read_policy},
    {"CreateUserMappingStmt", read_user_mapping},
    {"AlterDatabaseSetStmt", read_setting},
    {"AlterDatabaseStmt", read_setting},
    {"AlterRoleSetStmt", read_setting},
    {"CreateEventTrigStmt", read_event_trigger},
    {"AlterEventTrigStmt", read_event_trigger},
    {"SecLabelStmt", read_label},
}};

/// What the grammar does not know yet: ALTER TABLE [ONLY] t ADD CONSTRAINT c NOT NULL col NOT VALID, and default
/// privileges of a kind of object that is new.
void read_newer(std::string_view sql, Statement& statement) {
  std::vector<Token> tokens;
  for (Token token = next_code_token(sql, 0); token.kind != TokenKind::kEnd; token = next_code_token(sql, token.end))
    tokens.push_back(token);
  const auto word = [&](std::size_t at, std::string_view text) {
    return at < tokens.size() && is_word(sql, tokens[at], text);
  };
  if (word(0, "alter") && word(1, "default") && word(2, "privileges")) {
    statement.kind = StatementKind::kRights;
    for (std::size_t i = 3; i + 1 < tokens.size(); ++i) {
      if (!word(i, "role") && !word(i, "user") && !word(i, "to") && !word(i, "from")) continue;
      const std::string role = model::parse_table_name(tokens[i + 1].of(sql)).name.catalog_text();
      if (role != "public") statement.roles.push_back(role);
    }
    return;
  }
  if (!word(0, "alter") || !word(1, "table")) return;
  const std::size_t table = word(2, "only") ? 3 : 2;
  std::size_t after = table + 1;
  if (after + 1 < tokens.size() && is_symbol(sql, tokens[after], '.')) after += 2;
  if (!word(after, "add") || !word(after + 1, "constraint") || !word(after + 3, "not") || !word(after + 4, "null") ||
      after + 3 >= tokens.size())
    return;
  statement.kind = StatementKind::kAddConstraint;
  statement.table =
      model::parse_table_name(sql.substr(tokens[table].begin, tokens[after - 1].end - tokens[table].begin));
  statement.object = {.schema = {}, .name = model::parse_table_name(tokens[after + 2].of(sql)).name};
  statement.constraint.kind = ConstraintKind::kOther;
  statement.constraint.definition = tokens[after + 1].begin;
  statement.constraint.not_valid = word(after + 6, "not") && word(after + 7, "valid");
}

}  // namespace

Statement statement_of(std::string_view sql, object root) {
  Statement statement;
  statement.alter = is_word(sql, next_code_token(sql, 0), "alter");
  for (const auto& [name, read] : kReaders) {
    if (const auto node = object_of(root, name)) read(*node, statement);
  }
  return statement;
}

Statement parse_statement(std::string_view sql) {
  Statement statement;
  const auto refused = with_parse_tree(sql, [&](object root) { statement = statement_of(sql, root); });
  if (refused) {
    statement.alter = is_word(sql, next_code_token(sql, 0), "alter");
    statement.refused = *refused;
    read_newer(sql, statement);
  }
  return statement;
}

std::string with_database(std::string_view sql, const model::Identifier& database) {
  Token before = {};
  for (Token token = next_code_token(sql, 0); token.kind != TokenKind::kEnd; token = next_code_token(sql, token.end)) {
    const bool led_in = is_word(sql, before, "alter") || is_word(sql, before, "on") || is_word(sql, before, "in");
    if (led_in && is_word(sql, token, "database")) {
      const Token name = next_code_token(sql, token.end);
      std::string result(sql.substr(0, name.begin));
      (result += model::quoted(database)) += sql.substr(name.end);
      return result;
    }
    before = token;
  }
  return std::string(sql);
}

void read_file_statements(std::string_view text, const std::function<void(FileStatement&&)>& use) {
  with_large_stack([&] {
    for (const Piece& piece : split_statements(text)) {
      if (piece.kind == Piece::Kind::kStatement) use({piece, parse_statement(piece.sql())});
    }
  });
}

std::vector<FileStatement> parse_file(std::string_view text) {
  std::vector<FileStatement> statements;
  read_file_statements(text, [&](FileStatement&& one) { statements.push_back(std::move(one)); });
  return statements;
}

std::uint64_t fingerprint(std::string_view sql) {
  const std::array<std::uint8_t, 32> digest = base::sha256(sql);
  std::uint64_t result = 0;
  for (const std::uint8_t byte : std::span(digest).first<sizeof(result)>()) result = (result << 8U) | byte;
  return result;
}

}  // namespace voyager::sql

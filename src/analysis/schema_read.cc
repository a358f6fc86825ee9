// From the grammar's tree to the facts of schema.h.
#include <fmt/format.h>

#include <array>

#include "analysis/schema.h"
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
using sql::number_of;
using sql::object_of;
using sql::text_of;

/// Calls `use` for the members of each node of type `key` in a list.
template <typename Use>
void each(std::optional<array> list, std::string_view key, Use&& use) {
  if (!list) return;
  for (const element item : *list) {
    object node;
    if (item[key].get(node) == simdjson::SUCCESS) use(node);
  }
}

std::optional<KeyKind> key_kind(std::string_view contype) {
  constexpr std::array<std::pair<std::string_view, KeyKind>, 5> kKinds = {{
      {"CONSTR_PRIMARY", KeyKind::kPrimary},
      {"CONSTR_UNIQUE", KeyKind::kUnique},
      {"CONSTR_FOREIGN", KeyKind::kForeign},
      {"CONSTR_EXCLUSION", KeyKind::kExclusion},
      {"CONSTR_CHECK", KeyKind::kCheck},
  }};
  for (const auto& [name, kind] : kKinds) {
    if (contype == name) return kind;
  }
  return std::nullopt;
}

std::vector<std::string> exclusion_columns(object node) {
  std::vector<std::string> columns;
  each(array_of(node, "exclusions"), "List", [&](object list) {
    each(array_of(list, "items"), "IndexElem", [&](object key) {
      if (const std::string_view name = text_of(key, "name"); !name.empty()) columns.emplace_back(name);
    });
  });
  return columns;
}

/// `column` is the column that a constraint is written at; empty for one of the table.
std::optional<Constraint> constraint_of(object node, const Name& table, const std::string& column,
                                        std::size_t statement) {
  const auto kind = key_kind(text_of(node, "contype"));
  if (!kind) return std::nullopt;
  Constraint constraint{.kind = *kind, .table = table, .location = location_of(node), .statement = statement};
  const char* list = *kind == KeyKind::kForeign ? "fk_attrs" : "keys";
  constraint.columns = *kind == KeyKind::kExclusion ? exclusion_columns(node) : name_parts(array_of(node, list));
  if (constraint.columns.empty() && !column.empty()) constraint.columns.push_back(column);
  if (const auto referenced = object_of(node, "pktable")) constraint.referenced = range_var(*referenced);
  constraint.referenced_columns = name_parts(array_of(node, "pk_attrs"));
  constraint.deferrable = flag_of(node, "deferrable");
  constraint.has_options = array_of(node, "options").has_value();
  constraint.name = constraint_name(std::string(text_of(node, "conname")), table, constraint.columns, *kind);
  return constraint;
}

/// DEFERRABLE and its like stand behind the constraint that they belong to, as constraints of their own.
bool is_deferring(std::string_view contype) {
  return contype == "CONSTR_ATTR_DEFERRABLE" || contype == "CONSTR_ATTR_DEFERRED" || contype == "CONSTR_ATTR_IMMEDIATE";
}

Column column_of(object node, const Name& table, std::size_t statement, std::vector<Constraint>& constraints) {
  Column column{.name = std::string(text_of(node, "colname")), .location = location_of(node), .statement = statement};
  if (const auto type = object_of(node, "typeName")) column.type = type_of(*type);
  column.compression = text_of(node, "compression");
  Constraint* previous = nullptr;
  each(array_of(node, "constraints"), "Constraint", [&](object one) {
    const std::string_view contype = text_of(one, "contype");
    if (contype == "CONSTR_NOTNULL" || contype == "CONSTR_PRIMARY") column.not_null = true;
    if (contype == "CONSTR_GENERATED") column.generated = true;
    if (is_deferring(contype) && previous != nullptr) previous->deferrable = true;
    auto constraint = constraint_of(one, table, column.name, statement);
    if (constraint) {
      constraints.push_back(std::move(*constraint));
      previous = &constraints.back();
    } else if (!contype.starts_with("CONSTR_ATTR")) {
      previous = nullptr;
    }
  });
  return column;
}

void read_partitioning(object node, Table& table) {
  const auto partitioning = object_of(node, "partspec");
  if (!partitioning) return;
  table.partitioned = true;
  table.strategy = text_of(*partitioning, "strategy");
  table.strategy.erase(0, std::string_view("PARTITION_STRATEGY_").size());
  each(array_of(*partitioning, "partParams"), "PartitionElem", [&](object key) {
    if (const std::string_view name = text_of(key, "name"); !name.empty()) {
      table.partition_columns.emplace_back(name);
    } else {
      table.partitioned_by_expression = true;
    }
  });
}

Table table_of(object node, std::size_t statement, std::vector<Constraint>& constraints) {
  Table table{.name = relation_of(node), .statement = statement};
  const auto relation = object_of(node, "relation");
  table.unlogged = relation && text_of(*relation, "relpersistence") == "u";
  if (const auto elements = array_of(node, "tableElts")) {
    for (const element item : *elements) {
      object part;
      if (item["ColumnDef"].get(part) == simdjson::SUCCESS) {
        table.columns.push_back(column_of(part, table.name, statement, constraints));
      } else if (item["Constraint"].get(part) == simdjson::SUCCESS) {
        if (auto constraint = constraint_of(part, table.name, {}, statement))
          constraints.push_back(std::move(*constraint));
      }
    }
  }
  read_partitioning(node, table);
  const bool is_partition = object_of(node, "partbound").has_value();
  each(array_of(node, "inhRelations"), "RangeVar", [&](object parent) {
    if (is_partition) {
      table.partition_of = range_var(parent);
    } else {
      table.parents.push_back(range_var(parent));
    }
  });
  return table;
}

/// The constant's text: 'x' and 5 are x and 5.
std::string constant_text(object node) {
  if (const auto cast = object_of(node, "TypeCast")) {
    object inner;
    return (*cast)["arg"].get(inner) == simdjson::SUCCESS ? constant_text(inner) : std::string();
  }
  const auto constant = object_of(node, "A_Const");
  if (!constant) return {};
  if (const auto text = object_of(*constant, "sval")) return std::string(text_of(*text, "sval"));
  if (const auto number = object_of(*constant, "ival")) return fmt::format("{}", number_of(*number, "ival"));
  if (const auto number = object_of(*constant, "fval")) return std::string(text_of(*number, "fval"));
  if (const auto flag = object_of(*constant, "boolval")) return flag_of(*flag, "boolval") ? "t" : "f";
  return {};
}

std::string column_ref(object node) {
  const auto reference = object_of(node, "ColumnRef");
  const std::vector<std::string> parts =
      reference ? name_parts(array_of(*reference, "fields")) : std::vector<std::string>{};
  return parts.empty() ? std::string() : parts.back();
}

void read_conditions(element where, Index& index) {
  sql::walk_tree(where, [&](std::string_view key, element value) {
    object node;
    if (value.get(node) != simdjson::SUCCESS) return;
    object left;
    object right;
    if (key == "NullTest" && text_of(node, "nulltesttype") == "IS_NOT_NULL" &&
        node["arg"].get(left) == simdjson::SUCCESS) {
      index.conditions.insert(column_ref(left) + " is not null");
    }
    const bool both = key == "A_Expr" && node["lexpr"].get(left) == simdjson::SUCCESS &&
                      node["rexpr"].get(right) == simdjson::SUCCESS;
    if (both && name_parts(array_of(node, "name")) == std::vector<std::string>{"<>"}) {
      index.conditions.insert(column_ref(left) + " <> " + constant_text(right));
    }
  });
}

Index index_of(object node, std::size_t statement) {
  Index index{.name = std::string(text_of(node, "idxname")),
              .table = relation_of(node),
              .method = base::lower(text_of(node, "accessMethod")),
              .statement = statement};
  index.unique = flag_of(node, "unique");
  each(array_of(node, "indexParams"), "IndexElem", [&](object part) {
    Key key{.column = std::string(text_of(part, "name"))};
    key.ordered = text_of(part, "ordering") != "SORTBY_DEFAULT";
    if (const auto expression = object_of(part, "expr")) {
      if (const auto cast = object_of(*expression, "TypeCast")) {
        if (const auto type = object_of(*cast, "typeName")) key.cast = type_of(*type);
      }
    }
    index.keys.push_back(std::move(key));
  });
  if (element where; node["whereClause"].get(where) == simdjson::SUCCESS) {
    index.partial = true;
    read_conditions(where, index);
  }
  return index;
}

Trigger trigger_of(object node, std::size_t statement) {
  return {.name = std::string(text_of(node, "trigname")),
          .table = relation_of(node),
          .before = (number_of(node, "timing") & 2) != 0,
          .for_each_row = flag_of(node, "row"),
          .statement = statement};
}

void read_alter_command(object command, const Name& table, std::size_t statement, Schema& schema) {
  const std::string_view subtype = text_of(command, "subtype");
  const auto definition = object_of(command, "def");
  const auto part = [&](std::string_view key) { return definition ? object_of(*definition, key) : std::nullopt; };
  if (subtype == "AT_AddConstraint") {
    const auto node = part("Constraint");
    auto constraint = node ? constraint_of(*node, table, {}, statement) : std::nullopt;
    if (!constraint) return;
    constraint->by_alter = true;
    schema.constraints.push_back(std::move(*constraint));
  } else if (subtype == "AT_AddColumn") {
    if (const auto node = part("ColumnDef"))
      schema.added_columns.emplace_back(table, column_of(*node, table, statement, schema.constraints));
  } else if (subtype == "AT_AttachPartition") {
    const auto attach = part("PartitionCmd");
    const auto name = attach ? object_of(*attach, "name") : std::nullopt;
    if (name) schema.attached.emplace_back(range_var(*name), table);
  } else if (subtype == "AT_SetNotNull" || subtype == "AT_DropNotNull") {
    schema.not_nulls.push_back({table, std::string(text_of(command, "name")), subtype == "AT_SetNotNull"});
  }
}

}  // namespace

Name range_var(object node) {
  return {.schema = std::string(text_of(node, "schemaname")), .name = std::string(text_of(node, "relname"))};
}

Name relation_of(object node) {
  const auto relation = object_of(node, "relation");
  return relation ? range_var(*relation) : Name{};
}

std::vector<std::string> name_parts(std::optional<array> list) {
  std::vector<std::string> parts;
  each(list, "String", [&](object text) { parts.emplace_back(text_of(text, "sval")); });
  return parts;
}

Name name_of(const std::vector<std::string>& parts) {
  Name name;
  if (!parts.empty()) name.name = parts.back();
  if (parts.size() >= 2) name.schema = parts[parts.size() - 2];
  return name;
}

Type type_of(object type_name) {
  Type type{.name = name_of(name_parts(array_of(type_name, "names"))),
            .array = array_of(type_name, "arrayBounds").has_value(),
            .of_column = flag_of(type_name, "pct_type")};
  std::string modifiers;
  if (const auto list = array_of(type_name, "typmods")) {
    for (const element item : *list) {
      object node;
      if (item.get(node) == simdjson::SUCCESS) modifiers += (modifiers.empty() ? "" : ",") + constant_text(node);
    }
  }
  // An interval's fields come as a bit mask that means nothing to people.
  if (!modifiers.empty() && type.base() != "interval") type.modifiers = "(" + modifiers + ")";
  return type;
}

void Schema::read(object statement, std::size_t number, bool in_body) {
  if (const auto table_node = object_of(statement, "CreateStmt")) {
    tables.push_back(table_of(*table_node, number, constraints));
    tables.back().in_body = in_body;
  } else if (const auto foreign = object_of(statement, "CreateForeignTableStmt")) {
    if (const auto base = object_of(*foreign, "base")) {
      tables.push_back(table_of(*base, number, constraints));
      tables.back().foreign = true;
      tables.back().in_body = in_body;
    }
  } else if (const auto index = object_of(statement, "IndexStmt")) {
    indexes.push_back(index_of(*index, number));
  } else if (const auto trigger = object_of(statement, "CreateTrigStmt")) {
    triggers.push_back(trigger_of(*trigger, number));
  } else if (const auto alter = object_of(statement, "AlterTableStmt")) {
    const Name name = relation_of(*alter);
    each(array_of(*alter, "cmds"), "AlterTableCmd",
         [&](object command) { read_alter_command(command, name, number, *this); });
  } else if (const auto composite = object_of(statement, "CompositeTypeStmt")) {
    if (const auto name = object_of(*composite, "typevar")) composites.push_back(range_var(*name));
  } else if (const auto enumeration = object_of(statement, "CreateEnumStmt")) {
    enums.push_back(name_of(name_parts(array_of(*enumeration, "typeName"))));
  } else if (const auto function = object_of(statement, "CreateFunctionStmt"); function && !in_body) {
    const auto type = object_of(*function, "returnType");
    if (type) functions.emplace_back(name_of(name_parts(array_of(*function, "funcname"))).name, type_of(*type));
  } else if (const auto created = object_of(statement, "CreateSchemaStmt")) {
    if (const auto elements = array_of(*created, "schemaElts")) {
      for (const element item : *elements) {
        object inner;
        if (item.get(inner) == simdjson::SUCCESS) read(inner, number, in_body);
      }
    }
  }
}

}  // namespace voyager::analysis

// Issues of column types, and of keys and indexes on columns of certain types.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "analysis/detector.h"

namespace voyager::analysis {
namespace {

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return result;
}

// --- columns ---

// A column has at most one of these: what cannot be stored at all comes before what cannot be streamed.
const Issue* type_issue(const Rows& rows, const Schema& schema, const Type& type, bool foreign) {
  const std::string base = type.base();
  const Issue* issue = rows.find(base);
  if (issue == nullptr && !foreign) issue = rows.find("live " + base);
  if (issue == nullptr && !foreign && schema.is_composite(type)) issue = rows.find("composite");
  return issue;
}

/// The type of "public.point3[]", "time with time zone".
Type catalog_type(std::string_view text) {
  Type type{.array = text.ends_with("[]")};
  if (type.array) text.remove_suffix(2);
  if (text == "time with time zone") text = "timetz";
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos) {
    type.name = {.schema = "pg_catalog", .name = std::string(text)};
  } else {
    type.name = {.schema = std::string(text.substr(0, dot)), .name = std::string(text.substr(dot + 1))};
  }
  return type;
}

void catalog_datatypes(const Rows& rows, const Schema& schema, Findings& findings) {
  for (const CatalogColumn& one : *schema.catalog) {
    const Name name{.schema = one.schema, .name = one.table};
    const Table* table = schema.table(name);
    if (table == nullptr && !one.of_table) continue;
    const Type type = catalog_type(one.type);
    const bool foreign = table != nullptr && table->foreign;
    const Issue* issue = type_issue(rows, schema, type, foreign);
    if (issue == nullptr) continue;
    Hit hit{.object_type = "COLUMN",
            .object_name = fmt::format("{}.{}.{}", one.schema, one.table, one.column),
            .specifics = fmt::format("Column {} is {}.", one.column, upper(type.sql())),
            .whole_schema = table == nullptr,
            .owner_type = foreign ? "FOREIGN TABLE" : "TABLE",
            .owner_name = table == nullptr ? name.text() : table->name.text(),
            .details = {{"ColumnName", one.column}, {"ColumnType", type.sql()}}};
    if (table != nullptr) {
      const auto own = std::ranges::find(table->columns, one.column, &Column::name);
      const bool here = own != table->columns.end();  // Else it comes from the table that this one belongs to.
      hit.statement = here ? own->statement : table->statement;
      hit.location = here ? own->location : 0;
    }
    findings.add(*issue, std::move(hit));
  }
}

void datatype(const Rows& rows, const Schema& schema, const Statistics& /*statistics*/, Findings& findings) {
  if (schema.catalog) return catalog_datatypes(rows, schema, findings);
  for (const Table& table : schema.tables) {
    for (const Column& column : table.columns) {
      const Issue* issue = type_issue(rows, schema, column.type, table.foreign);
      if (issue == nullptr) continue;
      findings.add(*issue, {.statement = column.statement,
                            .location = column.location,
                            .object_type = table.foreign ? "FOREIGN TABLE" : "TABLE",
                            .object_name = table.name.text(),
                            .specifics = fmt::format("Column {} is {}.", column.name, upper(column.type.sql())),
                            .details = {{"ColumnName", column.name}, {"ColumnType", column.type.sql()}}});
    }
  }
}
const Detector kDatatype{.name = "datatype", .schema = datatype};

struct TypeRow {
  std::string_view type = {};
  int tracker = 0;
  bool in_voyager = false;
  std::string_view anchor = "unsupported-datatypes-by-yugabytedb";
  std::string_view suggestion = {};
};
constexpr std::array kUnsupported = {
    TypeRow{"xml", 1043, false, "data-ingestion-on-xml-data-type-is-not-supported",
            "Rows with values of this type cannot be loaded: keep it as text."},
    TypeRow{"xid", 15638, false, "xid-functions-is-not-supported",
            "Keep it as bigint; functions such as txid_current are missing too."},
    TypeRow{"geometry", 11323},
    TypeRow{"geography", 11323},
    TypeRow{"box2d", 11323},
    TypeRow{"box3d", 11323},
    TypeRow{"topogeometry", 11323},
    TypeRow{"raster", 1731, true},
    TypeRow{"pg_lsn", 1731, true},
    TypeRow{"txid_snapshot", 1731, true},
    TypeRow{"lo", 25318, false, "large-objects-and-its-functions-are-currently-not-supported",
            "Keep the bytes in a bytea column."},
};
constexpr std::array<std::string_view, 6> kMultiranges = {"int4multirange", "int8multirange", "datemultirange",
                                                          "nummultirange",  "tsmultirange",   "tstzmultirange"};
constexpr std::array<std::string_view, 8> kLive = {"point", "line",    "lseg",   "box",
                                                   "path",  "polygon", "circle", "timetz"};

Issue unsupported(const TypeRow& row) {
  const bool large_object = row.type == "lo";
  return {.type = "UNSUPPORTED_DATATYPE_" + (large_object ? "LARGE_OBJECT" : upper(row.type)),
          .name = fmt::format("Unsupported datatype - {}", row.type),
          .category = Category::kDatatype,
          .impact = Impact::kLevel3,
          .objects = "TABLE, FOREIGN TABLE",
          .tracker = row.in_voyager ? voyager_issue(row.tracker) : database_issue(row.tracker),
          .docs = known_issue(row.anchor),
          .description =
              large_object ? "The target has no large objects." : fmt::format("The target has no type {}.", row.type),
          .suggestion = std::string(row.suggestion),
          .detector = &kDatatype,
          .argument = std::string(row.type)};
}

Issue multirange(std::string_view type) {
  return {.type = "UNSUPPORTED_DATATYPE_" + upper(type),
          .name = fmt::format("Unsupported datatype - {}", type),
          .category = Category::kDatatype,
          .impact = Impact::kLevel3,
          .objects = "TABLE, FOREIGN TABLE",
          .fixed = since_pg15(),
          .tracker = database_issue(25575),
          .docs = known_issue("postgresql-12-and-later-features"),
          .description = fmt::format("The target has no type {}.", type),
          .suggestion = "Keep an array of ranges.",
          .detector = &kDatatype,
          .argument = std::string(type)};
}

Issue live(std::string_view type) {
  return {.type = "UNSUPPORTED_DATATYPE_LIVE_MIGRATION_" + upper(type),
          .name = fmt::format("Unsupported datatype for Live migration - {}", type),
          .category = Category::kCaveat,
          .objects = "TABLE",
          .tracker = voyager_issue(1731),
          .docs = known_issue("unsupported-datatypes-by-voyager-during-live-migration"),
          .description = fmt::format(
              "Changes of columns of type {} are not captured: a live migration leaves the column out.", type),
          .any_target = true,
          .detector = &kDatatype,
          .argument = fmt::format("live {}", type)};
}

Issue live_with_way_back(std::string_view suffix, std::string_view what, std::string_view argument) {
  return {.type = fmt::format("UNSUPPORTED_DATATYPE_LIVE_MIGRATION_WITH_FF_FB_{}", suffix),
          .name = fmt::format("Unsupported datatype for Live migration with fall-forward/fallback - {} Datatype", what),
          .category = Category::kCaveat,
          .objects = "TABLE",
          .tracker = voyager_issue(1731),
          .docs = known_issue("unsupported-datatypes-by-voyager-during-live-migration"),
          .description =
              "Changes of columns of this type are not captured on the target: fall-forward and fall-back leave the "
              "column out.",
          .any_target = true,
          .detector = &kDatatype,
          .argument = std::string(argument)};
}

// --- keys and indexes ---

constexpr std::array<std::string_view, 27> kComplex = {
    "citext", "tsvector", "tsquery",   "jsonb",   "inet",      "json",     "macaddr",   "macaddr8",  "cidr",
    "bit",    "varbit",   "daterange", "tsrange", "tstzrange", "numrange", "int4range", "int8range", "interval",
    "circle", "box",      "line",      "lseg",    "point",     "pg_lsn",   "path",      "polygon",   "txid_snapshot"};

/// The row for a type, or null: an array counts before what it is made of.
const Issue* complex_type(const Rows& rows, const Schema& schema, const Type& type) {
  if (type.array) return rows.find("array");
  if (schema.is_composite(type)) return rows.find("composite");
  return rows.find(type.base());
}

void key_on_complex_type(const Rows& rows, const Schema& schema, const Statistics& /*statistics*/, Findings& findings) {
  for (const Constraint& constraint : schema.constraints) {
    if (constraint.kind != KeyKind::kPrimary && constraint.kind != KeyKind::kUnique) continue;
    for (const std::string& name : constraint.columns) {
      const Column* column = schema.column(constraint, name);
      const Issue* issue = column == nullptr ? nullptr : complex_type(rows, schema, column->type);
      if (issue == nullptr) continue;
      findings.add(*issue, {.statement = constraint.statement,
                            .location = constraint.location,
                            .object_type = "TABLE",
                            .object_name = constraint.table.text(),
                            .constraint = constraint.name,
                            .specifics = fmt::format("Column {} is {}.", name, upper(column->type.sql())),
                            .details = {{"ColumnName", name}}});
    }
  }
}
const Detector kKeyOnComplexType{.name = "key_on_complex_type", .schema = key_on_complex_type};

void index_on_complex_type(const Rows& rows, const Schema& schema, const Statistics& /*statistics*/,
                           Findings& findings) {
  for (const Index& index : schema.indexes) {
    if (index.method != "btree") continue;
    for (const Key& key : index.keys) {
      const Column* column = key.column.empty() ? nullptr : schema.column(index.table, key.column);
      const Type* type = column != nullptr ? &column->type : key.cast ? &*key.cast : nullptr;
      const Issue* issue = type == nullptr ? nullptr : complex_type(rows, schema, *type);
      if (issue == nullptr) continue;
      const std::string what = column != nullptr ? "Column " + key.column : "An expression";
      findings.add(*issue, {.statement = index.statement,
                            .object_type = "INDEX",
                            .object_name = index.text(),
                            .specifics = fmt::format("{} is {}.", what, upper(type->sql())),
                            .details = {{"ColumnName", key.column}}});
    }
  }
}
const Detector kIndexOnComplexType{.name = "index_on_complex_type", .schema = index_on_complex_type};

Issue key_row(std::string_view suffix, std::string_view shown, std::string_view argument) {
  return {
      .type = fmt::format("PK_UK_ON_{}_DATATYPE", suffix),
      .name = fmt::format("Primary/Unique key on column with {} datatype", shown),
      .objects = "TABLE",
      .tracker = database_issue(25003),
      .docs = known_issue("indexes-on-some-complex-data-types-are-not-supported"),
      .description = fmt::format("A column of type {} cannot be part of a primary key or unique constraint.", shown),
      .suggestion = "Put the key on another column, or on a text form of this one.",
      .detector = &kKeyOnComplexType,
      .argument = std::string(argument)};
}

Issue index_row(std::string_view suffix, std::string_view shown, std::string_view argument) {
  return {.type = fmt::format("INDEX_ON_{}_DATATYPE", suffix),
          .name = fmt::format("Index on column with {} datatype", shown),
          .objects = "INDEX",
          .tracker = database_issue(25003),
          .docs = known_issue("indexes-on-some-complex-data-types-are-not-supported"),
          .description = fmt::format("A column of type {} cannot be indexed as it is.", shown),
          .suggestion = "Index an expression with a simple type, or create the index with another method.",
          .detector = &kIndexOnComplexType,
          .argument = std::string(argument)};
}

}  // namespace

bool is_plain_type(std::string_view type) {
  static const Rows kRows = [] {
    Rows rows;
    for (const Issue& issue : issues()) {
      if (issue.detector == &kDatatype) rows.add(issue);
    }
    return rows;
  }();
  const Type known = catalog_type(type);
  const std::string base = known.base();
  return known.name.schema == "pg_catalog" && kRows.find(base) == nullptr && kRows.find("live " + base) == nullptr;
}

std::vector<Issue> datatype_issues() {
  std::vector<Issue> rows;
  for (const TypeRow& row : kUnsupported) rows.push_back(unsupported(row));
  for (const std::string_view type : kMultiranges) rows.push_back(multirange(type));
  for (const std::string_view type : kLive) rows.push_back(live(type));
  Issue vector = live("vector");
  vector.tracker.clear();
  vector.docs.replace(vector.docs.find("/preview/"), std::string_view("/preview/").size(), "/stable/");
  rows.push_back(std::move(vector));
  rows.push_back(live_with_way_back("USER_DEFINED", "User Defined", "composite"));
  rows.push_back(live_with_way_back("TSQUERY", "tsquery", "live tsquery"));
  return rows;
}

std::vector<Issue> key_issues() {
  std::vector<Issue> rows;
  for (auto* make : {key_row, index_row}) {
    for (const std::string_view type : kComplex) rows.push_back(make(upper(type), type, type));
    rows.push_back(make("ARRAY", "array", "array"));
    rows.push_back(make("USER_DEFINED", "user defined", "composite"));
  }
  return rows;
}

}  // namespace voyager::analysis

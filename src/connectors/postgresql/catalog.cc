#include "connectors/postgresql/catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "connectors/postgresql/queries.h"
#include "connectors/postgresql/wire_types.h"

namespace voyager::postgresql {
namespace {

constexpr std::size_t kSequencesPerQuery = 200;

model::Identity identity_of(std::string_view code) {
  if (code == "a") return model::Identity::kAlways;
  return code == "d" ? model::Identity::kByDefault : model::Identity::kNone;
}

std::vector<std::int64_t> oids_of(const Result& rows) {
  std::vector<std::int64_t> out;
  for (int row = 0; row < rows.rows(); ++row) out.push_back(rows.number(row, 0));
  return out;
}

model::Column column_of(const Result& rows, int row, int server_major) {
  const std::string_view typtype = rows.text(row, 5);
  const BaseType base{
      .name = rows.text(row, 3), .builtin = rows.boolean(row, 4), .typtype = typtype.empty() ? 'b' : typtype.front()};
  return {.name = rows.identifier(row, 1),
          .type = rows.string(row, 2),
          .wire_type = wire_type(base, server_major),
          .not_null = rows.boolean(row, 6),
          .generated = rows.boolean(row, 7),
          .identity = identity_of(rows.text(row, 8)),
          .collation = rows.string(row, 9),
          .value_type = rows.string(row, 13),
          .type_identity = type_identity(rows.number(row, 11), rows.number(row, 12))};
}

void read_columns(Connection& connection, const std::string& oids, std::map<std::int64_t, model::Table*>& by_oid) {
  const Result rows = connection.query(queries::kColumns, {oids}, "list columns");
  std::map<std::int64_t, std::vector<std::pair<std::int64_t, model::Identifier>>> keys;
  for (int row = 0; row < rows.rows(); ++row) {
    const std::int64_t oid = rows.number(row, 0);
    by_oid.at(oid)->columns.push_back(column_of(rows, row, connection.major()));
    if (!rows.is_null(row, 10)) keys[oid].emplace_back(rows.number(row, 10), rows.identifier(row, 1));
  }
  for (auto& [oid, columns] : keys) {
    std::ranges::sort(columns);
    for (auto& [place, name] : columns) by_oid.at(oid)->primary_key.push_back(std::move(name));
  }
}

// Every leaf of a set of `wanted` schemas knows its root; `wanted` empty means any root counts.
std::vector<model::Table> read_tables(Connection& connection, const std::vector<std::int64_t>& oids,
                                      const std::set<model::Identifier>& wanted) {
  const std::string list = array_literal(oids);
  const Result rows = connection.query(queries::kTables, {list}, "list tables");
  std::vector<model::Table> tables(static_cast<std::size_t>(rows.rows()));
  std::map<std::int64_t, model::Table*> by_oid;
  for (int row = 0; row < rows.rows(); ++row) {
    model::Table& table = tables[static_cast<std::size_t>(row)];
    table.name = {rows.identifier(row, 1), rows.identifier(row, 2)};
    table.root = table.name;
    if (rows.text(row, 3) == "p") table.kind = model::TableKind::kPartitionRoot;
    if (rows.text(row, 3) == "m") table.kind = model::TableKind::kMaterializedView;
    const bool has_root = rows.boolean(row, 4) && !rows.is_null(row, 5);
    if (has_root && (wanted.empty() || wanted.contains(rows.identifier(row, 5)))) {
      table.kind = model::TableKind::kLeafPartition;
      table.root = {rows.identifier(row, 5), rows.identifier(row, 6)};
    }
    table.bytes = static_cast<std::uint64_t>(rows.number(row, 7));
    table.estimated_rows = static_cast<std::uint64_t>(rows.number(row, 8));
    table.unlogged = rows.boolean(row, 9);
    table.row_security_hides_rows = rows.boolean(row, 10);
    by_oid[rows.number(row, 0)] = &table;
  }
  read_columns(connection, list, by_oid);
  return tables;
}

// Where sequences stand is in the sequences themselves: one query reads many of them.
/// Rights may be taken while a migration runs.
void refuse_unreadable(Connection& connection, std::span<const model::Sequence> sequences) {
  const std::string role = model::quoted(model::Identifier(connection.user()));
  std::vector<std::string> names, fix;
  for (const model::Sequence& one : sequences) {
    const Result may = connection.query(
        fmt::format("SELECT pg_catalog.has_sequence_privilege({0}, 'SELECT'), "
                    "pg_catalog.has_schema_privilege({1}, 'USAGE')",
                    connection.literal(model::quoted(one.name)), connection.literal(one.name.schema.catalog_text())),
        "look at rights on sequences");
    if (may.boolean(0, 0) && may.boolean(0, 1)) continue;
    names.push_back(model::display(one.name));
    if (!may.boolean(0, 1))
      fix.push_back(fmt::format("GRANT USAGE ON SCHEMA {} TO {};", model::quoted(one.name.schema), role));
    if (!may.boolean(0, 0))
      fix.push_back(fmt::format("GRANT SELECT ON SEQUENCE {} TO {};", model::quoted(one.name), role));
  }
  if (names.empty()) return;
  throw base::Error(
      {.code = "PRE-001",
       .exit = base::ExitCode::kPreflight,
       .title = fmt::format("the user {} may not read sequences: {}", connection.user(), base::join(names, ", ")),
       .where = connection.where(),
       .fix = std::move(fix),
       .then = "run the same command again: it goes on where it was"});
}

void read_values(Connection& connection, std::span<model::Sequence> sequences) {
  std::string sql;
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    if (i > 0) sql += " UNION ALL ";
    sql += fmt::format("SELECT {}, last_value, is_called FROM {}", i, model::quoted(sequences[i].name));
  }
  std::optional<Result> read = connection.try_query(sql, {}, "read sequences");
  if (!read) refuse_unreadable(connection, sequences);
  const Result rows = read ? std::move(*read) : connection.query(sql, "read sequences");
  for (int row = 0; row < rows.rows(); ++row) {
    model::Sequence& sequence = sequences[static_cast<std::size_t>(rows.number(row, 0))];
    sequence.last_value = rows.number(row, 1);
    sequence.is_called = rows.boolean(row, 2);
  }
}

}  // namespace

std::vector<model::Table> tables_of_schemas(Connection& connection, const std::vector<model::Identifier>& schemas) {
  const Result rows = connection.query(queries::kTablesOfSchemas, {array_literal(schemas)}, "list tables");
  return read_tables(connection, oids_of(rows), {schemas.begin(), schemas.end()});
}

std::vector<model::Table> tables_of_names(Connection& connection, const std::vector<model::TableName>& names) {
  const auto [schemas, tables] = name_arrays(names);
  return read_tables(connection, oids_of(connection.query(queries::kTablesOfNames, {schemas, tables}, "list tables")),
                     {});
}

std::vector<model::Table> filled_views_of_schemas(Connection& connection,
                                                  const std::vector<model::Identifier>& schemas) {
  const Result rows = connection.query(queries::kFilledViews, {array_literal(schemas)}, "list materialized views");
  if (rows.rows() == 0) return {};
  return read_tables(connection, oids_of(rows), {schemas.begin(), schemas.end()});
}

std::vector<model::Sequence> sequences_of_schemas(Connection& connection, const std::vector<model::Identifier>& schemas,
                                                  const std::function<void()>& after_some) {
  const Result rows = connection.query(queries::kSequences, {array_literal(schemas)}, "list sequences");
  std::vector<model::Sequence> out;
  for (int row = 0; row < rows.rows(); ++row) {
    model::Sequence sequence{.name = {rows.identifier(row, 0), rows.identifier(row, 1)},
                             .increment = rows.number(row, 5)};
    if (!rows.is_null(row, 4)) {
      sequence.owner_table = {rows.identifier(row, 2), rows.identifier(row, 3)};
      sequence.owner_column = rows.identifier(row, 4);
    }
    out.push_back(std::move(sequence));
  }
  const std::span<model::Sequence> all(out);
  for (std::size_t at = 0; at < all.size(); at += kSequencesPerQuery) {
    read_values(connection, all.subspan(at, std::min(kSequencesPerQuery, all.size() - at)));
    if (after_some) after_some();
  }
  return out;
}

std::vector<model::Identifier> effective_schemas(Connection& connection,
                                                 const std::vector<model::Identifier>& schemas) {
  if (!schemas.empty()) return schemas;
  const Result rows = connection.query(queries::kUserSchemas, "list schemas");
  std::vector<model::Identifier> out;
  for (int row = 0; row < rows.rows(); ++row) out.push_back(rows.identifier(row, 0));
  return out;
}

std::pair<std::string, std::string> name_arrays(const std::vector<model::TableName>& names) {
  std::vector<model::Identifier> schemas;
  std::vector<model::Identifier> tables;
  for (const model::TableName& name : names) {
    schemas.push_back(name.schema);
    tables.push_back(name.name);
  }
  return {array_literal(schemas), array_literal(tables)};
}

std::string version_text(Connection& connection) {
  return connection
      .query("SELECT split_part(version(), ' ', 1) || ' ' || current_setting('server_version')", "tell its version")
      .string(0, 0);
}

}  // namespace voyager::postgresql

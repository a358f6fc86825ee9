#include "connectors/postgresql/captured_tables.h"

#include <fmt/format.h>

#include <optional>

#include "connectors/postgresql/queries.h"

namespace voyager::postgresql {
namespace {

using connector::AttachedTable;
using connector::CapturedTables;

constexpr const char* kLookAtRowsFor = "5s";  // The capture stands still meanwhile.

// Has the changes come from now on.
std::string capture_sql(const std::string& publication, const std::string& table, std::string_view lacks) {
  if (lacks == "log") return fmt::format("ALTER TABLE {} SET LOGGED;", table);
  const std::string alter = "ALTER PUBLICATION " + model::quoted(model::Identifier(publication));
  if (lacks == "kinds") return alter + " SET (publish = 'insert, update, delete, truncate');";
  const std::string add = fmt::format("{} ADD TABLE ONLY {};", alter, table);
  return lacks == "table" ? add : fmt::format("{} DROP TABLE ONLY {}; {}", alter, table, add);
}

// The log has them when they are written once more: the target empties the partition, and gets them. A table that
// foreign keys refer to is not truncated, and its rows go only where the keys do not act.
std::string write_anew_sql(const std::string& table, const std::string& columns, bool unlogged, bool referred_to) {
  return fmt::format(
      "BEGIN; LOCK TABLE {0}; {2}CREATE TEMP TABLE kept ON COMMIT DROP AS SELECT {1} FROM {0}; {3} {0}; "
      "INSERT INTO {0} ({1}) OVERRIDING SYSTEM VALUE SELECT * FROM kept; COMMIT;",
      table, columns, unlogged ? fmt::format("ALTER TABLE {} SET LOGGED; ", table) : "",
      referred_to ? "SET LOCAL session_replication_role = replica; DELETE FROM" : "TRUNCATE");
}

struct Link {
  std::string transaction = {};  // that attached the partition
  std::string command = {};      // in it
  std::string made = {};         // the transaction that made the table
  bool made_as_partition = false;
};

/// A row was written before the link when an earlier transaction wrote it as the first thing that it did, or made the
/// table as well, or the same one wrote it by an earlier command. An earlier transaction that had written before may
/// have come to this table behind the link. The command is not known of a row that was locked since.
AttachedTable::Rows rows_before(Connection& catalog, const std::string& table, const Link& link) {
  const auto number = [&](const std::string& text) { return catalog.literal(text); };
  const std::string sql = fmt::format(
      "SELECT EXISTS (SELECT FROM ONLY {0} t WHERE pg_catalog.age(t.xmin) > pg_catalog.age({1}::xid) AND "
      "(t.xmin = {3}::xid OR (t.xmax = '0'::xid AND t.cmin = '0'::cid)) OR "
      "t.xmin = {1}::xid AND t.xmax = '0'::xid AND t.cmin::text::bigint < {2}::bigint), "
      "EXISTS (SELECT FROM ONLY {0})",
      table, number(link.transaction), number(link.command), number(link.made));
  std::optional<Result> row;
  if (!catalog.try_run(fmt::format("SET statement_timeout = '{}'", kLookAtRowsFor), "look at rows"))
    row = catalog.try_query(sql, {}, "look at the rows of a partition");
  catalog.run("SET statement_timeout = 0", "look at rows");
  if (!row) return AttachedTable::Rows::kNotKnown;
  if (row->boolean(0, 0)) return AttachedTable::Rows::kNotCaptured;
  // Rows that were changed since, or written below a savepoint, do not say when they came.
  return !row->boolean(0, 1) ? AttachedTable::Rows::kCaptured : AttachedTable::Rows::kNotKnown;
}

}  // namespace

TableWatch::TableWatch(std::vector<model::Identifier> schemas, std::string publication,
                       const std::vector<connector::NumberedTable>& begun_with)
    : schemas_(std::move(schemas)), publication_(std::move(publication)) {
  for (const connector::NumberedTable& table : begun_with) begun_with_[table.number] = table.name;
}

connector::CapturedTables TableWatch::look(Connection& catalog) {
  CapturedTables out;
  add_uncaptured(catalog, out);
  if (begun_with_.empty()) return out;
  add_gone(catalog, out);
  add_attached(catalog, out);
  return out;
}

void TableWatch::add_uncaptured(Connection& catalog, CapturedTables& out) const {
  const Result rows =
      catalog.query(queries::kCaptureStrangers, {array_literal(schemas_), publication_}, "look for new tables");
  const bool published = catalog
                             .query("SELECT EXISTS (SELECT FROM pg_catalog.pg_publication WHERE pubname = $1)",
                                    {publication_}, "look for the publication")
                             .boolean(0, 0);
  for (int row = 0; row < rows.rows(); ++row) {
    const model::TableName name{rows.identifier(row, 0), rows.identifier(row, 1)};
    const auto number = static_cast<std::uint64_t>(rows.number(row, 2));
    out.uncaptured.push_back(
        {.name = name,
         .partition = rows.boolean(row, 3),
         .another = !begun_with_.empty() && !begun_with_.contains(number),
         .capture_sql = published ? capture_sql(publication_, model::quoted(name), rows.text(row, 4)) : std::string()});
  }
}

void TableWatch::add_gone(Connection& catalog, CapturedTables& out) const {
  std::vector<std::int64_t> numbers;
  for (const auto& [number, name] : begun_with_) numbers.push_back(static_cast<std::int64_t>(number));
  const Result rows = catalog.query(queries::kCaptureGone, {array_literal(numbers)}, "look for tables");
  for (int row = 0; row < rows.rows(); ++row)
    out.gone.push_back(begun_with_.at(static_cast<std::uint64_t>(rows.number(row, 0))));
}

void TableWatch::add_attached(Connection& catalog, CapturedTables& out) {
  std::vector<std::int64_t> numbers;
  for (const auto& [number, name] : begun_with_) numbers.push_back(static_cast<std::int64_t>(number));
  const std::vector<Param> params = {array_literal(numbers), publication_};
  // Relatives of PostgreSQL do not say which transaction wrote a row of the catalogue.
  const std::optional<Result> rows = catalog.try_query(queries::kCaptureAttached, params, "look for partitions");
  for (int row = 0; rows && row < rows->rows(); ++row) {
    AttachedTable one{.name = {rows->identifier(row, 0), rows->identifier(row, 1)},
                      .root = {rows->identifier(row, 3), rows->identifier(row, 4)},
                      .captured_before = rows->boolean(row, 8)};
    const std::string table = model::quoted(one.name);
    const Link link{rows->string(row, 5), rows->string(row, 6), rows->string(row, 7), rows->boolean(row, 10)};
    const auto [known, first] = looked_at_.try_emplace(
        {static_cast<std::uint64_t>(rows->number(row, 2)), link.transaction}, AttachedTable::Rows::kNotKnown);
    const bool published = rows->boolean(row, 9);
    if (first && published && !one.captured_before) {
      known->second = link.made_as_partition ? AttachedTable::Rows::kCaptured : rows_before(catalog, table, link);
    }
    one.rows = known->second;
    one.write_anew_sql = write_anew_sql(table, rows->string(row, 11), rows->boolean(row, 12), rows->boolean(row, 13));
    if (one.rows != AttachedTable::Rows::kCaptured) out.attached.push_back(std::move(one));
  }
}

}  // namespace voyager::postgresql

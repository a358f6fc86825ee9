#include "connectors/postgresql/imported_counts.h"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "connectors/postgresql/connection.h"
#include "connectors/postgresql/queries.h"

namespace voyager::postgresql {
namespace {

class Counts final : public connector::ImportedCounts {
 public:
  Counts(const model::ConnectionOptions& options, std::string migration)
      : connection_(options), migration_(std::move(migration)) {}

  std::vector<connector::ImportedTable> imported() override;
  std::int64_t applied() override;
  std::map<model::TableName, std::uint64_t> count(const std::vector<model::TableName>& tables) override;

 private:
  std::set<std::string> bookkeeping();

  Connection connection_;
  const std::string migration_;
};

std::set<std::string> Counts::bookkeeping() {
  const Result rows = connection_.query(queries::kBookkeepingTables, "look for the bookkeeping");
  std::set<std::string> out;
  for (int row = 0; row < rows.rows(); ++row) out.insert(rows.string(row, 0));
  return out;
}

std::vector<connector::ImportedTable> Counts::imported() {
  const std::set<std::string> there = bookkeeping();
  std::map<model::TableName, connector::ImportedTable> tables;
  if (there.contains("ybvoyager_import_data_batches_metainfo_v3")) {
    const Result rows = connection_.query(queries::kImportedRows, {migration_}, "count imported rows");
    for (int row = 0; row < rows.rows(); ++row) {
      const model::TableName name{rows.identifier(row, 0), rows.identifier(row, 1)};
      tables[name].snapshot_rows = static_cast<std::uint64_t>(rows.number(row, 2));
    }
  }
  if (there.contains("ybvoyager_imported_event_count_by_table")) {
    const Result rows = connection_.query(queries::kImportedChanges, {migration_}, "count imported changes");
    for (int row = 0; row < rows.rows(); ++row) {
      connector::ImportedTable& table = tables[model::parse_table_name(rows.text(row, 0))];
      table.inserts = static_cast<std::uint64_t>(rows.number(row, 1));
      table.updates = static_cast<std::uint64_t>(rows.number(row, 2));
      table.deletes = static_cast<std::uint64_t>(rows.number(row, 3));
      table.truncated_rows = static_cast<std::uint64_t>(rows.number(row, 4));
    }
  }
  std::vector<connector::ImportedTable> out;
  for (auto& [name, table] : tables) {
    table.table = name;
    out.push_back(std::move(table));
  }
  return out;
}

std::int64_t Counts::applied() {
  if (!bookkeeping().contains("ybvoyager_import_data_event_channels_metainfo")) return 0;
  return connection_.query(queries::kImportedPosition, {migration_}, "ask what is applied").number(0, 0);
}

std::map<model::TableName, std::uint64_t> Counts::count(const std::vector<model::TableName>& tables) {
  std::map<model::TableName, std::uint64_t> out;
  connection_.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL row_security = off", "count rows");
  for (const model::TableName& table : tables) {
    const std::string quoted = model::quoted(table);
    const Result there = connection_.query(
        "SELECT relkind FROM pg_catalog.pg_class WHERE oid = pg_catalog.to_regclass($1)", {quoted}, "look for a table");
    if (there.rows() == 0) continue;
    // Tables that inherit from it have rows of their own.
    const char* only = there.text(0, 0) == "r" ? "ONLY " : "";
    const Result row =
        connection_.query(fmt::format("SELECT pg_catalog.count(*) FROM {}{}", only, quoted), "count rows");
    out[table] = static_cast<std::uint64_t>(row.number(0, 0));
  }
  connection_.run("COMMIT", "count rows");
  return out;
}

}  // namespace

std::unique_ptr<connector::ImportedCounts> make_imported_counts(const model::ConnectionOptions& options,
                                                                const std::string& migration) {
  return std::make_unique<Counts>(options, migration);
}

}  // namespace voyager::postgresql

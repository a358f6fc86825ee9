#include "migration/live/data_report.h"

#include <algorithm>
#include <map>
#include <span>
#include <utility>

#include "format/queue_ledger.h"

namespace voyager::migration {
namespace {

using connector::ImportedCounts;
using model::DatabaseRole;
using model::DataReportRow;
using model::MovedChanges;
using model::TableName;

constexpr const char* kExportersOfSource[] = {"source_db_exporter"};
constexpr const char* kExportersOfTarget[] = {"target_db_exporter_fb", "target_db_exporter_ff"};
constexpr const char* kTargetImporter = "target_db_importer";
constexpr const char* kReplicaImporter = "source_replica_db_importer";

class Report {
 public:
  Report(format::MigrationState& db, const DataReportSides& sides) : db_(db), sides_(sides) {}

  std::vector<DataReportRow> run();

 private:
  void read_plan();
  void add_exported(DatabaseRole database, std::span<const char* const> roles);
  void add_imported(DatabaseRole database, ImportedCounts* side);
  void add_errored(DatabaseRole database, const char* importer);
  void count(DatabaseRole database, ImportedCounts* side);
  /// Nothing for a table that is not of this migration.
  DataReportRow* row(const TableName& table, DatabaseRole database);

  format::MigrationState& db_;
  const DataReportSides& sides_;
  std::map<std::pair<TableName, DatabaseRole>, DataReportRow> rows_ = {};
};

DataReportRow* Report::row(const TableName& table, DatabaseRole database) {
  const auto found = rows_.find({table, database});
  return found == rows_.end() ? nullptr : &found->second;
}

void Report::read_plan() {
  for (const model::PlannedTable& one : db_.plan()) {
    if (model::is_large_objects(one.table.kind)) continue;
    for (const DatabaseRole database : {DatabaseRole::kSource, DatabaseRole::kTarget, DatabaseRole::kSourceReplica}) {
      if (database == DatabaseRole::kSourceReplica && !sides_.with_replica) continue;
      rows_.try_emplace({one.table.root, database}, DataReportRow{.table = one.table.root, .database = database});
    }
  }
  for (const model::TableTotals& one : db_.table_totals()) {
    if (DataReportRow* const here = row(one.root, DatabaseRole::kSource)) here->exported_snapshot_rows += one.rows;
  }
}

void Report::add_exported(DatabaseRole database, std::span<const char* const> roles) {
  for (const char* role : roles) {
    for (const auto& [table, counts] : db_.exported(role)) {
      DataReportRow* const here = row(table, database);
      if (here == nullptr) continue;
      here->exported.inserts += counts.inserts;
      here->exported.updates += counts.updates;
      here->exported.deletes += counts.deletes;
    }
  }
}

void Report::add_imported(DatabaseRole database, ImportedCounts* side) {
  if (side == nullptr) return;
  for (const connector::ImportedTable& one : side->imported()) {
    DataReportRow* const here = row(one.table, database);
    if (here == nullptr) continue;
    here->imported_snapshot_rows = one.snapshot_rows;
    here->imported = {.inserts = one.inserts, .updates = one.updates, .deletes = one.deletes};
    here->truncated_rows += one.truncated_rows;
    // What the target lost so, the source had lost before; and the other way round on the way back. A replica has lost
    // what both had: what the target has not seen was done there.
    const DatabaseRole other = database == DatabaseRole::kTarget ? DatabaseRole::kSource : DatabaseRole::kTarget;
    DataReportRow* const there = row(one.table, other);
    if (there == nullptr) continue;
    const std::uint64_t known = database == DatabaseRole::kSourceReplica ? there->truncated_rows : 0;
    there->truncated_rows += one.truncated_rows - std::min(one.truncated_rows, known);
  }
}

void Report::add_errored(DatabaseRole database, const char* importer) {
  for (const model::ImportedFile& file : db_.imported(importer)) {
    if (DataReportRow* const here = row(file.table, database)) here->errored_snapshot_rows += file.rows_set_aside;
  }
}

void Report::count(DatabaseRole database, ImportedCounts* side) {
  if (side == nullptr || !sides_.count_rows) return;
  std::vector<TableName> tables;
  for (const auto& [key, here] : rows_) {
    if (key.second == database) tables.push_back(key.first);
  }
  for (const auto& [table, rows] : side->count(tables)) row(table, database)->counted_rows = rows;
}

std::vector<DataReportRow> Report::run() {
  read_plan();
  add_exported(DatabaseRole::kSource, kExportersOfSource);
  add_exported(DatabaseRole::kTarget, kExportersOfTarget);
  // Rows are counted close to when the bookkeeping is read: what arrives in between makes a difference.
  add_imported(DatabaseRole::kSource, sides_.source);
  count(DatabaseRole::kSource, sides_.source);
  add_imported(DatabaseRole::kTarget, sides_.target);
  count(DatabaseRole::kTarget, sides_.target);
  add_imported(DatabaseRole::kSourceReplica, sides_.source_replica);
  count(DatabaseRole::kSourceReplica, sides_.source_replica);
  add_errored(DatabaseRole::kTarget, kTargetImporter);
  add_errored(DatabaseRole::kSourceReplica, kReplicaImporter);
  std::vector<DataReportRow> out;
  for (auto& [key, here] : rows_) out.push_back(std::move(here));
  return out;
}

}  // namespace

std::vector<DataReportRow> data_report(format::MigrationState& db, const DataReportSides& sides) {
  return Report(db, sides).run();
}

std::vector<DataReportRow> list_of_iterations(const std::vector<std::vector<DataReportRow>>& reports) {
  std::map<std::pair<TableName, DatabaseRole>, std::vector<DataReportRow>> by_table;
  for (std::size_t iteration = 0; iteration < reports.size(); ++iteration) {
    for (DataReportRow row : reports[iteration]) {
      std::vector<DataReportRow>& there = by_table[{row.table, row.database}];
      row.iteration = static_cast<int>(iteration);
      row.rows_before = there.empty() ? 0 : there.back().rows_so_far();
      there.push_back(std::move(row));
    }
  }
  std::vector<DataReportRow> out;
  for (auto& [key, rows] : by_table) out.insert(out.end(), rows.begin(), rows.end());
  return out;
}

std::vector<DataReportRow> sum_of_iterations(const std::vector<std::vector<DataReportRow>>& reports) {
  const auto add = [](MovedChanges& sum, const MovedChanges& one) {
    sum.inserts += one.inserts;
    sum.updates += one.updates;
    sum.deletes += one.deletes;
  };
  std::map<std::pair<TableName, DatabaseRole>, DataReportRow> by_table;
  for (const std::vector<DataReportRow>& report : reports) {
    for (const DataReportRow& row : report) {
      DataReportRow& sum = by_table[{row.table, row.database}];
      sum.table = row.table;
      sum.database = row.database;
      sum.exported_snapshot_rows += row.exported_snapshot_rows;
      sum.imported_snapshot_rows += row.imported_snapshot_rows;
      sum.errored_snapshot_rows += row.errored_snapshot_rows;
      add(sum.exported, row.exported);
      add(sum.imported, row.imported);
      sum.truncated_rows += row.truncated_rows;
      sum.counted_rows = row.counted_rows;
    }
  }
  std::vector<DataReportRow> out;
  for (auto& [key, row] : by_table) out.push_back(std::move(row));
  return out;
}

}  // namespace voyager::migration

// What an export takes along, and in which form.
#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "connector/connector.h"
#include "format/migration_state.h"
#include "migration/snapshot/export_data.h"
#include "migration/state/migration_record.h"
#include "model/connection.h"
#include "model/dialogue.h"
#include "model/table.h"

namespace voyager::migration {

/// The only schema, or `public` among several: what a bare name in a table list means.
model::Identifier default_schema_of(const std::vector<model::Identifier>& schemas);

/// A table as the export's views and status name it: without the schema where that is the default one.
std::string exported_name(const model::TableName& table, const model::Identifier& default_schema);

/// Binary when asked for, or (kAuto) when the `target`'s table is known (else null) and every column that travels has
/// the same wire type on both sides; else text. Large objects travel in binary, their owners and rights as text.
model::RowFormat choose_format(const model::Table& table, const model::Table* target, DataFormat wanted);

/// What the export noted of its snapshot: the text that SnapshotSource::begin gave, and whether texts are raw bytes.
void note_snapshot(format::DocumentLedger& db, const std::string& text, bool raw_bytes);
std::string noted_snapshot(format::DocumentLedger& db);
bool exported_raw_bytes(format::DocumentLedger& db);

/// Forgets plan and chunks, for an export that begins anew. Rows of theirs that were imported must not be taken for
/// rows of the next: ImportRun refuses to go on from them.
void forget_snapshot(format::MigrationState& db);

/// The target's tables as import schema noted them; empty when it did not run yet.
std::vector<model::Table> noted_target_tables(format::DocumentLedger& db);

/// All sequences, or those that serve a planned table when the table list is limited.
std::vector<model::Sequence> sequences_in_scope(std::vector<model::Sequence> all,
                                                const std::vector<model::PlannedTable>& plan, bool limited);

/// What scripts are told of the plan.
ExportedTables exported_tables(const std::vector<model::PlannedTable>& plan, bool limited);

/// Tables were named, or left out.
bool is_limited(const model::TableList& tables);

struct PlanRequest {
  const connector::ConnectorEntry& product;
  const model::ConnectionOptions& source;
  connector::SnapshotSource& snapshot;  ///< Begun.
  const std::optional<std::vector<model::Table>>& target_columns;
  const ExportDataOptions& options;
  const std::set<model::TableName>* published = nullptr;  ///< No others are taken along; null: all.
};
/// Chooses tables and large objects, checks the rights to read them, and saves what is to be read: plan, sequences,
/// lists of tables.
void plan_snapshot(const PlanRequest& request, format::DocumentLedger& documents, format::PlanLedger& plans,
                   model::Dialogue& dialogue);

/// Warns when `data_dir` has less room than the tables will probably need.
void warn_of_disk_space(std::uint64_t table_bytes, bool compressed, const std::filesystem::path& data_dir,
                        model::Dialogue& dialogue);

}  // namespace voyager::migration

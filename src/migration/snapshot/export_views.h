// The JSON files below metainfo/ that scripts read. They are views written from the state, never read back.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "connector/source.h"
#include "format/migration_state.h"

namespace voyager::migration {

/// metainfo/export_snapshot_status.json: per table NOT-STARTED, EXPORTING or DONE and the rows so far.
void write_export_snapshot_status(const std::filesystem::path& export_dir, format::DocumentLedger& documents,
                                  format::SnapshotTotals& totals);

/// metainfo/dataFileDescriptor.json: the files below data/, one entry a chunk file, mapped to the table they are
/// imported into.
void write_data_file_descriptor(const std::filesystem::path& export_dir, format::PlanLedger& plan,
                                format::ChunkLedger& chunks);

/// reports/value-changes.json: values that are not as on the source because a rule says so, by table, column and rule;
/// no file where there are none. Returns a line for each, for people.
std::vector<std::string> write_value_changes(const std::filesystem::path& export_dir, format::MigrationState& db);

/// In front of a run's name: what a capture tells of changes, in the place of a chunk's file name.
inline constexpr std::string_view kOfCapturedChanges = "changes of run ";

/// What a reader tells of a chunk, as a patch of the state's kValueChanges; empty where it tells nothing.
std::string value_changes_patch(const std::string& file_name, const std::vector<connector::ValueChange>& changes);

}  // namespace voyager::migration

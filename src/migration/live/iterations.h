// The iterations of a live migration: each time the source takes over and changes are to flow to the target again, the
// migration goes on in an export directory of its own below the first one's, with a state, a queue and a number of its
// own.
#pragma once

#include <filesystem>
#include <memory>

#include "format/meta_db.h"
#include "migration/live/cutover.h"

namespace voyager::migration {

/// The export directory of an iteration; that of number 0 is the migration's own.
std::filesystem::path iteration_dir(const std::filesystem::path& main_dir, int iteration);
/// The iteration whose export directory this is; 0 for any other directory.
int iteration_of(const std::filesystem::path& export_dir);
/// The migration's own export directory, of that of any of its iterations.
std::filesystem::path main_dir(const std::filesystem::path& export_dir);

/// The last iteration that a cutover to the source has begun, or is to begin.
int newest_iteration(const std::filesystem::path& main_dir);
/// The last iteration whose cutover to the target was asked for, or the first: where the way back works.
int way_back_iteration(const std::filesystem::path& main_dir);

/// Throws Error (DIR-010) where its state is gone.
std::unique_ptr<format::MetaDb> open_iteration(const std::filesystem::path& main_dir, int iteration,
                                               format::MetaDb::Mode mode = format::MetaDb::Mode::kReadWrite);

/// The record of `db`, the state of `export_dir`, with what the iteration behind it says of its begin.
CutoverRecord whole_cutover_record(const std::filesystem::path& export_dir, format::DocumentLedger& db);

/// Makes the export directory of the iteration behind that of `export_dir`, in place of what a killed run has left
/// there. Nothing counts before request_cutover says `again`.
void make_next_iteration(const std::filesystem::path& export_dir, format::MigrationState& db);

/// Throws Error (kState, CUT-003) when the iteration before that of `export_dir` is not far enough for `role` to begin.
void check_turn_of_iteration(const std::filesystem::path& export_dir, LiveRole role);

}  // namespace voyager::migration

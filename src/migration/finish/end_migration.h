// end migration: reports and backups saved, our traces removed.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/stop.h"
#include "connector/connector.h"
#include "model/connection.h"
#include "model/dialogue.h"

namespace voyager::migration {

struct EndMigrationOptions {
  std::filesystem::path export_dir = {};
  std::filesystem::path backup_dir = {};  ///< Empty when nothing is to be kept.
  bool backup_schema = false;
  bool backup_data = false;
  bool backup_logs = false;
  bool save_reports = false;
  /// Export directories of later iterations, below export_dir, the newest first. They go before the rest; of them only
  /// logs are kept.
  std::vector<std::filesystem::path> iterations = {};
  /// Removes what an iteration has left on databases; called again when a run was killed before its folder was gone.
  std::function<void(const std::filesystem::path& iteration)> end_iteration = {};
  /// Writes the status reports (export-data-status, import-data-status) as JSON below `folder`; called while state is
  /// there.
  std::function<void(const std::filesystem::path& folder)> write_status_reports = {};
  /// Removes what capture has set up on a database and says so; called once no other command runs.
  std::function<void()> take_down_captures = {};
  /// Removes our bookkeeping from databases beside the target; called after the backups.
  std::function<void()> drop_other_bookkeeping = {};
};

/// Steps, each safe to repeat after a kill: stop this migration's other commands, captures, reports, backups (moved),
/// the iterations, the target's bookkeeping, then the export directory's contents, metainfo last. `target` is null when
/// no import was ever started.
void end_migration(const connector::ConnectorEntry* target_product, const model::ConnectionOptions* target,
                   const EndMigrationOptions& options, const std::string& migration, model::Dialogue& dialogue,
                   base::Stop& stop);

}  // namespace voyager::migration

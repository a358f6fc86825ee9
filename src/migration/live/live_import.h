// What importers do while changes flow: they apply them to their database until the cutover to it.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "migration/changes/apply.h"
#include "migration/live/live_role.h"
#include "model/flow_context.h"

namespace voyager::migration {

/// Which change goes through which lane. An importer that goes on keeps what it is not given; keep_transactions stays
/// what it was when it began.
struct LaneOptions {
  std::optional<std::string> partition_key = {};  ///< --cdc-partition-key
  std::optional<std::string> overrides = {};      ///< --cdc-partition-key-overrides
  std::optional<bool> keep_transactions = {};     ///< --keep-transactions
};

struct LiveImportOptions {
  int lanes = 4;                    ///< Of an importer that begins; one that goes on keeps its own.
  int tries_max = 15;               ///< --max-retries-streaming
  std::size_t rows_together = 500;  ///< See RouterLimits.
  LaneOptions order = {};
};

/// Before rows or changes of the source come to this database: which of its tables and columns are which of the
/// source's.
void pair_with_source(const connector::ConnectorEntry& product, const model::ConnectionOptions& database,
                      const std::string& migration, LiveRole role, format::MigrationState& db);

/// Throws IMP-007 when the importer's database has changes that are not in this directory's queue: it was restored from
/// an older copy.
void refuse_older_queue(const connector::ConnectorEntry& product, const model::ConnectionOptions& database,
                        const std::string& migration, LiveRole role, const std::filesystem::path& export_dir);

/// What a target needs that gets changes without a snapshot. A target that is away is waited for, `tries_max` times.
/// `start_clean`: what was applied is forgotten, and changes are applied from the export's first one on.
void prepare_for_changes(const connector::ConnectorEntry& product, const model::ConnectionOptions& target,
                         const std::string& migration, bool start_clean, format::MigrationState& db, int tries_max,
                         const model::FlowContext& context);

struct LiveImportEnd {
  ApplyReport report = {};
  LiveNext next = {};  ///< kEnd or kBecome
};

/// As kToTarget or kToReplica (after the snapshot), or as kToSource: applies changes until the last
/// one before the cutover is in, then sets the sequences. Throws when stopped before; the same call goes on. Main
/// thread.
///
/// Where triggers, rules or foreign keys would act on changes all the same, no change is applied: the statements that
/// switch them off, and those that switch them on again, are written below schema/, the user is told, and this waits
/// until they are off.
LiveImportEnd import_changes(LiveRole role, const LiveContext& context, const LiveImportOptions& options,
                             const std::function<void(const ApplyReport&)>& tell);

/// Files of statements for a database that changes are applied to.
struct HookFiles {
  std::filesystem::path off = {};
  std::filesystem::path on = {};
};
HookFiles hook_files(const std::filesystem::path& export_dir, LiveRole role);
/// What acts on changes of `database` in spite of us. Where there is something, the files are written: `off` has what
/// is found, `on` also keeps what earlier calls found.
std::vector<connector::ApplyHook> write_hook_files(LiveRole role, const connector::ConnectorEntry& product,
                                                   const model::ConnectionOptions& database,
                                                   const std::string& migration,
                                                   const std::filesystem::path& export_dir,
                                                   const std::vector<model::TableName>& tables);

}  // namespace voyager::migration

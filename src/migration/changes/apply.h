// From the queue into a target.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/stop.h"
#include "connector/changes.h"
#include "format/migration_state.h"
#include "migration/changes/partition_keys.h"
#include "migration/changes/router.h"

namespace voyager::migration {

struct ApplyOptions {
  std::filesystem::path export_dir = {};
  std::string importer_role = {};                ///< target_db_importer, ...
  std::vector<std::string> exporter_roles = {};  ///< Whose changes are wanted.
  std::string until = {};                        ///< The control text that ends it: "cutover.target".
  std::vector<model::TableName> tables = {};     ///< That changes may come for, as they are called on the target.
  /// By exporter, the types of their columns when its capture began. Columns that are not there yet are added to the
  /// target, and types that have become wider are made so there, when it is certain what that means for rows that
  /// nothing happens to. Of an exporter that is not here: never.
  std::map<std::string, std::map<model::TableName, ColumnTypes>> types = {};
  PartitionKeys partition = {};
  int lanes = 4;       ///< The same for the whole migration.
  int tries_max = 15;  ///< --max-retries-streaming
  std::uint64_t bytes_waiting_max = 64UL << 20U;
  /// With one lane: what was one transaction at the source is one at the target, in the order of commits. A transaction
  /// is held in memory as a whole.
  bool whole_transactions = false;
  RouterLimits limits = {};
  /// What was changed of the target's tables, in its language, or what could not be and why.
  std::function<void(const std::string&)> told = [](const std::string&) {};
};

struct ApplyReport {
  bool cut_over = false;                 ///< The control text came, and everything before it is applied.
  std::uint64_t changes = 0;             ///< Of this run.
  std::uint64_t changes_total = 0;       ///< Of all runs.
  std::uint64_t missed = 0;              ///< Of them, updates and deletes that found no row.
  std::uint64_t in_order = 0;            ///< Batches that had to be applied change by change.
  std::int64_t applied = 0;              ///< The last number that all lanes have reached.
  std::uint64_t remaining = 0;           ///< In the queue, not applied.
  std::uint64_t held = 0;                ///< Of them, read, and kept until their transaction ends (whole_transactions).
  std::uint64_t sent = 0;                ///< Rows that the target has taken and that are not committed yet.
  std::uint64_t remaining_bytes = 0;     ///< Of the queue's files, not read yet.
  std::int64_t committed_at_micros = 0;  ///< Of the last transaction read, by the source's clock.
  double busy_s = 0;                     ///< That lanes have worked in this run, in sum.
  int lanes = 0;
  std::vector<connector::LaneCounts> by_table = {};  ///< Of this run, truncations apart.
};

/// Applies changes, each exactly once, until the control text comes or `stop` drains. Resumes by what the lanes' rows
/// say. `target` opens one connection a lane. `db` is the migration's state. Main thread; lanes run on threads of their
/// own. A change that the target's tables cannot take throws when everything before it is applied.
ApplyReport apply_changes(const ApplyOptions& options, format::MigrationState& db,
                          const std::function<std::unique_ptr<connector::ChangeTarget>()>& target,
                          const std::function<void(const ApplyReport&)>& progress, const base::Clock& clock,
                          base::Stop& stop);

}  // namespace voyager::migration

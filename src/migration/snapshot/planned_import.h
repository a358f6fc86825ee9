// An import of planned tables, wherever their rows come from.
#pragma once

#include <functional>
#include <memory>
#include <set>

#include "migration/snapshot/chunk_feed.h"
#include "migration/snapshot/import_data.h"
#include "migration/snapshot/import_run.h"
#include "model/flow_context.h"

namespace voyager::migration {

/// Rows that do not lie in the files of an export.
struct RowsFrom {
  std::function<std::unique_ptr<PlannedFeed>(ImportLedger&)> feed = {};
  /// Called before anything of the target is changed; may refuse the run. `left`: the tables (roots) that are not
  /// complete there.
  std::function<void(ImportRun&, const std::set<model::TableName>& left)> settle = {};
  /// All rows are on the target, or set aside: nothing is read any more.
  std::function<void()> rows_are_in = {};
};

/// As import_data, with the rows from there. The plan is in the state.
ImportDataReport import_planned(const connector::ConnectorEntry& product, const model::ConnectionOptions& target,
                                const ImportDataOptions& options, const RowsFrom& from, format::MigrationState& db,
                                const model::FlowContext& context);

}  // namespace voyager::migration

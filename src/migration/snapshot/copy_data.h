// copy data: the snapshot of the source straight into the target, without files.
#pragma once

#include <optional>
#include <vector>

#include "migration/snapshot/export_data.h"
#include "migration/snapshot/import_data.h"
#include "model/flow_context.h"

namespace voyager::migration {

struct CopyDataOptions {
  ExportDataOptions from = {};  ///< `parallel_jobs` read; `start_clean` is that of `to`; no changes, no files.
  ImportDataOptions to = {};
};

/// Throws COP-002, COP-003 or COP-004, before anything is changed, where the migration's data may not be copied.
void refuse_copy(const CopyDataOptions& options, format::MigrationState& db);

/// An export and an import in one: same plan, same bookkeeping on the target, same end. Every row is in or set aside
/// when it returns. Run again after it was stopped, it goes on where it was as long as nothing was written to the
/// source since. Else the tables that are not complete are emptied and read again under a new snapshot, and only with
/// consent: rows of one table never come from two snapshots. Refuses what refuse_copy does. Drains like export_data.
ImportDataReport copy_data(const connector::ConnectorEntry& source_product, const model::ConnectionOptions& source,
                           const connector::ConnectorEntry& target_product, const model::ConnectionOptions& target,
                           const std::optional<std::vector<model::Table>>& target_columns,
                           const CopyDataOptions& options, format::MigrationState& db,
                           const model::FlowContext& context);

}  // namespace voyager::migration

// What import data does once the snapshot is on the target: it applies the source's changes until the cutover.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "base/clock.h"
#include "base/stop.h"
#include "connector/connector.h"
#include "format/meta_db.h"
#include "migration/changes/apply.h"
#include "model/connection.h"

namespace voyager::migration {

struct LiveImportOptions {
  std::filesystem::path export_dir = {};
  std::string migration = {};
  int lanes = 4;       ///< Of a migration that begins; one that goes on keeps its own.
  int tries_max = 15;  ///< --max-retries-streaming
};

/// What a target needs that gets changes without a snapshot.
void prepare_for_changes(const connector::ConnectorEntry& product, const model::ConnectionOptions& target,
                         const std::string& migration, format::MetaDb& db);

/// Applies changes until the source's last one before the cutover is on the target, then sets the sequences. Throws
/// when stopped before; the same call goes on. Main thread.
ApplyReport apply_to_target(const connector::ConnectorEntry& product, const model::ConnectionOptions& target,
                            const LiveImportOptions& options, format::MetaDb& db,
                            const std::function<void(const ApplyReport&)>& tell, const base::Clock& clock,
                            base::Stop& stop);

}  // namespace voyager::migration

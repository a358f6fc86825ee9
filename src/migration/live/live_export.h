// What export data does once the snapshot is exported: it follows the source until the cutover.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "base/clock.h"
#include "base/stop.h"
#include "connector/connector.h"
#include "format/meta_db.h"
#include "migration/changes/capture.h"
#include "model/connection.h"
#include "model/table_list.h"

namespace voyager::migration {

struct LiveExportOptions {
  std::filesystem::path export_dir = {};
  std::string migration = {};
  std::string run = {};
  bool limited = false;  ///< The export has a table list, so only the sequences of its tables count.
  std::uint64_t segment_bytes_max = 1ULL << 30U;
  std::uint64_t retained_bytes_max = 0;  ///< As CapturePolicy.
  bool stop_at_retained_max = false;
  std::uint64_t free_bytes_min = 256ULL << 20U;  ///< With less on the queue's disk, capture waits.
};

/// Captures changes from where the snapshot ends until a cutover is requested and everything committed before it is in
/// the queue; then notes the sequences and removes what was set up on the source. Throws when stopped before; the same
/// call goes on. Main thread.
void stream_from_source(const connector::ConnectorEntry& product, const model::ConnectionOptions& source,
                        const LiveExportOptions& options, format::MetaDb& db,
                        const std::function<void(const CaptureProgress&)>& tell, const base::Clock& clock,
                        const base::Stop& stop);

}  // namespace voyager::migration

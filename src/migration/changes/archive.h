// Segments that every importer has applied are put away.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/stop.h"
#include "format/migration_state.h"
#include "format/queue_ledger.h"

namespace voyager::migration {

struct ArchiveOptions {
  std::filesystem::path export_dir = {};
  std::filesystem::path archive_dir = {};  ///< Segments move there; empty: they are deleted.
  int utilization_threshold = 0;           ///< Percent of the file system; below it nothing is deleted. 0: always.
  std::size_t kept = 3;                    ///< Of each exporter, the newest that may go stay until the migration ends.
  std::chrono::milliseconds every{5'000};
};

/// One segment that was put away.
struct PutAway {
  std::uint64_t segment = 0;
  std::uint64_t bytes = 0;
  std::filesystem::path location = {};  ///< Empty: deleted.
};

/// The roles whose importers have to be through a segment of this exporter before it may go.
std::vector<std::string> importers_of(const std::string& exporter_role, bool with_replica);

/// The segments that may go now, oldest first. An importer that needs one of them has it on its disk for good, and an
/// exporter that begins again needs none of them. `ended`: the migration's last change is applied, so nothing stays.
std::vector<format::SegmentRow> segments_to_put_away(const std::vector<format::SegmentRow>& segments, bool with_replica,
                                                     std::size_t kept, bool ended);

/// Every change that this migration will ever have is applied: all cutovers that it is prepared for are done.
bool changes_have_ended(format::DocumentLedger& db);

/// One look: puts away what may go. Safe to be killed at any moment and run again: a segment is gone only when the
/// state says so, and the state says so only when the copy is on the disk.
std::vector<PutAway> put_segments_away(const ArchiveOptions& options, format::MigrationState& db);

/// Looks again and again until the changes have ended and all is put away. Throws when stopped before; the same call
/// goes on.
void archive_changes(const ArchiveOptions& options, format::MigrationState& db,
                     const std::function<void(const PutAway&)>& tell, const base::Clock& clock, const base::Stop& stop);

}  // namespace voyager::migration

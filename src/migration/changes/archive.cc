#include "migration/changes/archive.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/error.h"
#include "base/fault_point.h"
#include "base/files.h"
#include "format/segment.h"
#include "migration/state/migration_record.h"

namespace voyager::migration {
namespace {

namespace fs = std::filesystem;
using format::SegmentRow;

constexpr const char* kSourceExporterRole = "source_db_exporter";
constexpr const char* kFallBackExporterRole = "target_db_exporter_fb";
constexpr const char* kTargetImporterRole = "target_db_importer";
constexpr const char* kSourceImporterRole = "source_db_importer";
constexpr const char* kReplicaImporterRole = "source_replica_db_importer";

bool is_applied(const SegmentRow& segment, bool with_replica) {
  return std::ranges::all_of(importers_of(segment.exporter_role, with_replica), [&](const std::string& role) {
    return std::ranges::find(segment.imported_by, role) != segment.imported_by.end();
  });
}

// A copy that a killed run has left is replaced.
void copy_durably(const fs::path& from, const fs::path& to) {
  const fs::path part = to.string() + ".partial";
  {
    const base::File in = base::File::open_read(from);
    base::File out = base::File::create(part);
    std::string buffer(1U << 20U, '\0');
    for (std::uint64_t at = 0;;) {
      const std::size_t got = in.read_at(at, buffer.data(), buffer.size());
      if (got == 0) break;
      out.write(std::string_view(buffer).substr(0, got));
      at += got;
    }
    out.sync();
    if (out.size() != in.size())
      base::fail(base::ExitCode::kFailure, "the copy of a segment has another size than the segment", part.string());
  }
  base::fault_point<"archive.half_copied">();  // a segment is copied under a temporary name
  base::rename_durably(part, to);
}

// The queue may have a file system of its own, which is the one that its segments fill.
double utilization_percent(const fs::path& path) {
  const fs::space_info space = fs::space(path);
  return 100.0 - 100.0 * static_cast<double>(space.available) / static_cast<double>(space.capacity);
}

// What an earlier run has noted and did not live to remove.
void remove_what_is_noted(const fs::path& export_dir, const std::vector<SegmentRow>& segments) {
  for (const SegmentRow& segment : segments) {
    if (segment.deleted) fs::remove(format::segment_path(export_dir, segment.number));
  }
}

}  // namespace

std::vector<std::string> importers_of(const std::string& exporter_role, bool with_replica) {
  if (exporter_role == kSourceExporterRole) {
    return with_replica ? std::vector<std::string>{kTargetImporterRole, kReplicaImporterRole}
                        : std::vector<std::string>{kTargetImporterRole};
  }
  return {exporter_role == kFallBackExporterRole ? kSourceImporterRole : kReplicaImporterRole};
}

std::vector<SegmentRow> segments_to_put_away(const std::vector<SegmentRow>& segments, bool with_replica,
                                             std::size_t kept, bool ended) {
  std::map<std::string, std::vector<SegmentRow>> by_exporter;
  for (const SegmentRow& segment : segments) {
    if (segment.deleted || !segment.closed || !is_applied(segment, with_replica)) continue;
    by_exporter[segment.exporter_role].push_back(segment);
  }
  std::vector<SegmentRow> out;
  for (auto& [role, applied] : by_exporter) {
    const std::size_t stay = ended ? 0 : std::min(kept, applied.size());
    out.insert(out.end(), applied.begin(), applied.end() - static_cast<std::ptrdiff_t>(stay));
  }
  std::ranges::sort(out, {}, &SegmentRow::number);
  return out;
}

bool changes_have_ended(format::DocumentLedger& db) {
  const MigrationRecord record = migration_record(db);
  if (!record.to_target.marks.done()) return false;
  if (record.fall_back) return record.to_source.marks.done();
  return !record.fall_forward || record.to_source_replica.marks.done();
}

std::vector<PutAway> put_segments_away(const ArchiveOptions& options, format::MigrationState& db) {
  const bool ended = changes_have_ended(db);  // Asked first: what is applied by then is all there is.
  const bool with_replica = migration_record(db).fall_forward;
  const std::vector<SegmentRow> segments = db.segments();
  remove_what_is_noted(options.export_dir, segments);
  std::vector<PutAway> out;
  for (const SegmentRow& segment : segments_to_put_away(segments, with_replica, options.kept, ended)) {
    if (!ended && options.utilization_threshold > 0 &&
        utilization_percent(options.export_dir / "data" / "queue") < options.utilization_threshold)
      break;
    const fs::path file = format::segment_path(options.export_dir, segment.number);
    PutAway one{.segment = segment.number, .bytes = segment.bytes_safe};
    if (!options.archive_dir.empty()) {
      one.location = options.archive_dir / file.filename();
      // A copy without the file is what a killed run has left between two steps.
      if (fs::exists(file)) {
        copy_durably(file, one.location);
      } else if (!fs::exists(one.location)) {
        throw base::Error({.code = "DIR-006",
                           .exit = base::ExitCode::kState,
                           .title = "a file of the queue is missing: " + file.string(),
                           .cause = "it is not in the archive either",
                           .fix = {"put it back if somebody has moved it; every change in it is applied"}});
      }
      base::fault_point<"archive.copied">();  // its copy is in the archive, the state does not know it
    }
    db.note_put_away(segment.number, one.location.string());
    base::fault_point<"archive.noted">();  // the state says that it is put away, the file is still there
    fs::remove(file);
    base::fault_point<"archive.removed">();  // the file is gone
    out.push_back(std::move(one));
  }
  return out;
}

void archive_changes(const ArchiveOptions& options, format::MigrationState& db,
                     const std::function<void(const PutAway&)>& tell, const base::Clock& clock,
                     const base::Stop& stop) {
  while (true) {
    // The last round begins after the end, so it leaves nothing.
    const bool ended = changes_have_ended(db);
    for (const PutAway& one : put_segments_away(options, db)) tell(one);
    if (ended) return;
    (void)clock.sleep_for(options.every, stop);
    base::throw_if_draining(stop, "archive changes was stopped", "run the same command again: it goes on");
  }
}

}  // namespace voyager::migration

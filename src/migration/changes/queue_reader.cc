#include "migration/changes/queue_reader.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "connector/begin_anew.h"
#include "format/meta_db.h"

namespace voyager::migration {
namespace {

// The state is asked only now and then whether a file that seems to have no more should have more.
constexpr int kLooksBetweenAsking = 100;
// A writer on another host wakes nobody here.
constexpr std::chrono::milliseconds kLongestWait{20};

// Made here where the writer has not begun: what is not there cannot be watched.
std::filesystem::path queue_folder(const std::filesystem::path& export_dir) {
  std::filesystem::path folder = format::segment_path(export_dir, 0).parent_path();
  std::filesystem::create_directories(folder);
  return folder;
}

}  // namespace

QueueReader::QueueReader(std::filesystem::path export_dir, std::vector<std::string> exporter_roles,
                         const std::string& importer_role, std::int64_t applied)
    : export_dir_(std::move(export_dir)),
      exporter_roles_(std::move(exporter_roles)),
      db_(export_dir_),
      written_(queue_folder(export_dir_)),
      from_(applied + 1),
      next_vsn_(applied + 1) {
  // The last one is looked at again though every change of it is in: it may end with the order to cut over.
  std::uint64_t last = 0;
  const std::vector<format::SegmentRow> rows = ledger_.segments();
  for (const format::SegmentRow& row : rows) last = wanted(row) ? row.number : last;
  for (const format::SegmentRow& row : rows) {
    if (row.number >= last || !row.closed || row.next_vsn > from_) continue;
    next_segment_ = row.number + 1;
    const bool imported = std::ranges::find(row.imported_by, importer_role) != row.imported_by.end();
    // An earlier run ended before it was noted.
    if (!imported && wanted(row)) finished_.push_back({.segment = row.number, .last_vsn = row.next_vsn - 1});
  }
}

bool QueueReader::wanted(const format::SegmentRow& row) const {
  return std::ranges::find(exporter_roles_, row.exporter_role) != exporter_roles_.end();
}

// What archive changes has deleted was applied: whoever needs it now was put back to an earlier state since.
void QueueReader::refuse_missing(const std::filesystem::path& path, const format::SegmentRow& row) {
  base::ErrorInfo info{.code = "DIR-006",
                       .exit = base::ExitCode::kState,
                       .title = "a file of the queue is missing: " + path.string(),
                       .fix = {"put it back"}};
  if (!row.archive_location.empty()) {
    info.fix = {"put it back from " + row.archive_location};
  } else if (row.deleted) {
    info.cause =
        "archive changes has deleted it, when it was applied: the database that needs it was put back to an earlier "
        "state since";
    info.fix =
        row.exporter_role.starts_with("target_") ? connector::end_without_way_back() : connector::begin_both_anew();
    info.then = "changes that it held cannot be had any more";
  }
  throw base::Error(std::move(info));
}

bool QueueReader::open_next() {
  const std::filesystem::path path = format::segment_path(export_dir_, next_segment_);
  if (!std::filesystem::exists(path)) {
    for (const format::SegmentRow& row : ledger_.segments()) {
      if (row.number != next_segment_) continue;
      if (!wanted(row)) {
        ++next_segment_;  // Another importer's, put away when that was through with it.
        return open_next();
      }
      if (row.bytes_safe == 0) continue;
      refuse_missing(path, row);
    }
    return false;
  }
  format::SegmentReader reader(path);
  segment_ = next_segment_++;
  const bool ours = std::ranges::find(exporter_roles_, reader.header().exporter_role) != exporter_roles_.end();
  if (!ours) return open_next();
  exporter_ = reader.header().exporter_role;
  reader.seek(from_);
  reader_.emplace(std::move(reader));
  return true;
}

bool QueueReader::next(format::SegmentBlock& block) {
  while (true) {
    if (!reader_ && !open_next()) return false;
    if (reader_->next(block)) {
      next_vsn_ = block.first_vsn + block.changes;
      looks_in_vain_ = 0;
      return true;
    }
    if (reader_->finished()) {
      finished_.push_back({.segment = segment_, .last_vsn = next_vsn_ - 1});
      reader_.reset();
      continue;
    }
    if (++looks_in_vain_ % kLooksBetweenAsking == 0) {
      for (const format::SegmentRow& row : ledger_.segments()) {
        if (row.number == segment_) reader_->expect(row.bytes_safe);
      }
    }
    return false;
  }
}

void QueueReader::wait(const base::Stop& stop) {
  written_.wait(kLongestWait, stop);
}

std::uint64_t QueueReader::remaining_bytes() {
  std::uint64_t bytes = 0;
  for (const format::SegmentRow& row : ledger_.segments()) {
    if (std::ranges::find(exporter_roles_, row.exporter_role) == exporter_roles_.end()) continue;
    if (row.number >= next_segment_) bytes += row.bytes_safe;
    if (reader_ && row.number == segment_) bytes += row.bytes_safe - std::min(row.bytes_safe, reader_->read_bytes());
  }
  return bytes;
}

std::vector<QueueReader::Finished> QueueReader::take_finished() {
  return std::exchange(finished_, {});
}

std::uint64_t QueueReader::remaining() {
  std::int64_t left = 0;
  for (const format::SegmentRow& row : ledger_.segments()) {
    if (wanted(row)) left += std::max<std::int64_t>(0, row.next_vsn - std::max(row.first_vsn, next_vsn_));
  }
  return static_cast<std::uint64_t>(left);
}

// The file may have more than the state has been told of yet.
std::int64_t last_in_queue(const std::filesystem::path& export_dir) {
  const std::optional<format::SegmentRow> row = format::MetaDb(export_dir).last_segment();
  if (!row) return 0;
  std::int64_t next = row->next_vsn;
  const std::filesystem::path path = format::segment_path(export_dir, row->number);
  if (std::filesystem::exists(path)) {
    format::SegmentReader reader(path);
    reader.seek(next);
    for (format::SegmentBlock block; reader.next(block);) next = std::max(next, block.first_vsn + block.changes);
  }
  return next - 1;
}

}  // namespace voyager::migration

// The queue's end that is read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/folder_watch.h"
#include "base/stop.h"
#include "format/meta_db.h"
#include "format/queue_ledger.h"
#include "format/segment.h"

namespace voyager::migration {

/// Follows the segments of some exporters, also while they are written. One thread.
class QueueReader {
 public:
  /// Begins with the change behind `applied`, whatever the state says of `importer_role`: the database that has the
  /// changes knows best, and may be older than the state. Segments of other exporters are skipped.
  QueueReader(std::filesystem::path export_dir, std::vector<std::string> exporter_roles,
              const std::string& importer_role, std::int64_t applied);

  /// The next block that is safe. False when there is none yet.
  [[nodiscard]] bool next(format::SegmentBlock& block);
  /// The segment that the last block came from has no more.
  bool at_end() const { return !reader_; }
  /// Waits until something was written since the last wait, a short while at most.
  void wait(const base::Stop& stop);
  /// Of the segment that the last block came from.
  std::uint64_t segment() const { return segment_; }
  const std::string& exporter() const { return exporter_; }
  struct Finished {
    std::uint64_t segment = 0;
    std::int64_t last_vsn = 0;
  };
  /// Segments that were read to their end since the last call.
  std::vector<Finished> take_finished();
  /// Changes that the exporters have made safe and `next` has not given yet.
  std::uint64_t remaining();
  std::uint64_t remaining_bytes();

 private:
  [[noreturn]] static void refuse_missing(const std::filesystem::path& path, const format::SegmentRow& row);
  bool open_next();
  bool wanted(const format::SegmentRow& row) const;

  const std::filesystem::path export_dir_;
  const std::vector<std::string> exporter_roles_;
  format::MetaDb db_;  // a connection of its own
  format::SegmentLedger& ledger_ = db_;
  base::FolderWatch written_;
  std::int64_t from_;  // of the first change that is wanted
  std::optional<format::SegmentReader> reader_ = {};
  std::uint64_t segment_ = 0;
  std::string exporter_ = {};
  std::uint64_t next_segment_ = 0;
  std::int64_t next_vsn_;
  std::vector<Finished> finished_ = {};
  int looks_in_vain_ = 0;
};

/// The number of the last change in the queue, written by whichever exporter. 0: there is none.
std::int64_t last_in_queue(const std::filesystem::path& export_dir);

}  // namespace voyager::migration

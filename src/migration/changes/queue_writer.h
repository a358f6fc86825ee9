// The queue's end that grows: records go into segments, the state learns of what is safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "format/meta_db.h"
#include "format/queue_ledger.h"
#include "format/segment.h"
#include "model/changes.h"

namespace voyager::migration {

struct QueueWriterOptions {
  std::filesystem::path export_dir = {};
  std::string migration = {};
  std::string exporter_role = {};
  std::string run = {};
  std::uint64_t segment_bytes_max =
      1ULL << 30U;  ///< QUEUE_SEGMENT_MAX_BYTES: a segment is closed at the first sync past it.
};

/// Order of durability: the segment is synced, then the state knows, and then the source may be told. One thread.
class QueueWriter {
 public:
  /// Takes up the last segment where an earlier run left it, or begins the next one.
  explicit QueueWriter(QueueWriterOptions options);

  /// Where the source has to go on; empty when nothing was ever captured.
  const model::Position& position() const { return position_; }
  std::int64_t next_vsn() const { return writer_->next_vsn(); }

  /// Whole records and the position behind them.
  void append(std::string_view records, const model::Position& end);
  /// A record of ours; the source stands at `end`.
  void control(std::string_view text, const model::Position& end);
  /// Everything appended is safe when it returns, and importers may have it. Closes the segment when it is full.
  void sync();
  /// Syncs, and the state knows of everything appended when it returns.
  void note();
  /// Something is safe that the state does not know of.
  bool unnoted() const { return unnoted_; }
  /// Syncs and ends the segment: nothing follows in it.
  void close();

  std::uint64_t bytes_since_sync() const { return bytes_since_sync_; }
  std::uint64_t changes() const { return changes_; }                          ///< Of this run.
  std::uint64_t changes_total() const { return changes_before_ + changes_; }  ///< Of this exporter.
  /// Of this run, as of the last note.
  const std::map<model::TableName, format::ChangeCounts>& by_table() const { return by_table_; }

 private:
  void begin_segment(std::uint64_t number, std::int64_t first_vsn);
  void note_end(bool closed);
  void count(std::string_view records);
  void count_from(const std::filesystem::path& path, std::int64_t vsn);

  const QueueWriterOptions options_;
  format::MetaDb db_;  // a connection of its own
  format::SegmentLedger& ledger_ = db_;
  std::optional<format::SegmentWriter> writer_ = {};
  model::Position position_ = {};
  std::uint64_t bytes_since_sync_ = 0;
  bool unnoted_ = false;
  std::uint64_t changes_ = 0;
  std::uint64_t changes_before_ = 0;
  std::map<std::uint32_t, model::TableName> names_ = {};                // by the number of the table
  std::map<std::uint32_t, format::ChangeCounts> counts_by_table_ = {};  // since the last note
  std::map<model::TableName, format::ChangeCounts> by_table_ = {};
  bool last_closed_ = false;
};

}  // namespace voyager::migration

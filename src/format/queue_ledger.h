// What the state knows of the queue's segments and of the changes in them. Format: docs/formats/meta-db.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "format/meta_db.h"
#include "format/segment.h"
#include "model/changes.h"

namespace voyager::format {

/// A segment as the state knows it.
struct SegmentRow {
  std::uint64_t number = 0;
  std::string exporter_role = {};
  std::uint64_t bytes_safe = 0;  ///< SegmentEnd::bytes of the last sync.
  std::int64_t first_vsn = 1;
  std::int64_t next_vsn = 1;      ///< As of the last sync.
  model::Position position = {};  ///< As of the last sync; before it, of the segment before.
  std::uint64_t changes = 0;
  bool closed = false;
  std::vector<std::string> imported_by =
      {};  ///< Roles: target_db_importer, source_db_importer, source_replica_db_importer.
  bool archived = false;
  bool deleted = false;
  std::string archive_location = {};
};

/// Changes by kind.
struct ChangeCounts {
  std::uint64_t inserts = 0;
  std::uint64_t updates = 0;
  std::uint64_t deletes = 0;
  std::uint64_t total = 0;  ///< With truncations.
  ChangeCounts& operator+=(const ChangeCounts& other);
  bool operator==(const ChangeCounts&) const = default;
};

/// One connection to meta.db. One thread. Every call is one transaction.
class QueueLedger {
 public:
  explicit QueueLedger(const std::filesystem::path& export_dir, MetaDb::Mode mode = MetaDb::Mode::kReadWrite)
      : db_(export_dir, mode) {}

  std::vector<SegmentRow> segments();  ///< By number.
  std::optional<SegmentRow> last_segment();
  /// Before the file is made. `position` is where its exporter stands.
  void add_segment(std::uint64_t number, std::int64_t first_vsn, std::string_view exporter_role,
                   const model::Position& position);
  /// After the file was synced. `counts` is what came since the last call, by table; `run` names the exporter's run.
  void note_synced(const SegmentRow& segment, std::string_view run,
                   const std::map<model::TableName, ChangeCounts>& counts);
  void note_imported(std::uint64_t number, std::string_view importer_role);
  /// Of segments with changes behind `applied`: what the importer's database has lost, or is to get anew.
  void forget_imported(std::string_view importer_role, std::int64_t applied);
  void note_put_away(std::uint64_t number, const std::string& archive_location);
  /// What an exporter has captured, by table.
  std::map<model::TableName, ChangeCounts> exported(std::string_view exporter_role);
  /// What all runs of an exporter have captured since `seconds_ago`, and in all.
  ChangeCounts exported_since(std::string_view exporter_role, std::int64_t unix_seconds);
  void clear();

 private:
  MetaDb db_;
};

}  // namespace voyager::format

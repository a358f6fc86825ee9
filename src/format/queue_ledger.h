// What the state knows of the queue's segments and of the changes in them. Format: docs/formats/meta-db.md.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "format/segment.h"
#include "model/changes.h"
#include "model/table.h"

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

/// The files of the queue. By number.
class SegmentLedger {
 public:
  virtual ~SegmentLedger() = default;
  virtual std::vector<SegmentRow> segments() = 0;
  virtual std::optional<SegmentRow> last_segment() = 0;
  /// Before the file is made. `position` is where its exporter stands. One that is there stays as it is.
  virtual void add_segment(std::uint64_t number, std::int64_t first_vsn, std::string_view exporter_role,
                           const model::Position& position) = 0;
  /// After the file was synced. `counts` is what came since the last call, by table; `run` names the exporter's run.
  /// Until the segment is closed a crash of the machine may undo this: the file tells what it holds, and the next
  /// exporter counts what is not counted.
  virtual void note_synced(const SegmentRow& segment, std::string_view run,
                           const std::map<model::TableName, ChangeCounts>& counts) = 0;
  virtual void note_put_away(std::uint64_t number, const std::string& archive_location) = 0;
  /// Forgets segments and counts.
  virtual void clear_queue() = 0;
};

/// Which of them importers have done with.
class SegmentImports {
 public:
  virtual ~SegmentImports() = default;
  virtual void note_imported(std::uint64_t number, std::string_view importer_role) = 0;
  /// Of segments with changes behind `applied`: what the importer's database has lost, or is to get anew.
  virtual void forget_imported(std::string_view importer_role, std::int64_t applied) = 0;
};

/// How many changes were captured.
class ExportedChanges {
 public:
  virtual ~ExportedChanges() = default;
  /// What an exporter has captured, by table.
  virtual std::map<model::TableName, ChangeCounts> exported(std::string_view exporter_role) = 0;
  /// What all runs of an exporter have captured since that second, to the ten.
  virtual ChangeCounts exported_since(std::string_view exporter_role, std::int64_t unix_seconds) = 0;
};

}  // namespace voyager::format

// What of a table was exported from and imported into each database of a live migration.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/identifier.h"

namespace voyager::model {

enum class DatabaseRole : std::uint8_t { kSource, kTarget, kSourceReplica };

struct MovedChanges {
  std::uint64_t inserts = 0;
  std::uint64_t updates = 0;
  std::uint64_t deletes = 0;
  bool operator==(const MovedChanges&) const = default;
};

/// A table in one of the databases, in all iterations or in one. Rows are ordered by table, then by database, then by
/// iteration.
struct DataReportRow {
  TableName table = {};
  DatabaseRole database = DatabaseRole::kSource;
  int iteration = 0;
  std::int64_t rows_before = 0;  ///< What the iterations before this one have left there.
  std::uint64_t exported_snapshot_rows = 0;
  std::uint64_t imported_snapshot_rows = 0;
  std::uint64_t errored_snapshot_rows = 0;
  MovedChanges exported = {};                      ///< Captured from this database.
  MovedChanges imported = {};                      ///< Applied to it.
  std::uint64_t truncated_rows = 0;                ///< That truncations and the source's foreign keys have removed.
  std::optional<std::uint64_t> counted_rows = {};  ///< What the database counts, when it was asked.

  /// What should be there by all of the above; no count of the database. Of one iteration, by how much it has changed.
  std::int64_t final_rows() const {
    const auto sum = exported_snapshot_rows + imported_snapshot_rows + exported.inserts + imported.inserts;
    return static_cast<std::int64_t>(sum) -
           static_cast<std::int64_t>(exported.deletes + imported.deletes + truncated_rows);
  }
  std::int64_t rows_so_far() const { return rows_before + final_rows(); }
  bool operator==(const DataReportRow&) const = default;
};

}  // namespace voyager::model

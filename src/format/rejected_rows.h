// The rows that imports have set aside, as people work with them: listed, tried again, given up.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "format/meta_db.h"
#include "format/sqlite.h"

namespace voyager::format {

struct RejectedRow {
  std::string role = {};  ///< The importer's, as in MetaDb::set_aside.
  SetAsideRow row = {};
  bool discarded = false;  ///< Given up: it needs no loading and is no task any more.
};

/// A connection of its own to a state that a MetaDb has opened before, and so has brought to the present version.
/// Nobody may import meanwhile: changes belong under the lock of the import.
class RejectedRows {
 public:
  explicit RejectedRows(const std::filesystem::path& export_dir);

  /// Discarded and released ones too; by role, table, file and number.
  std::vector<RejectedRow> all();
  /// Those that the target may have by now (a retry was stopped) are given up too: the next import that finds them
  /// there forgets them. Returns how many rows of `tables` these are.
  std::uint64_t discard(std::string_view role, const std::vector<model::TableName>& tables);

 private:
  SqliteConnection connection_;
};

}  // namespace voyager::format

// The rows that imports have set aside, as people work with them: listed, tried again, given up.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "format/sqlite.h"
#include "model/snapshot.h"

namespace voyager::format {

struct RejectedRow {
  std::string role = {};  ///< The importer's, as in MetaDb::set_aside.
  model::SetAsideRow row = {};
  bool discarded = false;  ///< Given up: it needs no loading and is no task any more.
  bool in_doubt = false;   ///< A retry has begun to send it and has not come to its end: the target may have it.
};

/// A connection of its own to a state that a MetaDb has opened before, and so has brought to the present version.
/// Nobody may import meanwhile: changes belong under the lock of the import.
class RejectedRows {
 public:
  explicit RejectedRows(const std::filesystem::path& export_dir);

  /// Discarded ones and those in doubt too; by role, table, file and number.
  std::vector<RejectedRow> all();
  /// Gives up the rows of `tables`, and returns how many they are. Those in doubt stay as they are.
  std::uint64_t discard(std::string_view role, const std::vector<model::TableName>& tables);

 private:
  SqliteConnection connection_;
};

}  // namespace voyager::format

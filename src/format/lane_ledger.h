// By what an importer gives changes to lanes. Format: docs/formats/meta-db.md.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "format/meta_db.h"

namespace voyager::format {

/// What holds for all tables. A target's bookkeeping says for each lane up to where it has applied, so this decides
/// which changes are in: it is noted before the first one is given to a lane.
struct LaneRecord {
  int lanes = 0;
  std::string partition_key = "auto";  ///< --cdc-partition-key
  std::string overrides = {};          ///< --cdc-partition-key-overrides
  bool keep_transactions = false;
  bool operator==(const LaneRecord&) const = default;
};

/// The one place where the state knows of an importer's lanes. As its MetaDb, one thread; every call is one
/// transaction, or a part of the one that is open.
class LaneLedger {
 public:
  /// `db` outlives it.
  LaneLedger(MetaDb& db, std::string_view importer_role) : db_(db), importer_(importer_role) {}

  /// Nothing: the importer has not begun to apply changes.
  std::optional<LaneRecord> record();
  void save(const LaneRecord& record);
  /// By which columns' values (by place), or by the table alone, changes of a form of a table (a digest of it) were
  /// given to lanes, where that is not what follows from the form. Nothing: none was ever noted.
  using Keys = std::map<std::string, std::optional<std::vector<std::uint32_t>>>;
  std::optional<Keys> keys();
  /// Adds or replaces `changed`, and forgets `forgotten`. There is a record.
  void save_keys(const Keys& changed, const std::vector<std::string>& forgotten);
  void clear();

 private:
  MetaDb& db_;
  const std::string importer_;
};

}  // namespace voyager::format

// By what an importer gives changes to lanes. Format: docs/formats/meta-db.md.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

/// The one place where the state knows of an importer's lanes.
class LaneLedger {
 public:
  virtual ~LaneLedger() = default;
  /// Nothing: the importer has not begun to apply changes.
  virtual std::optional<LaneRecord> lanes(std::string_view importer_role) = 0;
  virtual void save_lanes(std::string_view importer_role, const LaneRecord& record) = 0;
  /// By which columns' values (by place), or by the table alone, changes of a form of a table (a digest of it) were
  /// given to lanes, where that is not what follows from the form. Nothing: none was ever noted.
  using LaneKeys = std::map<std::string, std::optional<std::vector<std::uint32_t>>>;
  virtual std::optional<LaneKeys> lane_keys(std::string_view importer_role) = 0;
  /// Adds or replaces `changed`, and forgets `forgotten`. There is a record.
  virtual void save_lane_keys(std::string_view importer_role, const LaneKeys& changed,
                              const std::vector<std::string>& forgotten) = 0;
  virtual void clear_lanes(std::string_view importer_role) = 0;
};

}  // namespace voyager::format

// What was done to the columns of captured tables while their changes flow.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "connectors/mysql/binlog_place.h"
#include "connectors/mysql/log_statement.h"

namespace voyager::mysql {

/// The catalogue says what a table is, not how it became so: what rows that nobody has touched have in a column that
/// was added, and that a name is another column's now, only the statements in the log say. They are kept in a file of
/// the capture's folder, because a capture that begins again does not read them again. One thread.
class ColumnHistory {
 public:
  /// By the column's name in small letters: what it had as a default when it was added, as an expression of MySQL.
  using Added = std::map<std::string, std::optional<std::string>>;

  /// As of `place`: what comes behind it is read again. `file` need not exist.
  ColumnHistory(std::filesystem::path file, const BinlogPlace& place);

  /// A statement of the log at `place`, noted before it returns. The name that is another column's now, where there is
  /// one.
  std::optional<std::string> note(const std::string& table, const ColumnChanges& changes, const BinlogPlace& place);
  /// The table was dropped by the statement at `place`; an empty name: all were. Noted before it returns.
  void note_dropped(const std::string& table, const BinlogPlace& place);
  bool is_dropped(const std::string& table) const { return dropped_.contains(table) || dropped_.contains(""); }
  /// Changes of the table were captured wrongly: no later capture may go on over that.
  void note_misread(const std::string& table);
  bool is_misread(const std::string& table) const { return misread_.contains(table); }
  const Added& added(const std::string& table) const;

 private:
  struct Entry {
    BinlogPlace place = {};
    std::string table = {};
    ColumnChanges changes = {};
    bool dropped = false;
  };
  struct Columns {
    Added added = {};
    std::set<std::string> left = {};  // names that a column had
  };
  std::optional<std::string> take(const Entry& entry);
  void save() const;

  const std::filesystem::path file_;
  std::vector<Entry> entries_ = {};
  std::map<std::string, Columns> tables_ = {};
  std::set<std::string> misread_ = {};
  std::set<std::string> dropped_ = {};
};

}  // namespace voyager::mysql

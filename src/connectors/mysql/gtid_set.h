// Transactions by their global names. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace voyager::mysql {

inline constexpr std::size_t kUuidBytes = 16;
/// "3e11fa47-71ca-11e1-9e33-c80aa9429562" of its bytes.
std::string uuid_text(std::string_view bytes);

/// As a server lists them: of MySQL all ("3e11fa47-...:1-5:7:tag:1-3"), of MariaDB the last of each domain ("0-1-57").
class GtidSet {
 public:
  /// Nothing where the text is not understood.
  static std::optional<GtidSet> of(std::string_view text);
  /// The content of MySQL's event that begins each file of its log.
  static std::optional<GtidSet> of_event(std::string_view body);

  /// Adds a transaction, by its name in the log; false where the name is none.
  [[nodiscard]] bool add(std::string_view name);
  std::string text() const;
  bool empty() const { return servers_.empty() && domains_.empty(); }
  /// As COM_BINLOG_DUMP_GTID takes it.
  std::string encoded() const;
  /// Of MariaDB: each domain of `other` is as far here, or farther.
  bool reaches(const GtidSet& other) const;

 private:
  struct Interval {
    std::uint64_t first = 0, last = 0;
  };
  struct Last {
    std::uint64_t server = 0, number = 0;
  };
  bool add(const std::string& server, Interval interval);
  bool has_tags() const;

  /// Of MySQL, in order and with room between them. By the server's UUID, and ":tag" where they have one.
  std::map<std::string, std::vector<Interval>> servers_ = {};
  std::map<std::uint64_t, Last> domains_ = {};  // of MariaDB
};

}  // namespace voyager::mysql

// Whether a server's log is the one that a queue has followed until now.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "connectors/postgresql/pgoutput.h"

namespace voyager::postgresql {

/// What IDENTIFY_SYSTEM answers: https://www.postgresql.org/docs/current/protocol-replication.html
struct LogIdentity {
  std::string system = {};     ///< Given at initdb; a copy of the data directory has the same.
  std::uint32_t timeline = 0;  ///< One more whenever a server leaves recovery.
};

/// What is noted of the log beside a queue. Everything but `told` is 0 or empty where an earlier version has noted it.
struct FollowedLog {
  Lsn told =
      0;  ///< Up to there the server was told that its log is not needed any more; may be behind the queue's end.
  LogIdentity identity = {};
  /// From where on the slot keeps the log. The server has it on disk before it lets the log go, and never goes back; so
  /// a slot that stands before it is one of an earlier state of the server's disk.
  Lsn slot_keeps = 0;
  std::string of_later_version = {};  ///< Lines that this version does not know, and keeps.
};

/// Text form: the place that was told, then lines "system N", "timeline N" and "slot PLACE".
std::string text_of(const FollowedLog& log);
FollowedLog parse_followed_log(std::string_view text);

/// Why what the server writes now does not follow on what the queue has captured; nothing where it does, or where
/// nothing speaks against it. `captured`: the queue's end. `slot_keeps`: of now, 0 where it cannot be told. `history`
/// gives the text of the file of the server's timeline (TIMELINE_HISTORY) and is asked only where the timeline has
/// changed.
std::optional<std::string> why_other_log(const FollowedLog& noted, const LogIdentity& now, Lsn slot_keeps, Lsn captured,
                                         const std::function<std::string()>& history);

}  // namespace voyager::postgresql

// What a server says of its binary log.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/stop.h"
#include "connectors/mysql/binlog_place.h"
#include "connectors/mysql/connection.h"

namespace voyager::mysql {

/// What a server says of its log; nothing where it has none, or the user may not know.
struct LogStatus {
  BinlogPlace end = {};                     ///< Where the next transaction will be written.
  std::vector<std::string> databases = {};  ///< Only these are logged; empty: all.
  std::vector<std::string> left_out = {};   ///< Databases.
  /// MySQL with gtid_mode = ON: what is committed. What is in the log and not committed yet need not be among it.
  std::string gtids = {};
};
std::optional<LogStatus> log_status(Connection& connection);

/// What one server is told from others by: MySQL's UUID, MariaDB's server_id.
std::string server_name(Connection& connection);

/// What is in MariaDB's log before a place, by the last transaction of each domain; empty where that cannot be told.
std::string gtids_before(Connection& connection, const BinlogPlace& place);

/// Where the next transaction will be written. Throws where that cannot be told.
BinlogPlace end_of_log(Connection& connection);

/// Why rows of the session's database may be written without being logged; empty where all are.
std::string unlogged_writes(Connection& connection, const LogStatus& status);

/// Rows that foreign keys change are in the log: since 9.6 MySQL follows keys above the storage engine, unless it is
/// told not to.
bool logs_cascades(Connection& connection);

/// XA transactions between XA PREPARE and their end, by name; none where the user may not know. Their rows are in the
/// log where they are prepared, and in the tables when they are committed: a capture that begins in between never has
/// them.
std::vector<std::string> prepared_transactions(Connection& connection);

/// Most are prepared for a moment only. Calls `look` until it tells that none is left, for at most ten seconds, and
/// returns what it told last. Throws when `stop`, which may be null, is asked to end.
std::size_t once_none_is_prepared(const base::Stop* stop, const std::function<std::size_t()>& look);

/// What is said of those that stay.
std::string still_prepared(std::size_t number);
[[noreturn]] void refuse_prepared(std::size_t number, const std::string& where);
constexpr const char* kWhyNonePrepared =
    "their changes are in the log already, before a capture could begin, and in no snapshot";
constexpr const char* kEndPrepared = "end them: XA RECOVER; lists them, then XA COMMIT or XA ROLLBACK each";

struct LogFile {
  std::string name = {};
  std::uint64_t bytes = 0;
};
/// Oldest first; nothing where the user may not know.
std::optional<std::vector<LogFile>> log_files(Connection& connection);

/// From `place` to the end of the log. Nothing where the file of `place` is not there any more.
std::optional<std::uint64_t> bytes_behind(const std::vector<LogFile>& files, const BinlogPlace& place);

}  // namespace voyager::mysql

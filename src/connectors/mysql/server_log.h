// What a server says of its binary log.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "connectors/mysql/binlog_place.h"
#include "connectors/mysql/connection.h"

namespace voyager::mysql {

/// Where the next transaction will be written; file 0 where there is no log, or the user may not know.
BinlogPlace end_of_log(Connection& connection);

/// Rows that foreign keys change are in the log: since 9.6 MySQL follows keys above the storage engine, unless it is
/// told not to.
bool logs_cascades(Connection& connection);

struct LogFile {
  std::string name = {};
  std::uint64_t bytes = 0;
};
/// Oldest first; nothing where the user may not know.
std::optional<std::vector<LogFile>> log_files(Connection& connection);

/// From `place` to the end of the log. Nothing where the file of `place` is not there any more.
std::optional<std::uint64_t> bytes_behind(const std::vector<LogFile>& files, const BinlogPlace& place);

}  // namespace voyager::mysql

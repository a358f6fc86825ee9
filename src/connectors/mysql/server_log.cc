#include "connectors/mysql/server_log.h"

#include <algorithm>

namespace voyager::mysql {

// The first is MySQL's from 8.2 on, the second was removed in 8.4.
BinlogPlace end_of_log(Connection& connection) {
  for (const char* sql : {"SHOW BINARY LOG STATUS", "SHOW MASTER STATUS"}) {
    const auto status = connection.try_query(sql, "tell the end of its log");
    if (status && status->rows() > 0) return BinlogPlace::of_file(status->string(0, 0), status->number(0, 1));
  }
  return {};
}

bool logs_cascades(Connection& connection) {
  const auto native = connection.try_query("SELECT @@global.innodb_native_foreign_keys", "look at its settings");
  return native && native->rows() > 0 && native->number(0, 0) == 0;
}

std::optional<std::vector<LogFile>> log_files(Connection& connection) {
  const auto rows = connection.try_query("SHOW BINARY LOGS", "list the files of its log");
  if (!rows) return std::nullopt;
  std::vector<LogFile> out;
  for (int row = 0; row < rows->rows(); ++row)
    out.push_back({.name = rows->string(row, 0), .bytes = rows->number(row, 1)});
  return out;
}

std::optional<std::uint64_t> bytes_behind(const std::vector<LogFile>& files, const BinlogPlace& place) {
  bool found = false;
  std::uint64_t out = 0;
  for (const LogFile& one : files) {
    const BinlogPlace file = BinlogPlace::of_file(one.name, 0);
    if (file.file < place.file) continue;
    found |= file.file == place.file;
    const std::uint64_t before = file.file == place.file ? place.begin : 0;
    out += one.bytes - std::min(before, one.bytes);
  }
  return found ? std::optional(out) : std::nullopt;
}

}  // namespace voyager::mysql

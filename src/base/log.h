// The log file of the running command.
#pragma once

#include <filesystem>
#include <string_view>

namespace voyager::base {

enum class LogLevel { kTrace, kDebug, kInfo, kWarn, kError, kOff };
enum class LogFormat {
  kText,  ///< "2006-01-02 15:04:05.000000 LEVEL message"
  kJson,  ///< {"time": RFC 3339, "level": …, "pid": …, "msg": …}: one object a line, whatever the message holds
};

/// Opens `file` (created with its folder; 200 MB, 10 rotated files kept) as the place where the functions below write.
/// Without it they write nothing. Call once, before threads start.
void open_log(const std::filesystem::path& file, LogLevel least, LogFormat format = LogFormat::kText);
/// Flushes and closes; later lines go nowhere.
void close_log();

/// Thread-safe. Secrets are masked by value here, at the sink. Row values never go into a log at info or above.
void log_debug(std::string_view message);
void log_info(std::string_view message);
void log_warn(std::string_view message);
void log_error(std::string_view message);

}  // namespace voyager::base

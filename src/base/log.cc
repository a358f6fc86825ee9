#include "base/log.h"

#include <fmt/format.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/spdlog.h>

#include <memory>

#include "base/error.h"
#include "base/mutex.h"
#include "base/secret.h"
#include "base/utf8.h"

namespace voyager::base {
namespace {

constexpr std::size_t kFileBytesMax = 200 * 1024 * 1024;
constexpr std::size_t kFilesKept = 10;

Mutex g_mutex;
std::shared_ptr<spdlog::logger> g_logger VOY_GUARDED_BY(g_mutex);
LogFormat g_format VOY_GUARDED_BY(g_mutex) = LogFormat::kText;

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : with_bad_bytes_replaced(text)) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

void write(spdlog::level::level_enum level, std::string_view message) {
  std::shared_ptr<spdlog::logger> logger;
  LogFormat format = LogFormat::kText;
  {
    const MutexLock lock(g_mutex);
    logger = g_logger;
    format = g_format;
  }
  if (!logger || !logger->should_log(level)) return;
  const std::string safe = mask_secrets(message);
  logger->log(level, format == LogFormat::kJson ? json_string(safe) : safe);
}

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kTrace:
      return spdlog::level::trace;
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarn:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
    case LogLevel::kOff:
      return spdlog::level::off;
  }
  return spdlog::level::info;
}

std::shared_ptr<spdlog::sinks::rotating_file_sink_mt> open_sink(const std::filesystem::path& file) {
  std::error_code error;
  std::filesystem::create_directories(file.parent_path(), error);
  try {
    return std::make_shared<spdlog::sinks::rotating_file_sink_mt>(file.string(), kFileBytesMax, kFilesKept);
  } catch (const spdlog::spdlog_ex& failure) {
    throw Error({.code = "DIR-003",
                 .title = "cannot write the log file " + file.string(),
                 .cause = error ? error.message() : failure.what(),
                 .fix = {"make " + file.parent_path().string() + " writable for the user that runs yb-voyager"}});
  }
}

}  // namespace

void open_log(const std::filesystem::path& file, LogLevel least, LogFormat format) {
  auto sink = open_sink(file);
  auto logger = std::make_shared<spdlog::logger>("yb-voyager", std::move(sink));
  logger->set_pattern(format == LogFormat::kJson ? R"({"time":"%Y-%m-%dT%H:%M:%S.%f%z","level":"%l","pid":%P,"msg":%v})"
                                                 : "%Y-%m-%d %H:%M:%S.%f %l %v");
  logger->set_level(to_spdlog(least));
  logger->flush_on(spdlog::level::info);
  logger->set_error_handler(
      [](const std::string&) {});  // A full disk is reported once, by what cannot go on without it.
  const MutexLock lock(g_mutex);
  g_logger = std::move(logger);
  g_format = format;
}

void close_log() {
  const MutexLock lock(g_mutex);
  if (g_logger) g_logger->flush();
  g_logger.reset();
}

void log_debug(std::string_view message) {
  write(spdlog::level::debug, message);
}
void log_info(std::string_view message) {
  write(spdlog::level::info, message);
}
void log_warn(std::string_view message) {
  write(spdlog::level::warn, message);
}
void log_error(std::string_view message) {
  write(spdlog::level::err, message);
}

}  // namespace voyager::base

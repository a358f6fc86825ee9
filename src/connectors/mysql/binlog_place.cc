#include "connectors/mysql/binlog_place.h"

#include <fmt/format.h>

#include <charconv>
#include <cstddef>
#include <vector>

#include "base/error.h"
#include "base/text.h"

namespace voyager::mysql {
namespace {

void put(std::string& out, std::uint64_t number) {
  for (unsigned shift = 64; shift > 0; shift -= 8) out += static_cast<char>((number >> (shift - 8)) & 0xFFU);
}

std::uint64_t take(std::string_view bytes) {
  std::uint64_t out = 0;
  for (const char byte : bytes) out = (out << 8U) | static_cast<unsigned char>(byte);
  return out;
}

}  // namespace

BinlogPlace BinlogPlace::of_file(std::string_view name, std::uint64_t position) {
  const std::size_t point = name.rfind('.');
  if (point == std::string_view::npos) return {};
  std::uint64_t number = 0;
  const auto read = std::from_chars(name.data() + point + 1, name.data() + name.size(), number);
  if (read.ec != std::errc() || read.ptr != name.data() + name.size()) return {};
  return between(number, position, std::string(name.substr(0, point)));
}

model::Position BinlogPlace::position() const {
  model::Position out;
  for (const std::uint64_t number : {file, begin, changes, end}) put(out.bytes, number);
  out.bytes += base;
  if (server.empty() && made == 0 && gtids.empty()) return out;
  // A segment takes no longer ones.
  constexpr std::size_t kGtidBytesMax = 48UL << 10U;
  out.bytes += fmt::format("{0}{1}{0}{2}{0}{3}", '\0', server, made, gtids.size() > kGtidBytesMax ? "" : gtids);
  return out;
}

BinlogPlace BinlogPlace::of(const model::Position& position) {
  constexpr std::size_t kNumber = sizeof(std::uint64_t);
  const std::string_view bytes = position.bytes;
  if (bytes.empty()) return {};
  if (bytes.size() < 4 * kNumber)
    base::fail(base::ExitCode::kState, "a position in the queue is not one of a MySQL source");
  BinlogPlace out{.file = take(bytes.substr(0, kNumber)),
                  .begin = take(bytes.substr(kNumber, kNumber)),
                  .changes = take(bytes.substr(2 * kNumber, kNumber)),
                  .end = take(bytes.substr(3 * kNumber, kNumber))};
  const std::vector<std::string> words = base::split(bytes.substr(4 * kNumber), '\0');
  out.base = words[0];
  constexpr std::size_t kWords = 4;
  if (words.size() != kWords) return out;
  out.server = words[1];
  std::from_chars(words[2].data(), words[2].data() + words[2].size(), out.made);
  out.gtids = words[3];
  return out;
}

std::string BinlogPlace::file_name() const {
  return fmt::format("{}.{:06}", base, number());
}

std::string BinlogPlace::begin_text() const {
  const std::uint64_t logs = logs_before() / kNextLog;
  return (logs == 0 ? std::string() : fmt::format("{}/", logs)) + fmt::format("{}:{}", file_name(), begin);
}

BinlogPlace BinlogPlace::of_begin_text(std::string_view text) {
  const std::size_t slash = text.find('/'), colon = text.rfind(':');
  if (colon == std::string_view::npos) return {};
  std::uint64_t logs = 0, position = 0;
  const std::size_t from = slash == std::string_view::npos ? 0 : slash + 1;
  if (from > 0) std::from_chars(text.data(), text.data() + slash, logs);
  std::from_chars(text.data() + colon + 1, text.data() + text.size(), position);
  BinlogPlace out = of_file(text.substr(from, colon - from), position);
  out.file |= logs * kNextLog;
  return out;
}

std::string BinlogPlace::text() const {
  if (number() == 0) return "the transactions that were captured (" + gtids + ")";
  return fmt::format("{}:{}", file_name(), complete() ? end : begin);
}

}  // namespace voyager::mysql

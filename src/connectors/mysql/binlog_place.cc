#include "connectors/mysql/binlog_place.h"

#include <fmt/format.h>

#include <charconv>
#include <cstddef>

#include "base/error.h"

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
  return out;
}

BinlogPlace BinlogPlace::of(const model::Position& position) {
  constexpr std::size_t kNumber = sizeof(std::uint64_t);
  const std::string_view bytes = position.bytes;
  if (bytes.empty()) return {};
  if (bytes.size() < 4 * kNumber)
    base::fail(base::ExitCode::kState, "a position in the queue is not one of a MySQL source");
  return {.file = take(bytes.substr(0, kNumber)),
          .begin = take(bytes.substr(kNumber, kNumber)),
          .changes = take(bytes.substr(2 * kNumber, kNumber)),
          .end = take(bytes.substr(3 * kNumber, kNumber)),
          .base = std::string(bytes.substr(4 * kNumber))};
}

std::string BinlogPlace::file_name() const {
  return fmt::format("{}.{:06}", base, file);
}

std::string BinlogPlace::text() const {
  return fmt::format("{}:{}", file_name(), complete() ? end : begin);
}

}  // namespace voyager::mysql

#include "migration/changes/state_text.h"

#include <fmt/format.h>

#include <charconv>

#include "base/utf8.h"

namespace voyager::migration {
namespace {

constexpr std::string_view kInHex = "\\x";

}  // namespace

std::string hex(std::string_view bytes) {
  std::string out;
  for (const char byte : bytes) out += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return out;
}

std::string bytes_of_hex(std::string_view hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    unsigned value = 0;
    std::from_chars(hex.data() + i, hex.data() + i + 2, value, 16);
    out += static_cast<char>(value);
  }
  return out;
}

std::string state_text(std::string_view text) {
  if (!text.starts_with(kInHex) && !base::first_bad_byte(text)) return std::string(text);
  return std::string(kInHex) + hex(text);
}

std::string from_state_text(std::string_view saved) {
  if (!saved.starts_with(kInHex)) return std::string(saved);
  return bytes_of_hex(saved.substr(kInHex.size()));
}

}  // namespace voyager::migration

#include "base/utf8.h"

#include <fmt/format.h>

#include <cstdint>
#include <cstring>

namespace voyager::base {
namespace {

constexpr std::uint64_t kHighBits = 0x8080808080808080ULL;
constexpr std::uint64_t kLowBits = 0x0101010101010101ULL;

std::size_t sequence_length(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first < 0xE0) return 2;
  if (first >= 0xE0 && first < 0xF0) return 3;
  if (first >= 0xF0 && first < 0xF5) return 4;
  return 0;
}

// Neither written longer than need be nor half of a pair of UTF-16: servers and XML refuse both.
bool may_follow(unsigned char first, unsigned char second) {
  if ((second & 0xC0U) != 0x80U) return false;
  if (first == 0xE0) return second >= 0xA0;
  if (first == 0xED) return second < 0xA0;
  if (first == 0xF0) return second >= 0x90;
  if (first == 0xF4) return second < 0x90;
  return true;
}

// Eight bytes from 0x01 to 0x7F: most of any text.
bool is_plain(const char* bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return ((word | (word - kLowBits)) & kHighBits) == 0;
}

}  // namespace

std::optional<std::size_t> first_bad_byte(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (at + sizeof(std::uint64_t) <= text.size() && is_plain(text.data() + at)) {
      at += sizeof(std::uint64_t);
      continue;
    }
    const std::size_t length = text[at] == '\0' ? 0 : sequence_length(static_cast<unsigned char>(text[at]));
    if (length == 0 || at + length > text.size()) return at;
    if (length > 1 && !may_follow(static_cast<unsigned char>(text[at]), static_cast<unsigned char>(text[at + 1])))
      return at;
    for (std::size_t i = 2; i < length; ++i) {
      if ((static_cast<unsigned char>(text[at + i]) & 0xC0U) != 0x80U) return at;
    }
    at += length;
  }
  return std::nullopt;
}

std::string with_bad_bytes_replaced(std::string_view text) {
  std::string out;
  for (std::optional<std::size_t> bad = first_bad_byte(text); bad; bad = first_bad_byte(text)) {
    (out += text.substr(0, *bad)) += "\xEF\xBF\xBD";
    text.remove_prefix(*bad + 1);
  }
  return out += text;
}

std::string explain_bad_byte(char byte) {
  if (byte == '\0') return "there is a zero byte";
  return fmt::format("the byte 0x{:02X} is no part of a UTF-8 character", static_cast<unsigned char>(byte));
}

}  // namespace voyager::base

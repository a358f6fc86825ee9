// Numbers and runs of bytes as MySQL's protocol and its log have them.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace voyager::mysql {

/// Reads one field after the other. Past the end everything is 0 and empty, and `good` says so.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  std::string_view bytes(std::size_t size) {
    if (size > left()) {
      fail();
      return {};
    }
    const std::string_view out(at_, size);
    at_ += size;
    return out;
  }
  std::string_view rest() { return bytes(left()); }
  std::uint8_t byte() { return static_cast<std::uint8_t>(number(1)); }

  /// Least significant byte first; up to 8 bytes.
  std::uint64_t number(unsigned size) {
    if (size > left()) {
      fail();
      return 0;
    }
    std::uint64_t out = 0;
    for (unsigned i = size; i-- > 0;) out = (out << 8U) | static_cast<unsigned char>(at_[i]);
    at_ += size;
    return out;
  }
  std::int64_t signed_number(unsigned size) {
    const unsigned unused = 64 - 8 * size;
    return static_cast<std::int64_t>(number(size) << unused) >> unused;
  }
  /// Most significant byte first.
  std::uint64_t big_endian(unsigned size) {
    if (size > left()) {
      fail();
      return 0;
    }
    std::uint64_t out = 0;
    for (unsigned i = 0; i < size; ++i) out = (out << 8U) | static_cast<unsigned char>(at_[i]);
    at_ += size;
    return out;
  }
  /// "Length-encoded": one byte, or 2, 3 or 8 behind 252, 253 or 254.
  std::uint64_t packed() {
    const std::uint8_t first = byte();
    if (first < 251) return first;
    if (first == 252) return number(2);
    if (first == 253) return number(3);
    if (first == 254) return number(8);
    fail();
    return 0;
  }

  /// MySQL's serialization library: the first byte ends with as many ones as bytes follow, and the value with theirs.
  std::uint64_t varlen() {
    const std::uint8_t first = byte();
    const auto more = static_cast<unsigned>(std::countr_one(first));
    const std::uint64_t rest = number(more);
    return more > 7 ? rest : (rest << (7 - more)) | (std::uint64_t{first} >> (more + 1));
  }

  void fail() {
    good_ = false;
    at_ = end_;
  }
  bool good() const { return good_; }
  bool at_end() const { return at_ == end_; }
  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }

 private:
  const char* at_;
  const char* end_;
  bool good_ = true;
};

/// A number of the log: least significant byte first.
inline void append_number(std::string& out, std::uint64_t number, unsigned size) {
  for (unsigned i = 0; i < size; ++i) out += static_cast<char>((number >> (8 * i)) & 0xFFU);
}

}  // namespace voyager::mysql

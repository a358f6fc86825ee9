#include "connectors/mysql/compression.h"

#include <isa-l/igzip_lib.h>

#include "connectors/mysql/byte_reader.h"

namespace voyager::mysql {
namespace {

// No packet is longer; a larger size is no size.
constexpr std::size_t kSizeMax = 1UL << 30U;
// The best that the method does: a longer text has no shorter form.
constexpr std::size_t kRatioMax = 1040;
constexpr unsigned kSizeBytes = 0x07;
constexpr unsigned kRawForm = 0x08;
constexpr unsigned kMethod = 0xF0;
constexpr unsigned kZlibMethod = 0x80;

}  // namespace

bool inflate(std::string_view bytes, Deflated form, std::size_t size, std::string& out) {
  if (size > kSizeMax || size > (bytes.size() + 1) * kRatioMax) return false;
  out.resize(size);
  inflate_state state;
  isal_inflate_init(&state);
  state.crc_flag = form == Deflated::kZlib ? ISAL_ZLIB : ISAL_DEFLATE;
  // The library promises not to write through its pointer.
  state.next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(bytes.data()));
  state.avail_in = static_cast<std::uint32_t>(bytes.size());
  state.next_out = reinterpret_cast<std::uint8_t*>(out.data());
  state.avail_out = static_cast<std::uint32_t>(size);
  return isal_inflate_stateless(&state) == ISAL_DECOMP_OK && state.avail_out == 0;
}

bool inflate_log(std::string_view bytes, std::string& out) {
  ByteReader in(bytes);
  const std::uint8_t header = in.byte();
  const auto size = static_cast<std::size_t>(in.big_endian(header & kSizeBytes));
  return in.good() && (header & kMethod) == kZlibMethod && inflate(in.rest(), Deflated::kZlib, size, out);
}

bool inflate_column(std::string_view bytes, std::string& scratch, std::string_view& out) {
  out = bytes;
  if (bytes.empty()) return true;
  ByteReader in(bytes);
  const std::uint8_t header = in.byte();
  if ((header & kMethod) == 0) {
    out = in.rest();
    return true;
  }
  const auto size = static_cast<std::size_t>(in.big_endian(header & kSizeBytes));
  const Deflated form = (header & kRawForm) != 0 ? Deflated::kRaw : Deflated::kZlib;
  if (!in.good() || (header & kMethod) != kZlibMethod || !inflate(in.rest(), form, size, scratch)) return false;
  out = scratch;
  return true;
}

}  // namespace voyager::mysql

#include "base/crc32c.h"

#include <isa-l/crc.h>

#include <algorithm>
#include <cstddef>

namespace voyager::base {

std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed) {
  constexpr std::size_t kOnce = 1UL << 30;  // the library counts in int
  std::uint32_t crc = ~seed;
  while (!bytes.empty()) {
    const std::size_t size = std::min(bytes.size(), kOnce);
    // The library promises not to write through its pointer.
    auto* data = reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data()));
    crc = crc32_iscsi(data, static_cast<int>(size), crc);
    bytes.remove_prefix(size);
  }
  return ~crc;
}

}  // namespace voyager::base

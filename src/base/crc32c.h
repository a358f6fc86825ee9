// CRC-32C (Castagnoli), the checksum of every record and frame that we write.
#pragma once

#include <cstdint>
#include <string_view>

namespace voyager::base {

/// Polynomial 0x1EDC6F41 reflected (RFC 3720 appendix B.4: 32 zero bytes give 0x8A9136AA). `seed` is the value of the
/// bytes before, so a text can be summed in pieces.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed = 0);

}  // namespace voyager::base

// SHA-256, for names that must not collide and for the hash that a web page's own script is allowed by.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace voyager::base {

std::array<std::uint8_t, 32> sha256(std::string_view bytes);
/// 64 lower-case hexadecimal digits.
std::string sha256_hex(std::string_view bytes);
/// With padding, as content security policies write it.
std::string sha256_base64(std::string_view bytes);

}  // namespace voyager::base

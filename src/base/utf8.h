// Is it text at all?
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace voyager::base {

/// Offset of the first byte that is no part of a UTF-8 character, or of the first zero byte; nothing when all is text.
std::optional<std::size_t> first_bad_byte(std::string_view text);
/// `text` with U+FFFD in the place of each byte that first_bad_byte would find.
std::string with_bad_bytes_replaced(std::string_view text);
/// What is wrong with the byte that first_bad_byte found.
std::string explain_bad_byte(char byte);

}  // namespace voyager::base

// Decimals as MySQL stores them. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace voyager::mysql {

/// What a decimal(precision, scale) takes; 0 for what is none.
std::size_t decimal_bytes(unsigned precision, unsigned scale);

/// Sets `out` to its digits, "-12.50", as many behind the point as the scale says. False when the bytes are no decimal.
bool read_decimal(std::string_view bytes, unsigned precision, unsigned scale, std::string& out);

}  // namespace voyager::mysql

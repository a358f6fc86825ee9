// What MariaDB compresses in its log. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace voyager::mysql {

enum class Deflated : std::uint8_t { kZlib, kRaw };

/// Sets `out` to what `bytes` are the compressed form of. False when that is not `size` bytes.
bool inflate(std::string_view bytes, Deflated form, std::size_t size, std::string& out);

/// Of a statement or of rows: how long it was stands in front.
bool inflate_log(std::string_view bytes, std::string& out);

/// Of a column with the attribute COMPRESSED. `out` is `bytes` or lies in `scratch`.
bool inflate_column(std::string_view bytes, std::string& scratch, std::string_view& out);

}  // namespace voyager::mysql

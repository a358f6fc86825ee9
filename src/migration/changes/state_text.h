// Texts of a database in the state's JSON, which takes UTF-8 alone.
#pragma once

#include <string>
#include <string_view>

namespace voyager::migration {

/// `text`, or, where that is no UTF-8 (or looks like this), a backslash, x and its bytes in hex.
std::string state_text(std::string_view text);
std::string from_state_text(std::string_view saved);

std::string hex(std::string_view bytes);
std::string bytes_of_hex(std::string_view hex);

}  // namespace voyager::migration

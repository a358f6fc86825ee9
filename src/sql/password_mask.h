// Passwords in SQL text that a server noted.
#pragma once

#include <string>
#include <string_view>

namespace voyager::sql {

/// `sql` with every string behind the word PASSWORD, and every string that holds "password=" (connection texts),
/// replaced by '********'. Everything else stays byte for byte.
std::string mask_passwords(std::string_view sql);

}  // namespace voyager::sql

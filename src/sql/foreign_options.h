// The options of foreign servers, user mappings and foreign tables.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace voyager::sql {

/// The statement without those OPTIONS (...) that hold a password or another secret; nothing when it has none.
std::optional<std::string> without_secret_options(std::string_view sql);

}  // namespace voyager::sql

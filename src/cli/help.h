// Help texts out of the command table.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "cli/command.h"

namespace voyager::cli {

/// Lines are at most as wide as that, where words allow.
inline constexpr std::size_t kHelpWidth = 100;

/// All commands, or those below a group ("export").
std::string overview_text(std::string_view group, std::size_t width = kHelpWidth);
/// Examples first, then the flags by group with their defaults.
std::string help_text(const Command& command, std::size_t width = kHelpWidth);

}  // namespace voyager::cli

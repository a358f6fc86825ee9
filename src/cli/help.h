// Help texts out of the command table.
#pragma once

#include <string>
#include <string_view>

#include "cli/command.h"

namespace voyager::cli {

/// All commands, or those below a group ("export").
std::string overview_text(std::string_view group);
/// Examples first, then the flags by group with their defaults. At most 100 columns where words allow.
std::string help_text(const Command& command);

}  // namespace voyager::cli

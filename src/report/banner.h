// The box at the start of a command that takes a while: what is about to happen, to what.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "report/table.h"

namespace voyager::report {

/// Label and value, one a line; empty values are left out. Lines are cut by nobody: the box is as wide as its widest.
/// Ends with a newline.
std::string banner_text(const std::string& title, const std::vector<std::pair<std::string, std::string>>& facts,
                        const TextStyle& style);

}  // namespace voyager::report

// config show: what a command would work with, and who said so.
#pragma once

#include <string>

#include "cli/command_line.h"
#include "cli/config_file.h"

namespace voyager::cli {

/// The answer of `config show`: the settings of the command that `line` names, or those of every command. Secrets are
/// never in it. Throws Error (kUsage) for a configuration file or a value that the command itself would refuse.
std::string config_text(const CommandLine& line, const Environment& environment);

}  // namespace voyager::cli

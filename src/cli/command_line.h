// What the user typed, taken apart.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/secret.h"
#include "cli/command.h"

namespace voyager::cli {

struct GivenFlag {
  const Flag* flag = nullptr;
  std::string text = {};  ///< Checked and in the table's spelling; empty for a secret.
  base::Secret secret = {};
};

struct CommandLine {
  std::string words = {};                   ///< "export data"; also a group or empty, when only help is wanted.
  const Command* command = nullptr;         ///< Null for a group and for nothing at all.
  std::vector<std::string> arguments = {};  ///< Of a command that takes some.
  const Command* subject = nullptr;         ///< The command that the arguments name, where they name one.
  std::map<std::string_view, GivenFlag> flags = {};
  bool help = false;
  bool version = false;  ///< --version, wherever it stands.
};

/// Copies the arguments after the program's name and wipes passwords in `argv` itself, so that other users of the
/// machine do not read them in the list of processes for longer than it took to get here.
std::vector<std::string> take_arguments(int argc, char** argv);

/// Words and flags may be mixed; `--flag value`, `--flag=value`, `-e value`, `-e=value`, `-evalue`. A boolean takes the
/// next word only when that is a boolean. Throws Error (kUsage) that names the nearest command or flag.
CommandLine parse_command_line(const std::vector<std::string>& arguments);

/// Checks `text` against the flag's kind and returns it in the table's spelling. `origin` names where it came from
/// ("--x", "shop.yaml:12 (log-level)"). Throws Error (kUsage).
std::string checked_value(const Flag& flag, const std::string& text, const std::string& origin);

/// The command line for log files: secrets are "********" whatever their length.
std::string masked(const CommandLine& line);

}  // namespace voyager::cli

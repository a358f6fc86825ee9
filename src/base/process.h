// Running another program.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/secret.h"
#include "base/stop.h"

namespace voyager::base {

struct ChildResult {
  int exit_code = 0;        ///< 128 + signal when killed.
  bool timed_out = false;   ///< Killed because it took longer than its limit.
  bool too_long = false;    ///< Killed because it wrote more than its limit.
  std::string output = {};  ///< Standard output, unless it went to a file.
  std::string errors = {};  ///< Standard error, at most the last 64 KiB.
};

struct ChildCommand {
  std::vector<std::string> argv = {};                   ///< argv[0] is looked up in PATH. Never holds a secret.
  std::map<std::string, std::string> environment = {};  ///< Added to ours.
  std::map<std::string, Secret> secrets = {};  ///< Added to the environment; the only way a secret reaches a child.
  std::filesystem::path output_file = {};      ///< When set, standard output goes there.
  std::chrono::seconds limit{0};               ///< It is killed when it has not ended by then; 0: no limit.
  std::size_t output_max = 0;                  ///< It is killed when its standard output is longer; 0: no limit.
};

/// Runs to the end in a session of its own (no terminal, so Ctrl-C does not reach it and it cannot prompt); SIGTERM
/// when `stop` is cancelled or a limit is reached, SIGKILL 5 s later, both to all that it started in that session. What
/// still holds its output a second later (a session of its own) is left alone. Throws when the program cannot be
/// started.
ChildResult run_child(const ChildCommand& command, const Stop& stop);

/// The full path of `program` in PATH, or empty.
std::filesystem::path find_program(const std::string& program);

}  // namespace voyager::base

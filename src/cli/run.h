// The entry point of the command line.
#pragma once

namespace voyager::cli {

/// Parses the command line, runs the command and returns the exit code (base::ExitCode). Catches everything.
int run(int argc, char** argv);

}  // namespace voyager::cli

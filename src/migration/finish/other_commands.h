// The other commands that run on the same export directory.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "base/stop.h"

namespace voyager::migration {

/// A command that holds its lock now.
struct RunningCommand {
  std::string command_id = {};  ///< "import-data"
  std::filesystem::path lock_file = {};
  pid_t process = 0;
};

/// Who holds a lock file in the export directory, apart from this process. The file of a dead owner does not count: the
/// kernel has freed its lock.
std::vector<RunningCommand> running_commands(const std::filesystem::path& export_dir);

struct StopPatience {
  std::chrono::milliseconds drain{120'000};  ///< After the first SIGTERM: finish the batch in hand.
  std::chrono::milliseconds cancel{30'000};  ///< After the second: end now.
};

/// SIGTERM to all of them, a second one to those that do not end in time, and waits until every lock is free. Throws
/// Error (kState) naming those that are left, or (kInterrupted) when `stop` drains.
void stop_commands(const std::vector<RunningCommand>& commands, const StopPatience& patience, const base::Stop& stop);

/// Removes the lock files that nobody holds.
void remove_stale_locks(const std::filesystem::path& export_dir);

}  // namespace voyager::migration

// Waiting for what another process writes into a folder.
#pragma once

#include <chrono>
#include <filesystem>

#include "base/stop.h"

namespace voyager::base {

/// Sees writes to the files of one folder (inotify), but not those of other hosts: a wait is to end by itself. One
/// thread.
class FolderWatch {
 public:
  /// Where the folder cannot be watched (a limit of the system, no such folder) nothing is ever seen.
  explicit FolderWatch(const std::filesystem::path& folder);
  ~FolderWatch();
  FolderWatch(const FolderWatch&) = delete;
  FolderWatch& operator=(const FolderWatch&) = delete;

  /// Returns when something was written since the last wait ended, when `longest` is over, or when draining is asked.
  void wait(std::chrono::milliseconds longest, const Stop& stop);

 private:
  const int events_;  // negative: nothing is seen
};

}  // namespace voyager::base

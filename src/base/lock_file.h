// One running command of a kind per export directory.
#pragma once

#include <filesystem>
#include <string>

#include "base/clock.h"

namespace voyager::base {

/// Holds `<folder>/.<command_id>Lockfile.lck`, whose text is our process number. The lock itself is a lock of the
/// kernel on that file, so a dead owner's file is simply taken over, also when its number is in use again. Throws Error
/// (ExitCode::kState) naming the owner when another process holds it. The destructor removes the file.
class LockFile {
 public:
  /// By `clock` it waits, for a moment, for what a killed owner has left behind.
  LockFile(const std::filesystem::path& folder, const std::string& command_id, const Clock& clock = system_clock());
  ~LockFile();
  LockFile(const LockFile&) = delete;
  LockFile& operator=(const LockFile&) = delete;

 private:
  std::filesystem::path path_;
  int fd_ = -1;
};

}  // namespace voyager::base

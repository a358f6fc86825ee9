#include "base/lock_file.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "base/stop.h"
#include "base/text.h"

namespace voyager::base {
namespace {

// By the descriptor, not by the name: the owner may remove the file at any moment.
std::string read_owner(int fd) {
  std::array<char, 32> text = {};
  const ssize_t got = ::pread(fd, text.data(), text.size(), 0);
  return std::string(trim(std::string_view(text.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)))));
}

bool is_gone(const std::string& owner) {
  const int pid = std::atoi(owner.c_str());
  return pid > 0 && ::kill(pid, 0) != 0 && errno == ESRCH;
}

// A child that a killed owner was just starting holds the lock until it has become its own program: that is waited for.
bool lock_patiently(int fd, const Clock& clock) {
  constexpr int kTries = 100;
  constexpr std::chrono::milliseconds kPause{20};
  const Stop never;
  for (int tries = 1; ::flock(fd, LOCK_EX | LOCK_NB) != 0; ++tries) {
    if (tries == kTries || !is_gone(read_owner(fd))) return false;
    (void)clock.sleep_for(kPause, never);
  }
  return true;
}

}  // namespace

LockFile::LockFile(const std::filesystem::path& folder, const std::string& command_id, const Clock& clock)
    : path_(folder / ("." + command_id + "Lockfile.lck")) {
  while (true) {
    fd_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd_ < 0) {
      throw Error({.code = "DIR-003",
                   .title = "cannot write into the export directory " + folder.string(),
                   .cause = std::strerror(errno),
                   .fix = {"make it writable for the user that runs yb-voyager, or pass another --export-dir"}});
    }
    if (!lock_patiently(fd_, clock)) {
      const std::string owner = read_owner(fd_);
      ::close(std::exchange(fd_, -1));
      throw Error({.code = "DIR-004",
                   .exit = ExitCode::kState,
                   .title = "another instance of yb-voyager '" + command_id + "' is running for this migration",
                   .where = path_.string(),
                   .cause = "process " + owner + " holds the lock",
                   .fix = {"wait for it, or stop it: kill -INT " + owner}});
    }
    // The owner before us may have removed the file between our open and our lock: then we hold a lock on nothing.
    struct stat ours = {};
    struct stat named = {};
    ::fstat(fd_, &ours);
    if (::stat(path_.c_str(), &named) == 0 && ours.st_ino == named.st_ino) break;
    ::close(fd_);
  }
  const std::string pid = std::to_string(::getpid());
  if (::ftruncate(fd_, 0) != 0 || ::write(fd_, pid.data(), pid.size()) != static_cast<ssize_t>(pid.size())) {
    fail(ExitCode::kFailure, "cannot write the lock file " + path_.string(), std::strerror(errno));
  }
}

LockFile::~LockFile() {
  if (fd_ < 0) return;
  ::unlink(path_.c_str());
  ::close(fd_);
}

}  // namespace voyager::base

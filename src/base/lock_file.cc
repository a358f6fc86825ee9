#include "base/lock_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "base/text.h"

namespace voyager::base {
namespace {

// By the descriptor, not by the name: the owner may remove the file at any moment.
std::string read_owner(int fd) {
  std::array<char, 32> text = {};
  const ssize_t got = ::pread(fd, text.data(), text.size(), 0);
  return std::string(trim(std::string_view(text.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)))));
}

}  // namespace

LockFile::LockFile(const std::filesystem::path& folder, const std::string& command_id)
    : path_(folder / ("." + command_id + "Lockfile.lck")) {
  while (true) {
    fd_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd_ < 0) {
      throw Error({.code = "DIR-003",
                   .title = "cannot write into the export directory " + folder.string(),
                   .cause = std::strerror(errno),
                   .fix = {"make it writable for the user that runs yb-voyager, or pass another --export-dir"}});
    }
    if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
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

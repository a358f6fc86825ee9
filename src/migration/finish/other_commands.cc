#include "migration/finish/other_commands.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <set>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "base/files.h"
#include "base/text.h"

namespace voyager::migration {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kLockSuffix = "Lockfile.lck";
constexpr std::chrono::milliseconds kLook{100};

struct LockName {
  fs::path path = {};
  std::string command_id = {};
};

std::vector<LockName> lock_files(const fs::path& export_dir) {
  std::vector<LockName> out;
  for (const fs::directory_entry& entry : fs::directory_iterator(export_dir)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with('.') || !name.ends_with(kLockSuffix) || !entry.is_regular_file()) continue;
    out.push_back({entry.path(), name.substr(1, name.size() - 1 - kLockSuffix.size())});
  }
  return out;
}

// True when the kernel says that some process holds the lock. Asking takes the lock for a moment and gives it back.
bool held(const fs::path& lock_file) {
  const int fd = ::open(lock_file.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) return false;
  const bool free = ::flock(fd, LOCK_EX | LOCK_NB) == 0;
  ::close(fd);
  return !free;
}

pid_t owner_of(const fs::path& lock_file) {
  std::error_code ignored;
  if (!fs::exists(lock_file, ignored)) return 0;
  const std::string text = base::read_file(lock_file);
  pid_t process = 0;
  std::from_chars(text.data(), text.data() + text.size(), process);
  return process;
}

std::vector<RunningCommand> still_running(const std::vector<RunningCommand>& commands) {
  std::vector<RunningCommand> out;
  for (const RunningCommand& command : commands) {
    if (held(command.lock_file)) out.push_back(command);
  }
  return out;
}

void signal_all(const std::vector<RunningCommand>& commands) {
  std::set<pid_t> told;  // One process may hold several locks; another signal would make it stop less gently.
  for (const RunningCommand& command : commands) {
    if (!told.insert(command.process).second) continue;
    // A lock without a readable owner, or one held from another machine: there is nobody here to signal.
    if (command.process <= 1 || ::kill(command.process, SIGTERM) == 0 || errno == ESRCH) continue;
    base::fail(base::ExitCode::kState,
               fmt::format("cannot stop yb-voyager {} (process {})", command.command_id, command.process),
               std::strerror(errno), {fmt::format("stop it as its own user: kill -TERM {}", command.process)});
  }
}

std::vector<RunningCommand> wait_for(std::vector<RunningCommand> commands, std::chrono::milliseconds patience,
                                     const base::Stop& stop) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    commands = still_running(commands);
    if (commands.empty() || std::chrono::steady_clock::now() >= deadline) return commands;
    if (base::system_clock().sleep_for(kLook, stop)) continue;
    throw base::Error({.exit = base::ExitCode::kInterrupted,
                       .title = "stopped while waiting for other commands to end",
                       .then = "run end migration again"});
  }
}

}  // namespace

std::vector<RunningCommand> running_commands(const fs::path& export_dir) {
  std::vector<RunningCommand> out;
  for (const LockName& lock : lock_files(export_dir)) {
    // Our own lock is held by another descriptor of ours, so the kernel would call it held too.
    const pid_t owner = owner_of(lock.path);
    if (owner != ::getpid() && held(lock.path)) out.push_back({lock.command_id, lock.path, owner});
  }
  return out;
}

void stop_commands(const std::vector<RunningCommand>& commands, const StopPatience& patience, const base::Stop& stop) {
  signal_all(commands);
  std::vector<RunningCommand> left = wait_for(commands, patience.drain, stop);
  if (left.empty()) return;
  signal_all(left);
  left = wait_for(std::move(left), patience.cancel, stop);
  if (left.empty()) return;
  base::ErrorInfo info{.code = "DIR-004",
                       .exit = base::ExitCode::kState,
                       .title = "other commands of this migration do not end",
                       .then = "run end migration again; nothing was removed"};
  for (const RunningCommand& command : left) {
    info.cause += fmt::format("{}{} (process {})", info.cause.empty() ? "" : ", ", command.command_id, command.process);
    info.fix.push_back(fmt::format("kill -KILL {}", command.process));
  }
  throw base::Error(std::move(info));
}

void remove_stale_locks(const fs::path& export_dir) {
  for (const LockName& lock : lock_files(export_dir)) {
    std::error_code ignored;
    if (owner_of(lock.path) != ::getpid() && !held(lock.path)) fs::remove(lock.path, ignored);
  }
}

}  // namespace voyager::migration

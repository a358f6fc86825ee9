#include "base/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>

#include "base/error.h"
#include "base/text.h"

extern char** environ;  // NOLINT: POSIX declares it nowhere

namespace voyager::base {
namespace {

constexpr std::size_t kErrorsKept = 64 * 1024;
constexpr std::chrono::seconds kGrace{5};
constexpr std::chrono::seconds kGraceOfKilled{1};

std::vector<std::string> merged_environment(const ChildCommand& command) {
  std::map<std::string, std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos) all[std::string(text.substr(0, equals))] = text.substr(equals + 1);
  }
  for (const auto& [name, value] : command.environment) all[name] = value;
  for (const auto& [name, value] : command.secrets) all[name] = value.reveal();
  std::vector<std::string> out;
  for (const auto& [name, value] : all) out.push_back(name + "=" + value);
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

// Reads what is there into `text`; closes and forgets the descriptor at its end.
void drain(int& fd, std::string& text) {
  std::array<char, 65536> buffer;
  const ssize_t got = ::read(fd, buffer.data(), buffer.size());
  if (got > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(got));
  } else if (got == 0 || errno != EINTR) {
    ::close(fd);
    fd = -1;
  }
}

void close_pipe(int& fd) {
  if (fd >= 0) ::close(fd);
  fd = -1;
}

// Without reaping it: its number stays its own as long as signals may be sent.
bool has_ended(pid_t pid) {
  siginfo_t info = {};
  return ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid;
}

void keep_end(std::string& errors) {
  if (errors.size() > kErrorsKept) errors.erase(0, errors.size() - kErrorsKept);
}

}  // namespace

ChildResult run_child(const ChildCommand& command, const Stop& stop) {
  VOY_ASSERT(!command.argv.empty());
  std::array<int, 2> out_pipe = {-1, -1};
  std::array<int, 2> err_pipe = {-1, -1};
  VOY_ASSERT(::pipe2(out_pipe.data(), O_CLOEXEC) == 0 && ::pipe2(err_pipe.data(), O_CLOEXEC) == 0);

  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  if (command.output_file.empty()) {
    ::posix_spawn_file_actions_adddup2(&actions, out_pipe[1], 1);
  } else {
    ::posix_spawn_file_actions_addopen(&actions, 1, command.output_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  }
  ::posix_spawn_file_actions_adddup2(&actions, err_pipe[1], 2);

  // A session of its own: Ctrl-C in the terminal reaches us alone, so a drain lets the child finish, and a child that
  // wants to ask for a password fails instead of waiting for a terminal. SIGPIPE, which we ignore, works again there.
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t restored;
  ::sigemptyset(&restored);
  ::sigaddset(&restored, SIGPIPE);
  ::posix_spawnattr_setsigdefault(&attributes, &restored);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);

  std::vector<std::string> argv = command.argv;
  std::vector<std::string> environment = merged_environment(command);
  pid_t pid = -1;
  const int spawned =
      ::posix_spawnp(&pid, argv[0].c_str(), &actions, &attributes, pointers(argv).data(), pointers(environment).data());
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&attributes);
  ::close(out_pipe[1]);
  ::close(err_pipe[1]);
  if (spawned != 0) {
    ::close(out_pipe[0]);
    ::close(err_pipe[0]);
    fail(ExitCode::kFailure, "cannot start " + command.argv[0], std::strerror(spawned));
  }

  ChildResult result;
  int signals_sent = 0;
  const auto begun = std::chrono::steady_clock::now();
  auto next_signal = begun;
  while (true) {
    const bool silent = out_pipe[0] < 0 && err_pipe[0] < 0;
    if (silent && has_ended(pid)) break;
    std::array<pollfd, 2> waits = {pollfd{out_pipe[0], POLLIN, 0}, pollfd{err_pipe[0], POLLIN, 0}};
    ::poll(waits.data(), waits.size(), silent ? 2 : 100);
    if (waits[0].revents != 0) drain(out_pipe[0], result.output);
    if (waits[1].revents != 0) drain(err_pipe[0], result.errors);
    if (result.errors.size() > 2 * kErrorsKept) keep_end(result.errors);
    const auto now = std::chrono::steady_clock::now();
    if (command.limit.count() > 0 && now - begun >= command.limit) result.timed_out = true;
    if (command.output_max > 0 && result.output.size() > command.output_max) {
      result.too_long = true;
      result.output.clear();
      close_pipe(out_pipe[0]);
    }
    if ((stop.cancelled() || result.timed_out || result.too_long) && now >= next_signal) {
      if (signals_sent == 2) break;
      ::kill(-pid, signals_sent == 0 ? SIGTERM : SIGKILL);  // Its whole group: a grandchild may hold the pipes open.
      ++signals_sent;
      next_signal = now + (signals_sent == 1 ? kGrace : kGraceOfKilled);
    }
  }
  close_pipe(out_pipe[0]);
  close_pipe(err_pipe[0]);
  keep_end(result.errors);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

std::filesystem::path find_program(const std::string& program) {
  const char* path = std::getenv("PATH");
  for (const std::string& folder : split(path == nullptr ? "" : path, ':')) {
    const std::filesystem::path candidate = std::filesystem::path(folder) / program;
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return {};
}

}  // namespace voyager::base

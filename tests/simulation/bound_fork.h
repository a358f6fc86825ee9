// Processes that end with the one that made them.
#pragma once

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace voyager::simulation {

/// fork(), whose child is killed when the thread that made it ends, whatever ends that: a process that nobody steers
/// any more would wait for its turn for ever, with the output of the test open.
inline pid_t bound_fork() {
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);  // It had ended before the wish was known.
  return 0;
}

}  // namespace voyager::simulation

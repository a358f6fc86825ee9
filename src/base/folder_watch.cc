#include "base/folder_watch.h"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>

namespace voyager::base {
namespace {

int watch(const std::filesystem::path& folder) {
  const int events = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (events < 0 || ::inotify_add_watch(events, folder.c_str(), IN_MODIFY) >= 0) return events;
  ::close(events);
  return -1;
}

}  // namespace

FolderWatch::FolderWatch(const std::filesystem::path& folder) : events_(watch(folder)) {}

FolderWatch::~FolderWatch() {
  if (events_ >= 0) ::close(events_);
}

void FolderWatch::wait(std::chrono::milliseconds longest, const Stop& stop) {
  // poll leaves negative descriptors out.
  std::array<pollfd, 2> waits = {pollfd{.fd = stop.drain_descriptor(), .events = POLLIN, .revents = 0},
                                 pollfd{.fd = events_, .events = POLLIN, .revents = 0}};
  ::poll(waits.data(), waits.size(), static_cast<int>(longest.count()));
  // Forgotten before anybody looks at the files: what is written from then on ends the next wait.
  std::array<char, 4096> events = {};
  while (waits[1].revents != 0 && ::read(events_, events.data(), events.size()) > 0) {
  }
}

}  // namespace voyager::base

#include "base/folder_watch.h"

#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "base/temporary_folder_testing.h"

namespace voyager::base {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

milliseconds waited(FolderWatch& watch, milliseconds longest, const Stop& stop) {
  const auto begun = std::chrono::steady_clock::now();
  watch.wait(longest, stop);
  return std::chrono::ceil<milliseconds>(std::chrono::steady_clock::now() - begun);
}

TEST(FolderWatch, WakesForWhatIsWrittenSinceTheLastWait) {
  const TemporaryFolder folder;
  const Stop stop;
  std::ofstream file(folder.path() / "segment.0");
  FolderWatch watch(folder.path());
  file << "before the wait" << std::flush;
  EXPECT_LT(waited(watch, seconds(60), stop), seconds(30));
  EXPECT_GE(waited(watch, milliseconds(30), stop), milliseconds(30)) << "nothing was written since";
  std::thread writer([&] { file << "while it waits" << std::flush; });
  EXPECT_LT(waited(watch, seconds(60), stop), seconds(30));
  writer.join();
}

TEST(FolderWatch, WaitsWhereThereIsNoFolder) {
  const Stop stop;
  FolderWatch watch("/nowhere/at/all");
  EXPECT_GE(waited(watch, milliseconds(30), stop), milliseconds(30));
}

TEST(FolderWatch, AWaitEndsWhenDrainingIsAsked) {
  const TemporaryFolder folder;
  FolderWatch watch(folder.path());
  Stop stop;
  stop.request_drain();
  EXPECT_LT(waited(watch, seconds(60), stop), seconds(30));
}

}  // namespace
}  // namespace voyager::base

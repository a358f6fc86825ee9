#include "base/lock_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <optional>

#include "base/error.h"
#include "base/files.h"
#include "base/temporary_folder_testing.h"

namespace voyager::base {
namespace {

class LockFileTest : public ::testing::Test {
 protected:
  std::filesystem::path file() const { return folder_ / ".export-dataLockfile.lck"; }

  const TemporaryFolder temporary_ = {};
  const std::filesystem::path folder_ = temporary_.path();
};

TEST_F(LockFileTest, HoldsOurNumberAndGoesAway) {
  {
    const LockFile lock(folder_, "export-data");
    EXPECT_EQ(read_file(file()), std::to_string(::getpid()));
    const LockFile other_command(folder_, "import-data");
  }
  EXPECT_FALSE(std::filesystem::exists(file()));
}

TEST_F(LockFileTest, RefusesASecondOneAndNamesTheOwner) {
  const LockFile lock(folder_, "export-data");
  try {
    const LockFile second(folder_, "export-data");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.info().exit, ExitCode::kState);
    EXPECT_THAT(error.info().title, ::testing::HasSubstr("export-data"));
    EXPECT_THAT(error.info().cause, ::testing::HasSubstr(std::to_string(::getpid())));
  }
}

TEST_F(LockFileTest, IsTakenOverFromAnOwnerThatWasKilled) {
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const LockFile lock(folder_, "export-data");
    [[maybe_unused]] const ssize_t written = ::write(ready[1], "x", 1);
    ::pause();
    ::_exit(0);
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_THROW(LockFile(folder_, "export-data"), Error);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_TRUE(std::filesystem::exists(file()));  // The dead owner's, with its number.
  const LockFile taken(folder_, "export-data");
  EXPECT_EQ(read_file(file()), std::to_string(::getpid()));
  ::close(ready[0]);
  ::close(ready[1]);
}

// A killed owner's child that has not reached its own program yet still has the descriptor.
TEST_F(LockFileTest, WaitsForTheRestOfAKilledOwner) {
  const pid_t dead = ::fork();
  if (dead == 0) ::_exit(0);
  ::waitpid(dead, nullptr, 0);
  File rest = File::create(file());
  rest.write(std::to_string(dead));
  ASSERT_EQ(::flock(rest.descriptor(), LOCK_EX), 0);
  // Another descriptor of the same lock, as a child has it.
  EXPECT_THROW(LockFile(folder_, "export-data", ManualClock()), Error) << "it is not waited for ever";
  class LetsGo final : public Clock {
   public:
    explicit LetsGo(File& held) : held_(held) {}
    Instant now() const override { return {}; }
    std::chrono::system_clock::time_point wall() const override { return {}; }
    bool sleep_for(std::chrono::milliseconds, const Stop&) const override {
      if (++looks_ == 3) held_.close();
      return true;
    }

   private:
    File& held_;
    mutable int looks_ = 0;
  } clock(rest);
  const LockFile lock(folder_, "export-data", clock);
  EXPECT_EQ(read_file(file()), std::to_string(::getpid()));
}

TEST_F(LockFileTest, AFileLeftBehindIsNoLock) {
  File::create(file()).write("1");  // Process 1 lives, but holds nothing.
  const LockFile lock(folder_, "export-data");
  EXPECT_EQ(read_file(file()), std::to_string(::getpid()));
}

TEST_F(LockFileTest, AMissingFolderIsAnError) {
  EXPECT_THROW(LockFile(folder_ / "absent", "x"), Error);
}

}  // namespace
}  // namespace voyager::base

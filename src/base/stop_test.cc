#include "base/stop.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <thread>

#include "base/clock.h"
#include "base/error.h"
#include "base/group.h"

namespace voyager::base {
namespace {

using std::chrono::milliseconds;

bool soon(const std::function<bool()>& condition) {
  for (int i = 0; i < 500 && !condition(); ++i) std::this_thread::sleep_for(milliseconds(2));
  return condition();
}

TEST(Stop, GoesFromDrainToCancel) {
  Stop stop;
  EXPECT_FALSE(stop.draining());
  stop.request_drain(SIGTERM);
  EXPECT_TRUE(stop.draining());
  EXPECT_FALSE(stop.cancelled());
  stop.request_drain(SIGINT);
  EXPECT_EQ(stop.signal_number(), SIGTERM);
  stop.request_cancel();
  EXPECT_TRUE(stop.cancelled());
  EXPECT_TRUE(stop.draining());
}

TEST(Stop, SleepIsCutShort) {
  Stop stop;
  EXPECT_TRUE(system_clock().sleep_for(milliseconds(1), stop));
  std::thread other([&] {
    std::this_thread::sleep_for(milliseconds(20));
    stop.request_drain();
  });
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(system_clock().sleep_for(std::chrono::seconds(30), stop));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
  other.join();
}

bool readable(int descriptor) {
  pollfd look = {.fd = descriptor, .events = POLLIN, .revents = 0};
  return ::poll(&look, 1, 0) == 1;
}

TEST(Stop, CanBeWaitedForBesideASocket) {
  Stop run;
  Stop part(&run);
  EXPECT_FALSE(readable(part.drain_descriptor()));
  run.request_drain();
  EXPECT_TRUE(readable(part.drain_descriptor()));
  EXPECT_FALSE(readable(part.cancel_descriptor()));
  run.request_cancel();
  EXPECT_TRUE(readable(part.cancel_descriptor()));
  EXPECT_TRUE(readable(Stop(&run).cancel_descriptor()));  // One that is made too late to hear of it.
}

TEST(SignalGuard, FirstSignalDrainsSecondCancels) {
  Stop stop;
  const SignalGuard guard(stop);
  ::raise(SIGINT);
  EXPECT_TRUE(soon([&] { return stop.draining(); }));
  EXPECT_FALSE(stop.cancelled());
  EXPECT_EQ(stop.signal_number(), SIGINT);
  ::raise(SIGTERM);
  EXPECT_TRUE(soon([&] { return stop.cancelled(); }));
  EXPECT_EQ(stop.signal_number(), SIGINT);
}

TEST(SignalGuard, AThirdSignalEndsAProcessThatDoesNotListen) {
  const pid_t child = ::fork();
  if (child == 0) {
    Stop stop;
    const SignalGuard guard(stop);
    ::raise(SIGINT);
    while (!stop.draining()) std::this_thread::sleep_for(milliseconds(1));
    ::raise(SIGINT);
    while (!stop.cancelled()) std::this_thread::sleep_for(milliseconds(1));
    while (true) {
      ::raise(SIGINT);
      std::this_thread::sleep_for(milliseconds(1));
    }
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGINT);
}

TEST(SignalGuard, ASecondSignalCancelsAlsoWhenAWorkerHadFailedFirst) {
  Stop stop;
  const SignalGuard guard(stop);
  stop.request_drain();
  ::raise(SIGINT);
  ::raise(SIGINT);
  EXPECT_TRUE(soon([&] { return stop.cancelled(); }));
}

TEST(SignalGuard, PutsTheOldHandlersBackAndCanBeMadeAgain) {
  for (int i = 0; i < 2; ++i) {
    Stop stop;
    const SignalGuard guard(stop);
    ::raise(SIGPIPE);  // Ignored, or we would be gone.
  }
  struct sigaction now = {};
  ::sigaction(SIGINT, nullptr, &now);
  EXPECT_EQ(now.sa_handler, SIG_DFL);
}

TEST(ThrowIfDraining, CarriesTheSignalsExitCode) {
  Stop stop;
  throw_if_draining(stop, "stopped", "run it again");
  stop.request_drain(SIGTERM);
  try {
    throw_if_draining(stop, "stopped", "run it again");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.info().exit, ExitCode::kTerminated);
    EXPECT_EQ(error.info().then, "run it again");
  }
}

TEST(Group, KeepsTheFirstErrorAndAsksTheOthersToStop) {
  Stop stop;
  Group group(stop);
  std::atomic<bool> other_finished = false;
  group.spawn("waits", [&] {
    while (system_clock().sleep_for(milliseconds(500), stop)) {
    }
    other_finished = true;
  });
  group.spawn("fails", [] { fail(ExitCode::kFailure, "the first"); });
  try {
    group.join();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.info().title, "the first");
  }
  EXPECT_TRUE(other_finished);
  EXPECT_TRUE(stop.draining());
}

TEST(Group, JoinsQuietlyWhenAllIsWell) {
  Stop stop;
  Group group(stop);
  std::atomic<int> runs = 0;
  for (int i = 0; i < 4; ++i) group.spawn("worker", [&] { ++runs; });
  group.join();
  EXPECT_EQ(runs, 4);
  EXPECT_FALSE(stop.draining());
}

TEST(Stop, APartOfARunEndsWithItAndMayEndAlone) {
  Stop run;
  Stop part(&run);
  part.request_drain();
  EXPECT_TRUE(part.draining());
  EXPECT_FALSE(run.draining());
  Stop other(&run);
  std::thread signal([&run] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    run.request_drain(SIGTERM);
  });
  EXPECT_FALSE(system_clock().sleep_for(std::chrono::seconds(30), other));
  signal.join();
  EXPECT_TRUE(other.draining());
  EXPECT_EQ(other.signal_number(), SIGTERM);
  EXPECT_FALSE(other.cancelled());
  run.request_cancel();
  EXPECT_TRUE(other.cancelled());
}

}  // namespace
}  // namespace voyager::base

// Whole migrations from seeds. One that fails is printed with the command that repeats it.
#include "simulation.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/personality.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "baton.h"
#include "bound_fork.h"

namespace voyager::simulation {
namespace {

namespace fs = std::filesystem;

std::uint64_t number_of(const char* variable, std::uint64_t fallback) {
  const char* given = std::getenv(variable);
  return given == nullptr ? fallback : std::strtoull(given, nullptr, 10);
}

// Names in it are equally long for every process: a file's size must not depend on them.
fs::path folder() {
  const fs::path memory = "/dev/shm";
  return (fs::exists(memory) ? memory : fs::temp_directory_path()) /
         fmt::format("voyager-simulation-{:010}", ::getpid());
}

std::string repeat(std::uint64_t seed) {
  return fmt::format("to see it again: VOY_SEED={} VOY_TRACE=1 {} --gtest_filter=Simulation.Seed", seed,
                     fs::read_symlink("/proc/self/exe").string());
}

// Seeds [from, from + count), shared among the processors. Returns the number of those that fail.
// `tell`: each of them is said; else the first one of a processor ends its work.
int run_seeds(std::uint64_t from, std::uint64_t count, fake::PlantedFault planted, bool tell) {
  const auto workers = static_cast<std::uint64_t>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN)));
  std::vector<pid_t> pids;
  for (std::uint64_t worker = 0; worker < workers; ++worker) {
    const pid_t pid = bound_fork();
    if (pid == 0) {
      int failed = 0;
      for (std::uint64_t seed = from + worker; seed < from + count; seed += workers) {
        const Outcome outcome = simulate({.seed = seed, .planted = planted}, folder());
        if (outcome.fault.empty()) continue;
        if (tell && failed < 5) fmt::print(stderr, "seed {} fails: {}\n{}\n", seed, outcome.fault, repeat(seed));
        failed = std::min(failed + 1, 200);
        if (!tell) break;
      }
      ::_exit(failed);
    }
    pids.push_back(pid);
  }
  int failed = 0;
  for (const pid_t pid : pids) {
    int status = 0;
    ::waitpid(pid, &status, 0);
    failed += WIFEXITED(status) ? WEXITSTATUS(status) : 1;
  }
  return failed;
}

TEST(Simulation, Seeds) {
  EXPECT_EQ(run_seeds(number_of("VOY_SEED", 1), number_of("VOY_SEEDS", 100), fake::PlantedFault::kNone, true), 0);
}

// Each mistake that is made on purpose in the databases in memory is found within so many seeds.
TEST(Simulation, FindsWhatIsPlanted) {
  for (const auto planted : {fake::PlantedFault::kConfirmedWhenSent, fake::PlantedFault::kNumberApart,
                             fake::PlantedFault::kNumberFirst, fake::PlantedFault::kBatchApart})
    EXPECT_GT(run_seeds(1, 24, planted, false), 0) << static_cast<int>(planted);
}

TEST(Simulation, ASeedIsARun) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    const Outcome first = simulate({.seed = seed}, folder());
    const Outcome second = simulate({.seed = seed}, folder());
    EXPECT_EQ(first.hash, second.hash) << seed;
    EXPECT_EQ(first.steps, second.steps) << seed;
    EXPECT_NE(first.hash, simulate({.seed = seed + 1}, folder()).hash) << seed;
  }
}

// True when all that `body`, which is killed, has made are gone soon: a pipe that each of them holds ends.
bool leaves_nobody(const std::function<void()>& body) {
  std::array<int, 2> ends = {};
  if (::pipe(ends.data()) != 0) return false;
  const pid_t pid = bound_fork();
  if (pid == 0) {
    body();
    ::raise(SIGKILL);
  }
  ::close(ends[1]);
  int status = 0;
  ::waitpid(pid, &status, 0);
  pollfd end = {.fd = ends[0], .events = POLLIN, .revents = 0};
  const bool gone = WIFSIGNALED(status) && ::poll(&end, 1, 20'000) == 1;
  ::close(ends[0]);
  return gone;
}

TEST(Simulation, NobodyOutlivesWhoSteers) {
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(leaves_nobody([] {
      begin(1, false);
      for (int made = 0; made < 10; ++made) (void)spawn("waits for its turn", [] { return 0; });
    }));
  }
  const fs::path place = folder();
  EXPECT_TRUE(leaves_nobody([&place] {
    const itimerval soon = {.it_interval = {}, .it_value = {.tv_sec = 0, .tv_usec = 300'000}};
    ::setitimer(ITIMER_REAL, &soon, nullptr);  // It kills.
    for (std::uint64_t seed = 1;; ++seed) (void)simulate({.seed = seed}, place);
  }));
  fs::remove_all(place);
}

TEST(Simulation, Seed) {
  if (std::getenv("VOY_SEED") == nullptr) GTEST_SKIP() << "VOY_SEED says which";
  const Outcome outcome =
      simulate({.seed = number_of("VOY_SEED", 1), .trace = std::getenv("VOY_TRACE") != nullptr}, folder());
  EXPECT_TRUE(outcome.fault.empty()) << outcome.fault;
  fmt::print("{} steps, {} simulated seconds, hash {:016x}\n", outcome.steps, outcome.seconds, outcome.hash);
}

}  // namespace
}  // namespace voyager::simulation

// Addresses are the same in each run: what is ordered by them is ordered the same way.
int main(int argc, char** argv) {
  const int persona = ::personality(0xffffffff);
  if (persona >= 0 && (persona & ADDR_NO_RANDOMIZE) == 0 &&
      ::personality(static_cast<unsigned long>(persona | ADDR_NO_RANDOMIZE)) >= 0)
    ::execv("/proc/self/exe", argv);
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}

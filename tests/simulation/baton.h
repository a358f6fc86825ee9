// The scheduler below a simulation. Processes and threads are real ones of this machine, but one thread of all of them
// runs at a time: it has the baton. Where a thread locks, waits, sleeps, syncs a file or passes a point of the
// simulation, a seed decides who has it next. Time stands still while somebody can run, and jumps to the next waking
// when nobody can. The calls of the C library that threads wait by are replaced (interposed.cc), so the program that is
// simulated is built of the same objects as the one that ships.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace voyager::simulation {

/// How often things go wrong. A rate is one in so many chances; 0: never.
struct Chances {
  std::uint32_t kill = 0;       ///< At a point: the process is killed there.
  std::uint32_t switch_at = 2;  ///< At a point: another thread goes on.
  std::uint32_t preempt = 64;   ///< At a lock.
  std::uint32_t kills_max = 0;
};

/// Makes this process the one that steers: its thread has the baton first. Once in a process. Everything that the
/// simulation shares between processes lies in memory that is mapped here. `trace`: each event is a line of standard
/// error.
void begin(std::uint64_t seed, bool trace);
void set_chances(const Chances& chances);

/// A number below `bound`, from the seed.
std::uint64_t draw(std::uint64_t bound);
inline bool one_in(std::uint64_t bound) {
  return bound > 0 && draw(bound) == 0;
}
std::uint64_t now_us();
/// Of everything that happened so far: equal runs have the same.
std::uint64_t trace_hash();
std::uint64_t steps();
void note(std::string_view event);

/// Where another thread may go on, or the process that is here be killed. Does nothing where no simulation runs.
void point(std::string_view name);
/// Lets the calling thread sleep.
void sleep_us(std::uint64_t duration);

/// A process of the simulation, made by the one that steers.
int spawn(const std::string& name, const std::function<int()>& body);
enum class End { kRuns, kExited, kKilled };
struct Fate {
  End end = End::kRuns;
  int exit = 0;
};
Fate fate_of(int process);
/// As the kernel does it, at whatever its threads are.
void kill_process(int process);
/// When a thread of it runs next.
void signal_process(int process, int signal);

/// The thread that steers lets others run for so long, or until a process has ended. False when nobody can go on any
/// more.
[[nodiscard]] bool steer(std::uint64_t duration_us);

/// While one is alive in a thread, what it allocates lies in memory that all processes share, and is never given back.
class SharedMemory {
 public:
  SharedMemory();
  ~SharedMemory();
};
void hold_shared_memory(bool held);

}  // namespace voyager::simulation

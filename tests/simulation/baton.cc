#include "baton.h"

#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#include "baton_control.h"
#include "bound_fork.h"

namespace voyager::simulation {
namespace {

constexpr int kThreadsMax = 256;
constexpr int kProcessesMax = 512;
constexpr std::size_t kSharedBytes = 2UL << 30U;  // addresses; memory only what is touched

struct Thread {
  enum class State { kFree, kReady, kWaiting, kLeft };
  State state = State::kFree;
  int process = 0;
  std::uintptr_t object = 0;
  std::uint64_t until_us = kNever;
  bool woken = false;
  std::atomic<std::uint32_t> turn = 0;  // the futex that its thread sleeps on
};

struct Process {
  pid_t pid = 0;
  End end = End::kRuns;
  bool to_be_killed = false;
  int signal = 0;
  int exit = 0;
  std::array<char, 48> name = {};
};

struct Control {
  std::uint64_t random = 0;
  std::uint64_t now_us = 0;
  std::uint64_t hash = 14695981039346656037ULL;
  std::uint64_t steps = 0;
  bool trace = false;
  bool stuck = false;
  bool steering_wanted = false;  // the thread that steers is to go on at once
  Chances chances = {};
  std::uint32_t kills = 0;
  int processes = 1;
  int threads_end = 1;
  int waiting = 0;  // threads that wait for a thing, not for a time alone
  std::array<Thread, kThreadsMax> threads = {};
  std::array<Process, kProcessesMax> all = {};
  std::size_t shared_used = 0;
};

Control* g_control = nullptr;
char* g_shared = nullptr;
int g_trace = -1;  // standard error of the test; that of a command goes into a file
thread_local int t_thread = -1;
thread_local int t_shared = 0;
thread_local bool t_in_signal = false;

Thread& me() {
  return g_control->threads[static_cast<std::size_t>(t_thread)];
}

void futex(std::atomic<std::uint32_t>& word, int operation, std::uint32_t value) {
  ::syscall(SYS_futex, &word, operation, value, nullptr, nullptr, 0);
}

void mix(std::uint64_t value) {
  g_control->hash = (g_control->hash ^ value) * 1099511628211ULL;
}

void die_here(std::string_view where);

void wait_for_turn() {
  std::atomic<std::uint32_t>& turn = me().turn;
  while (turn.exchange(0) == 0) futex(turn, FUTEX_WAIT, 0);
  Process& mine = g_control->all[static_cast<std::size_t>(me().process)];
  if (const int number = std::exchange(mine.signal, 0); number != 0) {
    struct sigaction taken = {};
    ::sigaction(number, nullptr, &taken);
    if (taken.sa_handler == SIG_DFL) die_here("a signal that nobody takes");
    t_in_signal = true;
    ::raise(number);
    t_in_signal = false;
  }
}

bool runnable(int number) {
  return g_control->threads[static_cast<std::size_t>(number)].state == Thread::State::kReady;
}

void wake_sleepers() {
  for (int i = 0; i < g_control->threads_end; ++i) {
    Thread& one = g_control->threads[static_cast<std::size_t>(i)];
    if (one.state == Thread::State::kWaiting && one.until_us <= g_control->now_us) one.state = Thread::State::kReady;
  }
}

// Who goes on: chosen by the seed among those that can.
int choose() {
  ++g_control->steps;
  g_control->now_us += 1 + draw(20);
  wake_sleepers();
  if (std::exchange(g_control->steering_wanted, false)) {
    g_control->threads[0].state = Thread::State::kReady;
    return 0;
  }
  while (true) {
    std::array<int, kThreadsMax> able = {};
    std::size_t count = 0;
    for (int i = 0; i < g_control->threads_end; ++i) {
      if (runnable(i)) able[count++] = i;
    }
    if (count > 0) return able[draw(count)];
    std::uint64_t next = kNever;
    for (int i = 0; i < g_control->threads_end; ++i) {
      const Thread& one = g_control->threads[static_cast<std::size_t>(i)];
      if (one.state == Thread::State::kWaiting) next = std::min(next, one.until_us);
    }
    if (next == kNever) {
      g_control->stuck = true;
      g_control->threads[0].state = Thread::State::kReady;
      return 0;
    }
    g_control->now_us = next;
    wake_sleepers();
  }
}

void bury_the_dead();

// Hands the baton on. The caller has set its own state.
void hand_on(bool comes_back) {
  const int next = choose();
  mix(static_cast<std::uint64_t>(next) << 32U ^ g_control->now_us);
  if (next == t_thread && comes_back) return;
  std::atomic<std::uint32_t>& turn = g_control->threads[static_cast<std::size_t>(next)].turn;
  turn = 1;
  futex(turn, FUTEX_WAKE, 1);
  if (!comes_back) return;
  wait_for_turn();
  if (t_thread == 0) bury_the_dead();
}

void yield() {
  me().state = Thread::State::kReady;
  hand_on(true);
}

// The one that steers kills it: what its threads hold goes as it does with any killed process.
void die_here(std::string_view where) {
  Process& mine = g_control->all[static_cast<std::size_t>(me().process)];
  note(std::string("killed at ") + std::string(where));
  mine.to_be_killed = true;
  g_control->steering_wanted = true;
  me().state = Thread::State::kWaiting;
  me().until_us = kNever;
  me().object = 0;
  hand_on(true);
}

void bury(int number) {
  for (Thread& one : g_control->threads) {
    if (one.state == Thread::State::kFree || one.process != number) continue;
    if (one.object != 0) --g_control->waiting;
    one.object = 0;
    one.state = Thread::State::kFree;
  }
  int status = 0;
  ::waitpid(g_control->all[static_cast<std::size_t>(number)].pid, &status, 0);
}

void bury_the_dead() {
  for (int i = 1; i < g_control->processes; ++i) {
    Process& one = g_control->all[static_cast<std::size_t>(i)];
    if (one.to_be_killed) {
      one.to_be_killed = false;
      kill_process(i);
    } else if (one.end == End::kExited && one.pid != 0) {
      bury(i);
      one.pid = 0;
    }
  }
}

int free_thread(int process) {
  for (int i = 0; i < kThreadsMax; ++i) {
    Thread& one = g_control->threads[static_cast<std::size_t>(i)];
    if (one.state != Thread::State::kFree) continue;
    one.state = Thread::State::kReady;
    one.process = process;
    one.object = 0;
    one.until_us = kNever;
    one.turn = 0;
    g_control->threads_end = std::max(g_control->threads_end, i + 1);
    return i;
  }
  std::fprintf(stderr, "simulation: too many threads\n");
  std::abort();
}

}  // namespace

void begin(std::uint64_t seed, bool trace) {
  // One thread runs at a time, so one processor is enough, and the baton goes round faster on it.
  cpu_set_t allowed;
  if (::sched_getaffinity(0, sizeof allowed, &allowed) == 0) {
    std::array<int, CPU_SETSIZE> known = {};
    std::size_t count = 0;
    for (int i = 0; i < CPU_SETSIZE; ++i) {
      if (CPU_ISSET(i, &allowed)) known[count++] = i;
    }
    CPU_ZERO(&allowed);
    CPU_SET(known[seed % count], &allowed);
    ::sched_setaffinity(0, sizeof allowed, &allowed);
  }
  void* control = ::mmap(nullptr, sizeof(Control), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  void* shared =
      ::mmap(nullptr, kSharedBytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (control == MAP_FAILED || shared == MAP_FAILED) {
    std::perror("simulation: mmap");
    std::abort();
  }
  g_shared = static_cast<char*>(shared);
  g_control = new (control) Control;
  g_control->random = seed;
  g_control->trace = trace;
  g_trace = ::dup(2);
  g_control->threads[0].state = Thread::State::kReady;
  std::strcpy(g_control->all[0].name.data(), "user");
  t_thread = 0;
}

void set_chances(const Chances& chances) {
  g_control->chances = chances;
}

// splitmix64
std::uint64_t draw(std::uint64_t bound) {
  std::uint64_t z = (g_control->random += 0x9e3779b97f4a7c15ULL);
  z = (z ^ z >> 30U) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ z >> 27U) * 0x94d049bb133111ebULL;
  return bound == 0 ? 0 : (z ^ z >> 31U) % bound;
}

std::uint64_t now_us() {
  return g_control->now_us;
}
std::uint64_t trace_hash() {
  return g_control->hash;
}
std::uint64_t steps() {
  return g_control->steps;
}

void note(std::string_view event) {
  for (const char c : event) mix(static_cast<unsigned char>(c));
  if (!g_control->trace) return;
  const Process& mine = g_control->all[static_cast<std::size_t>(me().process)];
  ::dprintf(g_trace, "%11.6f  %-8s %2d  %.*s\n", static_cast<double>(g_control->now_us) / 1e6, mine.name.data(),
            t_thread, static_cast<int>(event.size()), event.data());
}

void point(std::string_view name) {
  if (!takes_part()) return;
  note(name);
  const Chances& chances = g_control->chances;
  if (me().process != 0 && g_control->kills < chances.kills_max && one_in(chances.kill)) {
    ++g_control->kills;
    die_here(name);
  }
  if (one_in(chances.switch_at)) yield();
}

void sleep_us(std::uint64_t duration) {
  (void)wait_for(0, g_control->now_us + duration);
}

int spawn(const std::string& name, const std::function<int()>& body) {
  const int number = g_control->processes++;
  if (number >= kProcessesMax) std::abort();
  Process& made = g_control->all[static_cast<std::size_t>(number)];
  made = {};
  std::strncpy(made.name.data(), name.c_str(), made.name.size() - 1);
  const int thread = free_thread(number);
  note("starts " + name);
  std::fflush(nullptr);
  const pid_t pid = bound_fork();
  if (pid < 0) {
    std::perror("simulation: fork");
    std::abort();
  }
  if (pid > 0) {
    made.pid = pid;
    return number;
  }
  t_thread = thread;
  wait_for_turn();
  const int exit = body();
  std::fflush(nullptr);
  note("ends with " + std::to_string(exit));
  Process& mine = g_control->all[static_cast<std::size_t>(number)];
  mine.exit = exit;
  mine.end = End::kExited;
  g_control->steering_wanted = true;
  me().state = Thread::State::kLeft;
  hand_on(false);
  ::_exit(0);
}

Fate fate_of(int process) {
  const Process& one = g_control->all[static_cast<std::size_t>(process)];
  return {.end = one.end, .exit = one.exit};
}

void kill_process(int process) {
  Process& one = g_control->all[static_cast<std::size_t>(process)];
  if (one.end != End::kRuns) return;
  ::kill(one.pid, SIGKILL);
  one.end = End::kKilled;
  note(std::string("kills ") + one.name.data());
  bury(process);
}

void signal_process(int process, int signal) {
  Process& one = g_control->all[static_cast<std::size_t>(process)];
  if (one.end == End::kRuns) one.signal = signal;
}

bool steer(std::uint64_t duration_us) {
  g_control->stuck = false;
  (void)wait_for(0, g_control->now_us + duration_us);
  return !g_control->stuck;
}

SharedMemory::SharedMemory() {
  ++t_shared;
}
SharedMemory::~SharedMemory() {
  --t_shared;
}
void hold_shared_memory(bool held) {
  t_shared += held ? 1 : -1;
}

// --- for interposed.cc

bool takes_part() {
  return t_thread >= 0 && g_control != nullptr && !t_in_signal;
}

bool wait_for(std::uintptr_t object, std::uint64_t until_us) {
  Thread& mine = me();
  mine.state = Thread::State::kWaiting;
  mine.object = object;
  mine.until_us = until_us;
  mine.woken = false;
  g_control->waiting += object != 0 ? 1 : 0;
  hand_on(true);
  g_control->waiting -= object != 0 ? 1 : 0;
  mine.object = 0;
  mine.until_us = kNever;
  return mine.woken;
}

void wake(std::uintptr_t object, bool all) {
  if (t_thread < 0 || g_control->waiting == 0) return;
  std::array<int, kThreadsMax> waiting = {};
  std::size_t count = 0;
  for (int i = 0; i < g_control->threads_end; ++i) {
    const Thread& one = g_control->threads[static_cast<std::size_t>(i)];
    if (one.state == Thread::State::kWaiting && one.process == me().process && one.object == object)
      waiting[count++] = i;
  }
  if (count == 0) return;
  const std::size_t only = all ? 0 : draw(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (!all && i != only) continue;
    Thread& one = g_control->threads[static_cast<std::size_t>(waiting[i])];
    one.state = Thread::State::kReady;
    one.woken = true;
  }
}

void breathe() {
  if (one_in(g_control->chances.preempt)) yield();
}

int begin_thread(std::uintptr_t& object) {
  const int number = free_thread(me().process);
  object = reinterpret_cast<std::uintptr_t>(&g_control->threads[static_cast<std::size_t>(number)]);
  return number;
}
void enter_thread(int number) {
  t_thread = number;
  wait_for_turn();
}
void leave_thread() {
  wake(reinterpret_cast<std::uintptr_t>(&me()), true);
  me().state = Thread::State::kLeft;
  hand_on(false);
  t_thread = -1;
}
bool has_left(int number) {
  return g_control->threads[static_cast<std::size_t>(number)].state == Thread::State::kLeft;
}
void forget_thread(int number) {
  g_control->threads[static_cast<std::size_t>(number)].state = Thread::State::kFree;
}

namespace {

void* shared_bytes(std::size_t size) {
  constexpr std::size_t kAlign = alignof(std::max_align_t);
  const std::size_t at = g_control->shared_used;
  g_control->shared_used += (size + kAlign - 1) / kAlign * kAlign;
  if (g_control->shared_used > kSharedBytes) {
    std::fprintf(stderr, "simulation: the shared memory is full\n");
    std::abort();
  }
  return g_shared + at;
}

bool is_shared(const void* bytes) {
  return g_shared != nullptr && bytes >= g_shared && bytes < g_shared + kSharedBytes;
}

}  // namespace

void* allocate(std::size_t size) {
  if (t_shared > 0) return shared_bytes(size);
  return std::malloc(size == 0 ? 1 : size);
}
void give_back(void* bytes) {
  if (!is_shared(bytes)) std::free(bytes);
}

}  // namespace voyager::simulation

// NOLINTBEGIN: the global allocation functions.
void* operator new(std::size_t size) {
  void* bytes = voyager::simulation::allocate(size);
  if (bytes == nullptr) throw std::bad_alloc();
  return bytes;
}
void* operator new[](std::size_t size) {
  return operator new(size);
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return voyager::simulation::allocate(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return voyager::simulation::allocate(size);
}
void operator delete(void* bytes) noexcept {
  voyager::simulation::give_back(bytes);
}
void operator delete[](void* bytes) noexcept {
  voyager::simulation::give_back(bytes);
}
void operator delete(void* bytes, std::size_t) noexcept {
  voyager::simulation::give_back(bytes);
}
void operator delete[](void* bytes, std::size_t) noexcept {
  voyager::simulation::give_back(bytes);
}
// NOLINTEND

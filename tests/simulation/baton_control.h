// What baton.cc and interposed.cc share: the words by which threads wait and are woken. In the memory of all processes.
#pragma once

#include <cstdint>

namespace voyager::simulation {

constexpr std::uint64_t kNever = ~std::uint64_t{0};
constexpr std::uintptr_t kDescriptors = 1;  ///< Waits for a descriptor of its process.

/// True in a thread that takes part.
bool takes_part();
/// Waits until `object`, a thing of this process, is told of, or until that time. False when the time came.
bool wait_for(std::uintptr_t object, std::uint64_t until_us);
/// Wakes those of this process that wait for it: one, whom the seed chooses, or all.
void wake(std::uintptr_t object, bool all);
/// A place where the seed may let another thread go on, and nobody is killed.
void breathe();
/// Wall time at the beginning of each simulation.
constexpr std::uint64_t kWallBegin_s = 1'767'225'600;

/// For threads: the number of the one that is made, which runs when it is its turn.
int begin_thread(std::uintptr_t& object);
void enter_thread(int number);
void leave_thread();
bool has_left(int number);
void forget_thread(int number);

}  // namespace voyager::simulation

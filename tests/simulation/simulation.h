// One seed: a whole migration with its databases, its users and its misfortunes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "connectors/fake/world.h"

namespace voyager::simulation {

enum class Kind { kOffline, kForward, kFallBack, kFallForward, kIteration };

struct Outcome {
  std::uint64_t hash = 0;
  std::uint64_t steps = 0;
  std::uint64_t seconds = 0;  ///< Of the simulated time.
  std::uint32_t kills = 0;
  std::string fault = {};  ///< Empty: everything held.
};

struct Order {
  std::uint64_t seed = 0;
  fake::PlantedFault planted = fake::PlantedFault::kNone;
  bool trace = false;
};

/// Runs it in a process of its own; `folder` is for its files, and is gone afterwards. One at a time in a thread.
Outcome simulate(const Order& order, const std::filesystem::path& folder);

}  // namespace voyager::simulation

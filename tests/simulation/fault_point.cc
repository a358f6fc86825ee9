// In place of base/fault_point.cc: what the program passes between two durable effects is a point of the simulation.
#include "base/fault_point.h"

#include "baton.h"

namespace voyager::base {

void fault_point(std::string_view name) {
  simulation::point(name);
}

std::span<const std::string_view> fault_point_names() {
  return {};
}

}  // namespace voyager::base

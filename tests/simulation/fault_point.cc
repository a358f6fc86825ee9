// In place of base/fault_point.cc: what the program passes between two durable effects is a point of the simulation.
#include "base/fault_point.h"

#include "baton.h"

namespace voyager::base {

FaultPoint::FaultPoint(std::string_view name) : name_(name), next_(nullptr) {}

void FaultPoint::pass() const {
  simulation::point(name_);
}

std::vector<std::string_view> fault_point_names() {
  return {};
}

}  // namespace voyager::base

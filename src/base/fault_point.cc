#include "base/fault_point.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/text.h"

namespace voyager::base {
namespace {

// Points are made while the program starts, in any order.
constinit const FaultPoint* last_made = nullptr;

enum class Action { kKill, kError };

struct Plan {
  std::string name = {};
  int nth = 1;
  Action action = Action::kKill;
};

Plan read_plan() {
  const char* text = std::getenv("YB_VOYAGER_FAULT");
  if (text == nullptr || *text == '\0') return {};
  const std::vector<std::string> parts = split(text, ':');
  Plan plan{.name = parts[0]};
  if (parts.size() > 1) plan.nth = std::atoi(parts[1].c_str());
  if (parts.size() > 2 && parts[2] == "error") plan.action = Action::kError;
  const std::vector<std::string_view> names = fault_point_names();
  if (std::ranges::find(names, plan.name) == names.end()) {
    fail(ExitCode::kUsage, "YB_VOYAGER_FAULT names an unknown fault point: " + plan.name);
  }
  return plan;
}

}  // namespace

FaultPoint::FaultPoint(std::string_view name) : name_(name), next_(std::exchange(last_made, this)) {}

void FaultPoint::pass() const {
  static const Plan plan = read_plan();
  if (plan.name.empty() || plan.name != name_) return;
  static std::atomic<int> arrivals = 0;
  if (++arrivals != plan.nth) return;
  if (plan.action == Action::kKill) {
    ::kill(::getpid(), SIGKILL);
    ::pause();
  }
  fail(ExitCode::kFailure, "fault injected at " + std::string(name_));
}

std::vector<std::string_view> fault_point_names() {
  std::vector<std::string_view> out;
  for (const FaultPoint* one = last_made; one != nullptr; one = one->next_) out.push_back(one->name_);
  std::ranges::sort(out);
  return out;
}

}  // namespace voyager::base

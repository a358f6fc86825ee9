#include "connector/changes.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"

namespace voyager::connector {

std::string names_of(const std::vector<ApplyHook>& hooks) {
  VOY_ASSERT(!hooks.empty());
  return hooks.front().name + (hooks.size() == 1 ? "" : fmt::format(" and {} more", hooks.size() - 1));
}

std::string why_acting(const std::vector<ApplyHook>& hooks) {
  return std::ranges::any_of(hooks, &ApplyHook::right_missing)
             ? "which this user may not switch off for its session"
             : "which no setting of a session switches off (ENABLE ALWAYS or REPLICA)";
}

}  // namespace voyager::connector

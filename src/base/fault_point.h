// Named places where a test may kill the program.
#pragma once

#include <span>
#include <string_view>

namespace voyager::base {

/// A checkpoint: a moment between two durable effects. It stays in the release build, so what is tested is what ships.
/// The environment variable YB_VOYAGER_FAULT="<name>[:<n>[:<action>]]" acts at the n-th arrival (default 1); the action
/// is `kill` (SIGKILL to ourselves, the default) or `error` (throws an Error). Costs one load when the variable is not
/// set.
void fault_point(std::string_view name);

/// Every name in use, for the crash tests: a name not listed in fault_point.cc is a programmer error.
std::span<const std::string_view> fault_point_names();

}  // namespace voyager::base

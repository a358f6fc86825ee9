// Named places where a test may kill the program.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

namespace voyager::base {

/// The name of a fault point: known while the program is compiled.
template <std::size_t size>
struct FaultPointName {
  char text[size] = {};
  // NOLINTNEXTLINE(google-explicit-constructor): "area.what_is_done" is one.
  consteval FaultPointName(const char (&name)[size]) { std::copy_n(name, size, text); }
};

/// What `fault_point` passes.
class FaultPoint {
 public:
  /// Lives as long as the program, as does `name`.
  explicit FaultPoint(std::string_view name);
  FaultPoint(const FaultPoint&) = delete;
  FaultPoint& operator=(const FaultPoint&) = delete;

  void pass() const;

 private:
  friend std::vector<std::string_view> fault_point_names();
  const std::string_view name_;
  const FaultPoint* const next_;
};

template <FaultPointName kName>
inline const FaultPoint kFaultPoint{kName.text};

/// A checkpoint: a moment between two durable effects. It stays in the release build, so what is tested is what ships.
/// The environment variable YB_VOYAGER_FAULT="<name>[:<n>[:<action>]]" acts at the n-th arrival (default 1); the action
/// is `kill` (SIGKILL to ourselves, the default) or `error` (throws an Error). Costs one load when the variable is not
/// set. Nobody lists the names: a point is known, before it is passed, because it is compiled.
template <FaultPointName kName>
void fault_point() {
  kFaultPoint<kName>.pass();
}

/// Of all points in the program, sorted. For the crash tests.
std::vector<std::string_view> fault_point_names();

}  // namespace voyager::base

// Numbers of reports as other tools write them.
#pragma once

#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>

namespace voyager::report {

/// A whole number has no fraction: 3, not 3.0, which some readers refuse as an integer.
inline nlohmann::ordered_json number_json(double value) {
  constexpr double kExactMax = 9'007'199'254'740'992;  // 2^53
  const bool whole = std::fabs(value) <= kExactMax && std::trunc(value) == value;
  return whole ? nlohmann::ordered_json(static_cast<std::int64_t>(value)) : nlohmann::ordered_json(value);
}

}  // namespace voyager::report

// Numbers as servers write them.
#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>

namespace voyager::format {

/// The whole text as a finite number, or nothing.
inline std::optional<double> read_real(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

/// The whole text as an integer, also one that is written with a point or an exponent ("1.2e+06"), or nothing.
inline std::optional<std::int64_t> read_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size()) return value;
  const std::optional<double> real = read_real(text);
  constexpr double kLimit = 9.2e18;
  if (!real || *real != std::floor(*real) || std::abs(*real) > kLimit) return std::nullopt;
  return static_cast<std::int64_t>(*real);
}

}  // namespace voyager::format

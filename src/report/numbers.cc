#include "report/numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"

namespace voyager::report {

namespace {

constexpr std::array kUnits{"B", "KiB", "MiB", "GiB", "TiB", "PiB"};

/// The unit in which `bytes` reads below 1024, as its power.
std::size_t unit_of(double bytes) {
  std::size_t power = 0;
  while (bytes >= 1023.5 && power + 1 < kUnits.size()) {
    bytes /= 1024;
    ++power;
  }
  return power;
}

std::string in_unit(double bytes, std::size_t power) {
  const double value = bytes / std::pow(1024.0, static_cast<double>(power));
  return power == 0 || value >= 9.95 || value == 0 ? fmt::format("{:.0f}", value) : fmt::format("{:.1f}", value);
}

}  // namespace

std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", base::format_count(count), count == 1 ? one : many);
}

std::string moment_text(std::string_view time) {
  if (time.size() < 20 || time[10] != 'T' || time.back() != 'Z') return std::string(time);
  return fmt::format("{} {} UTC", time.substr(0, 10), time.substr(11, 8));
}

std::string short_bytes(double bytes) {
  const std::size_t power = unit_of(bytes);
  return fmt::format("{} {}", in_unit(bytes, power), kUnits[power]);
}

std::string done_of_total(std::uint64_t done, std::uint64_t total, bool estimate) {
  if (total == 0) return short_bytes(static_cast<double>(done));
  const std::size_t power = unit_of(static_cast<double>(total));
  return fmt::format("{} / {}{} {}", in_unit(static_cast<double>(done), power), estimate ? "~" : "",
                     in_unit(static_cast<double>(total), power), kUnits[power]);
}

std::string byte_rate(double bytes_per_s) {
  return short_bytes(bytes_per_s) + "/s";
}

std::string row_rate(double rows_per_s) {
  if (rows_per_s >= 999'500'000) return fmt::format("{:.1f} G rows/s", rows_per_s / 1e9);
  if (rows_per_s >= 999'950) return fmt::format("{:.1f} M rows/s", rows_per_s / 1e6);
  return fmt::format("{} rows/s",
                     base::format_count(static_cast<std::uint64_t>(std::lround(std::max(0.0, rows_per_s)))));
}

std::string eta_words(double seconds) {
  const auto whole = static_cast<std::uint64_t>(std::ceil(seconds));
  if (whole < 60) return fmt::format("{} s", whole);
  const std::uint64_t minutes = (whole + 59) / 60;
  if (minutes < 60) return fmt::format("{} min", minutes);
  return fmt::format("{} h {:02} min", minutes / 60, minutes % 60);
}

std::string eta_compact(double seconds) {
  const auto whole = static_cast<std::uint64_t>(std::ceil(seconds));
  if (whole < 60) return fmt::format("{}s", whole);
  const std::uint64_t minutes = (whole + 59) / 60;
  if (minutes < 60) return fmt::format("{}m", minutes);
  return fmt::format("{}h{:02}m", minutes / 60, minutes % 60);
}

std::string without_blanks(std::string text) {
  std::erase(text, ' ');
  return text;
}

}  // namespace voyager::report

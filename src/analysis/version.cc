#include "analysis/version.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <system_error>

#include "base/text.h"

namespace voyager::analysis {
namespace {

constexpr std::array<std::string_view, 8> kStableSeries = {"2.14",   "2.18",   "2.20",   "2024.1",
                                                           "2024.2", "2025.1", "2025.2", "2026.1"};
constexpr std::array<std::string_view, 3> kPreviewSeries = {"2.21", "2.23", "2.25"};
constexpr std::string_view kDefault = "2025.2.3.0";

bool reached(const std::vector<std::string_view>& firsts, const Version& version) {
  return std::ranges::any_of(firsts, [&](std::string_view text) {
    const Version first = parse_version(text).value_or(Version{});
    return first.series() == version.series() && version >= first;
  });
}

}  // namespace

std::string Version::series() const {
  return fmt::format("{}.{}", parts[0], parts[1]);
}

std::string Version::text() const {
  return fmt::format("{}.{}.{}.{}", parts[0], parts[1], parts[2], parts[3]);
}

std::optional<Version> parse_version(std::string_view text) {
  const std::vector<std::string> parts = base::split(text, '.');
  Version version;
  if (parts.size() != version.parts.size()) return std::nullopt;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const char* end = parts[i].data() + parts[i].size();
    const bool digits = !parts[i].empty() && std::ranges::all_of(parts[i], [](char c) { return c >= '0' && c <= '9'; });
    if (!digits || std::from_chars(parts[i].data(), end, version.parts[i]).ec != std::errc{}) return std::nullopt;
  }
  return version;
}

bool is_known_series(const Version& version) {
  const std::string series = version.series();
  return std::ranges::find(kStableSeries, series) != kStableSeries.end() ||
         std::ranges::find(kPreviewSeries, series) != kPreviewSeries.end();
}

Version default_version() {
  return *parse_version(kDefault);
}

std::string known_series() {
  std::string text;
  for (const std::string_view one : kStableSeries) text += fmt::format("{}{}", text.empty() ? "" : ", ", one);
  for (const std::string_view one : kPreviewSeries) text += fmt::format(", {}", one);
  return text;
}

Maturity FixedIn::in(const Version& version) const {
  if (reached(supported, version)) return Maturity::kSupported;
  if (reached(early_access, version)) return Maturity::kEarlyAccess;
  if (reached(tech_preview, version)) return Maturity::kTechPreview;
  return Maturity::kUnsupported;
}

model::FixedVersions fixed_versions(const FixedIn& fixed) {
  std::vector<std::string> entries;
  const auto by_series = [&entries](const std::vector<std::string_view>& versions, std::string_view mark) {
    std::map<std::string, std::string> first;
    for (const std::string_view text : versions) first[parse_version(text).value_or(Version{}).series()] = text;
    for (const auto& [series, version] : first)
      entries.push_back(fmt::format(">={} ({} series){}", version, series, mark));
    return first;
  };
  model::FixedVersions out{.supported = by_series(fixed.supported, ""),
                           .early_access = by_series(fixed.early_access, " (EA)"),
                           .tech_preview = by_series(fixed.tech_preview, " (TP)")};
  std::ranges::sort(entries);
  out.text = base::join(entries, ", ");
  return out;
}

}  // namespace voyager::analysis

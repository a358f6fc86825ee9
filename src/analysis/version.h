// Versions of the target, and in which of them something is supported.
#pragma once

#include <array>
#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/schema_analysis.h"

namespace voyager::analysis {

/// A.B.C.D. Two versions are compared within one series (A.B) only: stable and preview series run side by side.
struct Version {
  std::array<int, 4> parts = {};
  std::string series() const;
  std::string text() const;
  auto operator<=>(const Version&) const = default;
};

/// Exactly four numbers, nothing else.
std::optional<Version> parse_version(std::string_view text);
/// The series is one that the table of issues knows about.
bool is_known_series(const Version& version);
/// The newest stable version that the table knows about: what is assumed when nobody says.
Version default_version();
/// "2024.2, 2025.1, ...": for messages.
std::string known_series();

/// How far an issue is mended in one version.
enum class Maturity { kUnsupported, kTechPreview, kEarlyAccess, kSupported };

/// The versions from which on an issue is no longer one (GA), or is none for who switches an early feature on.
struct FixedIn {
  std::vector<std::string_view> supported = {};
  std::vector<std::string_view> early_access = {};
  std::vector<std::string_view> tech_preview = {};
  Maturity in(const Version& version) const;
};

/// As reports show it: ">=2024.2.0.0 (2024.2 series), >=2025.1.0.0 (2025.1 series) (TP)".
model::FixedVersions fixed_versions(const FixedIn& fixed);

}  // namespace voyager::analysis

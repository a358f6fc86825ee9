#include "analysis/version.h"

#include <gtest/gtest.h>

namespace voyager::analysis {
namespace {

TEST(Version, FourNumbersAndNothingElse) {
  EXPECT_EQ(parse_version("2025.2.3.0")->text(), "2025.2.3.0");
  for (const char* bad : {"", "2025.2", "2025.2.3", "2025.2.3.0.1", "2025.2.3.x", "2025..3.0", " 2025.2.3.0",
                          "2025.2.3.0-b1", "-1.2.3.4", "99999999999.1.1.1"}) {
    EXPECT_FALSE(parse_version(bad).has_value()) << bad;
  }
}

TEST(Version, SeriesThatAreKnown) {
  EXPECT_TRUE(is_known_series(*parse_version("2025.2.99.0")));
  EXPECT_TRUE(is_known_series(*parse_version("2.25.0.0")));
  EXPECT_FALSE(is_known_series(*parse_version("2027.1.0.0")));
  EXPECT_TRUE(is_known_series(default_version()));
}

TEST(FixedIn, IsComparedWithinASeries) {
  const FixedIn fixed{.supported = {"2024.2.8.0", "2026.1.0.0"},
                      .early_access = {"2025.2.2.0"},
                      .tech_preview = {"2025.2.1.0", "2026.1.0.0"}};
  const auto in = [&fixed](const char* version) { return fixed.in(*parse_version(version)); };
  EXPECT_EQ(in("2024.2.7.9"), Maturity::kUnsupported);
  EXPECT_EQ(in("2024.2.8.0"), Maturity::kSupported);
  EXPECT_EQ(in("2024.2.10.0"), Maturity::kSupported);
  EXPECT_EQ(in("2025.1.9.9"), Maturity::kUnsupported);
  EXPECT_EQ(in("2025.2.1.5"), Maturity::kTechPreview);
  EXPECT_EQ(in("2025.2.2.0"), Maturity::kEarlyAccess);
  EXPECT_EQ(in("2026.1.0.0"), Maturity::kSupported);
}

TEST(FixedIn, IsToldAsAList) {
  EXPECT_EQ(fixed_versions({}).text, "");
  const model::FixedVersions told =
      fixed_versions({.supported = {"2025.1.0.0", "2024.2.0.0"}, .tech_preview = {"2.25.1.0"}});
  EXPECT_EQ(told.text, ">=2.25.1.0 (2.25 series) (TP), >=2024.2.0.0 (2024.2 series), >=2025.1.0.0 (2025.1 series)");
  EXPECT_EQ(told.supported.at("2024.2"), "2024.2.0.0");
  EXPECT_EQ(told.tech_preview.size(), 1U);
}

}  // namespace
}  // namespace voyager::analysis

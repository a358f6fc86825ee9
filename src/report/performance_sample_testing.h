// Values for tests of the performance report.
#pragma once

#include <string>

#include "model/performance_comparison.h"

namespace voyager::report::testing {

inline model::QueryStatistics sample_statistics(const std::string& query, std::int64_t calls, double mean) {
  return {.id = "-42",
          .query = query,
          .calls = calls,
          .rows = 7,
          .total_ms = mean * static_cast<double>(calls),
          .mean_ms = mean,
          .min_ms = mean / 2,
          .max_ms = mean * 2};
}

/// One query of each kind, with text that would be code if it were not escaped.
inline model::PerformanceComparison sample_comparison() {
  model::PerformanceComparison comparison{.program_version = "0.1.0",
                                          .made_at = "2026-01-02T03:04:05Z",
                                          .source_product = "postgresql",
                                          .source_version = "PostgreSQL 15.1",
                                          .source_database = "shop",
                                          .target_version = "YugabyteDB 2025.2",
                                          .target_database = "<yb>"};
  comparison.all = {
      {.query = "select only_source",
       .source = sample_statistics("select only_source", 99, 1),
       .status = model::MatchStatus::kSourceOnly,
       .source_texts = 1},
      {.query = "select a\n  from t -- </script></pre><img src=x> <script>alert(1)</script>",
       .source = sample_statistics("select a\n  from t -- </script></pre><img src=x> <script>alert(1)</script>", 10, 1),
       .target = sample_statistics("SELECT a FROM t", 20, 5),
       .kind = model::MatchKind::kNormalised,
       .impact_ms = 80,
       .slowdown = 7.0 / 3,
       .source_texts = 2,
       .target_texts = 1},
      {.query = "select b",
       .source = sample_statistics("select b", 500, 2000),
       .target = sample_statistics("select b", 500, 1000),
       .kind = model::MatchKind::kExact,
       .impact_ms = -500'000,
       .slowdown = 0.5,
       .source_texts = 1,
       .target_texts = 1},
      {.query = "select only_target",
       .target = sample_statistics("select only_target", 1, 0),
       .status = model::MatchStatus::kTargetOnly,
       .target_texts = 1}};
  comparison.top_by_impact = {1, 2};
  comparison.top_by_slowdown = {1, 2};
  return comparison;
}

}  // namespace voyager::report::testing

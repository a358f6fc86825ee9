// How long a workload's queries take on the target, beside how long they took on the source.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/query_statistics.h"

namespace voyager::model {

enum class MatchStatus : std::uint8_t { kMatched, kSourceOnly, kTargetOnly };

enum class MatchKind : std::uint8_t {
  kNone,        ///< One side only.
  kExact,       ///< The texts are equal.
  kNormalised,  ///< The texts differ in white space, comments, letter case or literals only.
};

/// One query of the source, of the target, or of both.
struct QueryComparison {
  std::string query = {};  ///< The source's text where the source has the query.
  std::optional<QueryStatistics> source = {};
  std::optional<QueryStatistics> target = {};
  MatchStatus status = MatchStatus::kMatched;
  MatchKind kind = MatchKind::kNone;
  double impact_ms = -1;         ///< Time lost (or, below 0, saved) over all calls on the target; -1: not matched.
  double slowdown = -1;          ///< Target's mean to source's mean, damped; -1: not matched.
  std::size_t source_texts = 0;  ///< Different texts that `source` is the sum of.
  std::size_t target_texts = 0;
};

struct PerformanceComparison {
  std::string program_version = {};
  std::string made_at = {};         ///< RFC 3339, UTC.
  std::string source_product = {};  ///< postgresql
  std::string source_version = {};
  std::string source_database = {};
  std::string target_version = {};
  std::string target_database = {};
  std::vector<QueryComparison> all = {};  ///< In the source's order; what only the target has comes last.
  /// Indexes into `all`, worst first, matched ones only.
  std::vector<std::size_t> top_by_impact = {};
  std::vector<std::size_t> top_by_slowdown = {};

  std::size_t count(MatchStatus status) const {
    std::size_t found = 0;
    for (const QueryComparison& one : all) found += one.status == status ? 1U : 0U;
    return found;
  }
  std::size_t count(MatchKind kind) const {
    std::size_t found = 0;
    for (const QueryComparison& one : all) found += one.kind == kind ? 1U : 0U;
    return found;
  }
};

}  // namespace voyager::model

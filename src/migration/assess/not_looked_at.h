// What the assessment of issues did not see, in words.
#pragma once

#include <span>
#include <vector>

#include "migration/analyze/issue_values.h"
#include "model/assessment.h"

namespace voyager::migration {

struct NotLookedAtInput {
  const analysis::Analysis& analysis;
  const SchemaPlaces& places;
  std::span<const std::string_view> queries = {};
  /// Findings that no assessment carries: analyze-schema tells them.
  std::span<const analysis::Finding> left_out = {};
};

/// Statements, bodies and queries that the grammar does not read, statements that fit no kind of object, and findings
/// that are left to analyze-schema. Long lists are cut, with a count.
std::vector<model::NotLookedAt> not_looked_at(const NotLookedAtInput& input);

}  // namespace voyager::migration

// Issues on their way into the assessment.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "analysis/finding.h"
#include "model/schema_analysis.h"

namespace voyager::migration {

/// Beside each issue the finding that it was made of, for what no report shows: the object alone ("app.t", "i ON
/// app.t") and the constraint. The finding's texts are the issue's now.
struct AssessedFindings {
  std::vector<model::AnalysisIssue> issues = {};
  std::vector<analysis::Finding> findings = {};
};

/// "public.t" for "t"; others as they are.
std::string qualified(std::string_view name);
/// The table of an index that is written "i ON app.t", and the index with the table's schema: "app.i".
std::string table_of_index(std::string_view index);
std::string qualified_index(std::string_view index);

}  // namespace voyager::migration

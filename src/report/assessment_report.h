// The report of assess-migration in its forms. All are made from the same values and cannot disagree.
#pragma once

#include <string>

#include "model/assessment.h"

namespace voyager::report {

/// Documented keys (docs/reference/assessment-report.md), indented by tabs.
std::string assessment_json(const model::Assessment& assessment);
/// One file without network access; readable without script, on paper and in the dark.
std::string assessment_html(const model::Assessment& assessment);
/// A few lines for the terminal: complexity, counts, sizing, what to do first, what was not looked at.
std::string assessment_summary(const model::Assessment& assessment);

}  // namespace voyager::report

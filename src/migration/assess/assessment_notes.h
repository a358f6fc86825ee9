// The remarks at the end of an assessment.
#pragma once

#include <vector>

#include "model/assessment.h"

namespace voyager::migration {

/// `settled_types`: issues that this version of the target no longer has.
std::vector<model::AssessmentNote> assessment_notes(const model::Assessment& assessment,
                                                    const std::vector<std::string>& settled_types);

}  // namespace voyager::migration

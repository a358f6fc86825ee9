// Issues of a source whose schema is converted: what of it is not on the target or is something else there. No
// statement tells, because none was written.
#pragma once

#include <string_view>
#include <vector>

#include "analysis/issue.h"

namespace voyager::analysis {

inline constexpr std::string_view kNotTranslated = "NOT_TRANSLATED";
inline constexpr std::string_view kConvertedWithChange = "CONVERTED_WITH_CHANGE";
inline constexpr std::string_view kUnfitValues = "UNFIT_VALUES";

std::vector<Issue> conversion_issues();

}  // namespace voyager::analysis

// The rehearsal of a cutover: values in, words out.
#pragma once

#include <string>

#include "model/readiness.h"
#include "report/table.h"

namespace voyager::report {

/// One line a check, "ok" or "not ok" first, what to do below it; the last line says whether the cutover could go ahead
/// and how long it would take. Ends with a newline.
std::string readiness_text(const model::Readiness& readiness, const TextStyle& style);
/// {"format_version":1,"cutover_to","ready","uncaptured_bytes","unapplied_changes","lag_s","changes_per_s","estimated_s",
/// "checks":[{ok,what,detail,fix}]}
std::string readiness_json(const model::Readiness& readiness);

}  // namespace voyager::report

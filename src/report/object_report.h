// What became of every object of the source.
#pragma once

#include <string>
#include <vector>

#include "model/schema_object.h"

namespace voyager::report {

/// reports/objects.json. Keys: docs/reference/object-report.md.
std::string object_report_json(const model::ObjectReport& report);

/// The section of a page: counts, and each object that was changed or left out, as far as a page can bear.
std::string object_section_html(const std::vector<model::SchemaObject>& objects);

/// "1,203 objects: 1,180 moved, 3 with a change, 20 left out".
std::string object_summary(const std::vector<model::SchemaObject>& objects);

}  // namespace voyager::report

// Functions of the server that detectors know by name.
#pragma once

#include <string_view>

namespace voyager::analysis {

/// "advisory", "xml", "large object", "regex", "any_value", "range" or "notify": the argument of the row that tells the
/// function. Empty for any other.
std::string_view function_kind(std::string_view name);
bool is_large_object_function(std::string_view name);
bool returns_jsonb(std::string_view name);

}  // namespace voyager::analysis

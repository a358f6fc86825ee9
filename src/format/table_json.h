// Tables as JSON text: how the state keeps what the catalog said.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "model/table.h"

namespace voyager::format {

/// One table with every field of model::Table. Unknown keys are ignored when reading; damage throws Error (DIR-005).
std::string table_to_json(const model::Table& table);
model::Table table_from_json(const std::string& text);
model::Table table_from_json(const nlohmann::json& value);

}  // namespace voyager::format

// The target's tables as import schema notes them in the state (JSON key `target_tables`), for the choice of binary
// rows.
#pragma once

#include <string>
#include <vector>

#include "model/table.h"

namespace voyager::format {

std::string target_tables_to_json(const std::vector<model::Table>& tables);
/// Throws Error (DIR-005) on damaged text.
std::vector<model::Table> target_tables_from_json(const std::string& text);

}  // namespace voyager::format

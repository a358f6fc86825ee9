// Gives the schema that tables of the state are in another name.
#pragma once

#include <filesystem>

#include "model/identifier.h"

namespace voyager::format {

/// In one transaction, in the plan, the chunks, the sequences, the objects and the statements that wait. Names of files
/// stay what they are.
void rename_schema(const std::filesystem::path& export_dir, const model::Identifier& from, const model::Identifier& to);

}  // namespace voyager::format

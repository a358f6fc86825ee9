// The four table-list flags as one value.
#pragma once

#include "cli/values.h"
#include "model/table_list.h"

namespace voyager::cli {

/// Reads the list files too. Throws Error (kUsage) when one of them cannot be read.
model::TableList table_lists(const Values& values);

}  // namespace voyager::cli

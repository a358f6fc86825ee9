// What `export data` and `copy data` share.
#pragma once

#include "cli/flag.h"
#include "cli/values.h"
#include "migration/snapshot/export_data.h"

namespace voyager::cli {

/// Which types columns get.
FlagGroup type_rule_flags();
/// Throws Error (kUsage) where the source's types stay what they are.
void check_type_rules(const Values& values);

/// Which rows are read, and in which form.
FlagGroup read_rows_flags();
migration::DataFormat data_format(const Values& values);

}  // namespace voyager::cli

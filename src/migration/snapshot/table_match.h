// Whether the rows of a source's table fit the target's: columns by name, and their types.
#pragma once

#include <string>
#include <vector>

#include "model/snapshot.h"
#include "model/table.h"

namespace voyager::migration {

/// The target's columns that a source table's rows are sent to: exactly the same name, else the only one that differs
/// in case. Throws Error (kState) when some are missing.
std::vector<model::Column> columns_on_target(const model::Table& source, const model::Table& target);

/// True when a value of type `from` (model::Column::value_type), sent to a column of type `to`, is stored as the same
/// value or refused; false when it may be changed without a word: rounded, cut, read in another time zone.
bool keeps_values(const std::string& from, const std::string& to);

/// What a table's rows would meet. Texts name the column: "public.t.n: integer, now real".
struct ColumnDoubts {
  /// Must not be loaded: binary rows of another type, or a column that would stay empty or cannot be sent.
  std::vector<std::string> refused = {};
  /// May change values; the user is told.
  std::vector<std::string> doubtful = {};
};
/// Compares what was exported with what the target has now.
void compare_columns(const model::PlannedTable& source, const model::Table& target, ColumnDoubts& doubts);
/// Whether columns_on_target finds all, and none is refused.
bool columns_fit(const model::PlannedTable& source, const model::Table& target);

}  // namespace voyager::migration

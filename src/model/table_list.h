// Which tables a run works on: --table-list, --exclude-table-list and their file twins.
#pragma once

#include <string>
#include <vector>

#include "model/identifier.h"
#include "model/table.h"

namespace voyager::model {

/// Patterns as typed: `name`, `schema.name`, globs (`*`, `?`, `[a-z]`), double quotes keep case and are exact. A bare
/// pattern means the default schema. Empty include list = all.
struct TableList {
  std::vector<std::string> include = {};
  std::vector<std::string> exclude = {};
};

/// Splits a list given as text (comma separated, quotes respected) or read from a file (commas and line ends).
std::vector<std::string> split_table_list(const std::string& text);

/// The tables of `all` that are in scope, in order: a root brings its leaves, a leaf named alone brings its root and no
/// other leaf. A pattern that matches nothing throws Error (kUsage) that lists the valid names and the nearest one.
std::vector<Table> select_tables(const std::vector<Table>& all, const TableList& list,
                                 const Identifier& default_schema);

}  // namespace voyager::model

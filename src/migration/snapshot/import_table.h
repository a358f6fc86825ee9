// A table on its way: where rows go, and what has to happen to it around them.
#pragma once

#include <cstddef>
#include <vector>

#include "model/post_data_statement.h"
#include "model/table.h"

namespace voyager::migration {

struct ImportTable {
  model::Table target = {};  ///< As the target describes it.
  std::size_t board_item = 0;
  std::vector<model::PostDataStatement> statements = {};  ///< Run when its rows are in.
  bool triggers_on = false;                               ///< As BatchRequest::triggers_on.
  bool rows_depend = false;  ///< A row may be refused only because one of another table is not there yet.
  int turn = 0;              ///< As WorkBoard::add_table.
};

/// The text that a stopped import ends with.
inline constexpr const char* kImportResume =
    "run the same command again: it asks the target what is in and goes on from there";

}  // namespace voyager::migration

// Which columns a message of logical replication speaks of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "connectors/postgresql/pgoutput.h"

namespace voyager::postgresql {

/// A column of a table as the catalogue is now; a dropped one keeps its number and nothing else.
struct CatalogColumn {
  std::uint32_t number = 0;
  std::string name = {};
  bool dropped = false;
  bool computed = false;
  std::uint32_t type = 0;
  std::int32_t modifier = -1;
  std::uint32_t root_number = 0;  ///< Of the root's column of this name; 0: none.
  std::string add_sql = {};       ///< Of a computed one.
};

/// For each column of the message, which was written when the table was what it was then, the index of the column in
/// `now`, all columns that the table has or had. Numbers grow, a column that is there now was there ever since its
/// number was given, and one that is gone may have been there: names and types tell which. `at_start`: the columns when
/// the capture began, by number; what was gone by then is in no message. Nothing where two answers are as good.
///
/// Of a column that was dropped and one of the same name and type that was added the later is taken.
std::optional<std::vector<std::size_t>> columns_of_message(const Relation& message, std::span<const CatalogColumn> now,
                                                           const std::map<std::uint32_t, std::string>& at_start);

}  // namespace voyager::postgresql

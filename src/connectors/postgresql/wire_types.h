// Which types have the same binary form on every server that we move rows between.
#pragma once

#include <string>
#include <string_view>

namespace voyager::postgresql {

/// What the catalog says of a column's type after looking through domains.
struct BaseType {
  std::string_view name = {};  ///< pg_type.typname
  bool builtin = false;
  char typtype = 'b';
};

/// The value of model::Column::wire_type: the built-in type's name ("int4", "_text", "int4range"), "enum", or empty
/// when the binary form is not known to mean the same everywhere. A type whose binary form grew new meanings in some
/// release carries that release ("interval.17"), so that only servers on the same side of it agree.
std::string wire_type(const BaseType& type, int server_major);

}  // namespace voyager::postgresql

// From the text of a dump to the files below schema/.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace voyager::migration {

struct SchemaFiles {
  std::map<std::string, std::string> text = {};  ///< By path below schema/. Only files with statements.
  std::size_t uncategorized = 0;                 ///< Statements in uncategorized.sql.
};

/// Sorts the statements of a plain-text pg_dump (any version) by the object type in the comment above each, keeping
/// only the selected `types`. Every file starts with the session settings of the dump. Statements are copied byte by
/// byte; the dump's own comments, its psql lines and what follows its end mark are left out.
SchemaFiles split_dump(std::string_view dump, const std::vector<std::string>& types);

}  // namespace voyager::migration

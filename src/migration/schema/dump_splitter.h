// From the text of a dump to the files below schema/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace voyager::migration {

/// One entry of a dump and what became of it. None is without one of `file` and `reason`.
struct DumpEntry {
  std::string key = {};     ///< "1259/16384": catalogue and OID; empty where the dump tells none.
  std::string type = {};    ///< "TABLE", as pg_dump calls it.
  std::string schema = {};  ///< Empty for what is in none.
  std::string name = {};
  std::string owner = {};
  std::string file = {};       ///< Below schema/, where its statements went; empty: left out.
  std::string reason = {};     ///< Why left out.
  std::string change = {};     ///< What of its statements was changed.
  std::string statement = {};  ///< Of what was left out.
  bool owner_left_out = false;
  std::vector<std::uint64_t> fingerprints = {};  ///< Of its statements in `file`; not of owners.
};

struct SchemaFiles {
  std::map<std::string, std::string> text = {};  ///< By path below schema/. Only files with statements.
  std::size_t uncategorized = 0;                 ///< Statements in uncategorized.sql.
  std::vector<DumpEntry> entries = {};           ///< All of the dump, in its order.
};

struct SplitOptions {
  std::vector<std::string> types = {};  ///< types_to_export()
  /// Schemas that are exported; an extension in another one gets that made. Empty: all are there.
  std::vector<std::string> schemas = {};
  std::map<std::string, std::string> left_out = {};  ///< Key to the reason why that object is left out.
};

/// Sorts the statements of a plain-text pg_dump (any version) by the object type in the comment above each. Every file
/// starts with the session settings of the dump. Statements are copied byte by byte, but for secrets in the options of
/// foreign servers; owners get a file of their own. The dump's own comments, its psql lines and what follows its end
/// mark are left out. What is said of an object (comment, rights, label) goes with it. A type that is not known goes to
/// uncategorized.sql.
SchemaFiles split_dump(std::string_view dump, const SplitOptions& options);

}  // namespace voyager::migration

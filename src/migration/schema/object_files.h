// From the objects that a source writes to the files below schema/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "connector/source.h"

namespace voyager::migration {

/// An object of the source's text and what became of it. None is without one of `file` and `reason`.
struct FiledObject {
  std::string key = {};   ///< WrittenObject::key
  std::string kind = {};  ///< "TABLE"
  std::string schema = {};
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
  std::vector<FiledObject> objects = {};         ///< All of the source's text, in its order.
};

struct FilingOptions {
  std::vector<std::string> types = {};               ///< types_to_export()
  std::map<std::string, std::string> left_out = {};  ///< Key to the reason why that object is left out.
};

/// Sorts statements by the kinds of their objects. Every file starts with the session settings of the source.
/// Statements are copied byte by byte, but for secrets in the options of foreign servers; owners get a file of their
/// own. What is said of an object (comment, rights, label) goes with it. A kind that is not known goes to
/// uncategorized.sql.
SchemaFiles sort_into_files(connector::WrittenSchema schema, const FilingOptions& options);

}  // namespace voyager::migration

// Which object a statement makes or changes.
#pragma once

#include <simdjson.h>

#include <string>
#include <string_view>

namespace voyager::analysis {

struct Object {
  std::string type = {};  ///< TABLE, INDEX, ...: the words of reports; empty for statements without an object.
  std::string name = {};  ///< schema.name, `index ON schema.table`; empty when not known.
  bool creates = false;
};

/// From the grammar's tree of the statement.
Object object_of_tree(simdjson::dom::object statement);
/// From the words, for what the grammar refuses.
Object object_of_words(std::string_view statement);

}  // namespace voyager::analysis

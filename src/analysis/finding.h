// What the analysis of one schema comes to.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/issue.h"

namespace voyager::analysis {

/// A statement and where it stands.
struct Statement {
  std::size_t file = 0;          ///< Number of the file, or of the query, as given to the analysis.
  int line = 0;                  ///< In the file, of its first byte that is neither blank nor comment; from 1.
  int column = 0;                ///< From 1, in bytes.
  std::string_view text = {};    ///< Points into the file's text, or into the body that holds it.
  std::string object_type = {};  ///< What it makes or changes: TABLE. Empty when it has no object.
  std::string object_name = {};  ///< schema.name, or `index ON table`.
  bool creates = false;          ///< Makes the object (and does not change one).
  std::string refused = {};      ///< The grammar's words when it cannot be read.
  /// Of the routine whose body holds it; the body's text is not the file's then.
  bool in_body = false;
  std::size_t outer = 0;  ///< in_body: number of the statement that makes the routine.
  bool in_query = false;  ///< Of the application: it has no object and no place.
};

struct Finding {
  const Issue* issue = nullptr;
  Category category = Category::kFeature;
  std::string object_type = {};
  std::string object_name = {};  ///< As reports show it: "sales.orders, constraint: (orders_at_key)".
  std::string object_key = {};   ///< The object alone; counted in the inventory.
  std::string constraint = {};   ///< Its name, where the finding is about one; also where no report shows it.
  std::string reason = {};
  std::string suggestion = {};
  std::string sql = {};  ///< The whole statement; empty for findings about the schema as a whole.
  std::size_t file = 0;
  bool has_place = false;  ///< file, line, column mean something.
  int line = 0;
  int end_line = 0;
  int column = 0;
  std::map<std::string, std::string> details =
      {};               ///< ConstraintName, ColumnName, ...: as the assessment reports them.
  std::string id = {};  ///< Stable from run to run; see `give_ids`.
};

/// Objects of one type in the files.
struct ObjectCount {
  std::string type = {};
  std::size_t total = 0;
  std::size_t invalid = 0;                ///< Distinct names with a finding that invalidates.
  std::size_t flagged = 0;                ///< Distinct names with such a finding, or one about performance.
  std::vector<std::string> names = {};    ///< In the order of the files.
  std::vector<std::string> details = {};  ///< Sorted sentences.
};

/// Gives each finding its `id`: twelve hexadecimal digits made of type, category, object and, where several findings
/// share these, of what tells them apart (details, then the statement's words, then their order). Lines and white space
/// do not count, so that a finding keeps its id while the file around it is edited.
void give_ids(std::vector<Finding>& findings);

}  // namespace voyager::analysis

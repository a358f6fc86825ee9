// The remarks that ora2pg leaves in front of statements that it could not translate.
#pragma once

#include <string>
#include <string_view>

namespace voyager::analysis {

struct CommentMarks {
  bool unsupported = false;   ///< The statement is said not to be supported.
  bool edit = false;          ///< It has to be edited by hand.
  bool package = false;       ///< It stands for an Oracle package.
  std::string sentence = {};  ///< About inherited types, for the inventory.
};

/// `leading` are the comments and blanks in front of a statement.
CommentMarks read_marks(std::string_view leading);

}  // namespace voyager::analysis

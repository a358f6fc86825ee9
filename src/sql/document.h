// A SQL file whose statements are read once, and changed where they stand.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sql/statement.h"

namespace voyager::sql {

/// A statement with what the grammar read in it.
struct Rewritten {
  std::string sql = {};
  Statement info = {};
};

/// The text of a file and its statements. They are parsed the first time that somebody asks for them; an edit keeps
/// what is known of all but the statements that it changes. For one thread.
class Document {
 public:
  Document() = default;
  explicit Document(std::string text);

  const std::string& text() const { return *text_; }
  /// The statements, and the lines for psql, which have an empty `info`. Valid until the next edit.
  const std::vector<FileStatement>& statements() const;

  struct Edit {
    std::size_t statement = 0;          ///< In `statements()`.
    std::optional<Rewritten> now = {};  ///< What stands there now; nothing: it goes.
  };
  /// `edits` in the order of the statements, each with one at most. What stands in front of a changed statement stays,
  /// and so do the comments in front of one that goes: they may speak of more than it.
  void apply(std::vector<Edit> edits);

 private:
  std::shared_ptr<const std::string> text_ = std::make_shared<const std::string>();
  mutable std::optional<std::vector<FileStatement>> statements_ = {};  ///< Point into `text_`.
};

}  // namespace voyager::sql

// Checks on the words of a statement: for what the grammar does not read, or reads without a trace in its tree.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/issue.h"

namespace voyager::analysis {

/// Of each chain at most one rule, the first that fits, is told for a statement, and for each change of an ALTER TABLE.
enum class Chain : std::uint8_t { kView, kQuery, kDefinition, kForeignTable, kConversion, kTrigger };

/// A rule fits when one of its patterns fits anywhere in a command (what stands between two semicolons, also in routine
/// bodies; strings and comments have no words). A pattern is a list of elements divided by blanks:
///   word, one|other   the keyword, in lower case
///   <name>            a name with its schema, after IF [NOT] EXISTS and ONLY; kept as the object's name
///   <word>            any one word
///   <value>           any one element, sign included
///   ?                 one word, or nothing
///   *                 anything up to the end of the command
///   ( , : ::          themselves
struct TextRule {
  Chain chain = Chain::kDefinition;
  std::vector<std::string_view> patterns = {};
  std::string_view object_type = {};  ///< Empty: the statement's.
  /// The word may stand in the statement's body, far from the command that makes the object.
  std::string_view anywhere = {};
  bool lists_drops = false;  ///< The suggestion is the statement again, one object each.
};

struct TextHit {
  const Issue* issue = nullptr;
  std::string object_name = {};  ///< As written, without quotes; may be empty.
  std::string suggestion = {};   ///< Instead of the issue's, when not empty.
  std::size_t location = 0;      ///< Byte in the statement.
};

/// What the rules of the table say about one statement. Any text is fine.
std::vector<TextHit> check_text(std::string_view statement);

}  // namespace voyager::analysis

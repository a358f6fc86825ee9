// What a routine's PL/pgSQL body says to the server.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sql/parse_tree.h"

namespace voyager::sql {

struct BodyQuery {
  std::string text = {};
  ParseMode mode = ParseMode::kStatement;
  int line = 1;          ///< Of the PL/pgSQL statement that holds it, counted from the line where the body begins.
  bool dynamic = false;  ///< The text of EXECUTE '...', unquoted: it may hold several statements, or a part of one.
};

struct Body {
  std::vector<BodyQuery> queries = {};  ///< In the order of the text.
  std::string refused = {};             ///< Why the body could not be read; `queries` is then empty.
};

/// Reads CREATE FUNCTION, CREATE PROCEDURE or DO in PL/pgSQL. Other languages come out without queries.
Body plpgsql_queries(std::string_view routine);

/// Where the text of a routine's body (behind the quote that opens it) begins in `routine`, and the text itself with
/// its quotes undone. Empty when it has none. For bodies given as a string after AS.
struct BodyText {
  std::size_t offset = 0;
  std::string text = {};
};
BodyText body_text(std::string_view routine);

}  // namespace voyager::sql

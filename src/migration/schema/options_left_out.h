// Options that the target does not know: the statement runs without them, and they are listed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "connector/target.h"
#include "format/ledgers.h"

namespace voyager::migration {

/// What of a statement the target did not take, though it took the rest: a storage parameter of a table, column or
/// index, a setting of a routine, a column's statistics target or compression. Rows are the same without it.
struct OptionLeftOut {
  std::string file = {};  ///< Relative to schema/.
  int line = 0;
  std::string statement = {};  ///< Its beginning.
  std::string option = {};     ///< As it is written; all of a statement that does nothing else.
  std::string name = {};       ///< "deduplicate_items"; empty for all of a statement.
  std::string reason = {};     ///< The server's words.
  bool operator==(const OptionLeftOut&) const = default;
};

/// Runs `sql`. The target is asked by the statement itself: servers look at options before they do anything, and name
/// the one they refuse. That one is taken out and the rest tried again. `left_out` gets one entry (without file and
/// line) for each.
std::optional<connector::StatementFault> run_with_known_options(connector::SchemaStatements& target,
                                                                const std::string& sql,
                                                                std::vector<std::string>& notices,
                                                                std::vector<OptionLeftOut>& left_out);

/// Of all commands until now, each once. `forget` when the schema is imported anew.
std::vector<OptionLeftOut> options_left_out(format::DocumentLedger& db);
void note_options_left_out(format::DocumentLedger& db, const std::vector<OptionLeftOut>& more);
void forget_options_left_out(format::DocumentLedger& db);

/// "deduplicate_items='off' (2 statements, the first at tables/table.sql:12)", one for each option.
std::vector<std::string> describe(const std::vector<OptionLeftOut>& left_out);

}  // namespace voyager::migration

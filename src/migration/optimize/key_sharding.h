// How keys are spread: by the hash of their first column, or by ranges of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/schema_optimization.h"
#include "sql/document.h"

namespace voyager::migration {

inline constexpr std::string_view kHashSetting = "yb_use_hash_splitting_by_default";
/// The statement that switches it.
std::string hash_setting_text(bool on);

struct KeyShardingResult {
  std::string text = {};
  bool applied = false;                                  ///< False: `text` is what was given.
  std::vector<std::string> hash = {};                    ///< Tables with such a primary key, in the order of the text.
  std::vector<std::string> range = {};                   ///< Those whose key begins with a date or a time.
  std::vector<std::string> unique = {};                  ///< Tables with unique constraints.
  std::vector<model::StatementChange> kept_behind = {};  ///< Statements that could not go to their group.
  std::string why_not = {};  ///< Why nothing was done; empty also when there is nothing to do.
};

/// Rearranges table.sql: session settings, hash splitting on, tables (and primary keys added later) whose key does not
/// begin with a date or time, hash splitting off, the others, unique constraints, the rest. Within a group the order
/// stays. A statement that needs one of a later group goes there, and the setting is switched around it. No statement
/// changes a byte.
KeyShardingResult group_keys(const sql::Document& tables);

}  // namespace voyager::migration

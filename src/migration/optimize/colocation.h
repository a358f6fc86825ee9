// Keeping large tables out of the tablet that small ones share.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/schema_optimization.h"
#include "sql/document.h"

namespace voyager::migration {

struct ColocationResult {
  std::vector<sql::Document::Edit> edits = {};
  std::vector<std::string> found = {};       ///< Names of `sharded` that a statement stands for.
  std::vector<std::string> changed = {};     ///< Names of `sharded`, as given, whose statement got the clause.
  std::vector<std::string> has_clause = {};  ///< Those that said where they go before.
  std::vector<model::StatementChange> changes = {};
  std::vector<model::StatementChange> left = {};
  std::vector<std::string> objects = {};  ///< All tables and materialized views that the file makes: schema.name.
};

/// Appends colocation='false' to the WITH options of the tables and materialized views of `file` that `sharded`
/// names (schema.name, quoted where need be or as the catalogue has it).
ColocationResult mark_sharded(const sql::Document& file, const std::vector<std::string>& sharded);

/// The statement with the clause; nothing when it cannot be put in safely.
std::optional<sql::Rewritten> with_colocation_off(std::string_view sql);

}  // namespace voyager::migration

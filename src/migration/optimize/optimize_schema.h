// Rewriting an exported schema so that it suits a database whose tables are spread over nodes. Files in, files out.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/assessment.h"
#include "model/schema_optimization.h"
#include "sql/document.h"

namespace voyager::migration {

/// Session settings with this prefix, and the storage parameter `colocation`, are what the rewriting adds. Only a
/// server whose TargetTraits say `sharding` is sent them.
inline constexpr const char* kShardingSettingPrefix = "yb_";

/// One file below schema/. An empty text: there is no such file.
struct SchemaPart {
  std::string file = {};  ///< "tables/table.sql"
  sql::Document document = {};
};

struct SchemaParts {
  SchemaPart tables = {};
  SchemaPart indexes = {};
  SchemaPart materialized_views = {};
  SchemaPart comments = {};
  SchemaPart redundant_indexes = {};  ///< Made here; its text is empty before.
};

struct OptimizeInput {
  bool performance = true;             ///< Else what would have been done is only reported.
  bool colocation = true;              ///< As above.
  std::string why_no_colocation = {};  ///< Why there is no recommendation to follow; empty when there is one.
  /// Names "schema.table" of tables and materialized views. Nothing: the recommendation names none.
  std::optional<std::vector<std::string>> sharded = {};
  std::optional<std::vector<std::string>> colocated = {};
  std::vector<model::RedundantIndex> redundant = {};
};

struct OptimizedSchema {
  SchemaParts parts = {};
  std::vector<model::Optimization> optimizations = {};  ///< In the order of the report.
};

/// Statements and comments keep their bytes but for the change itself, which is spliced in. Every changed statement has
/// been parsed again, and its tree is the one before but for the change. What cannot be changed safely is left as it
/// was and told in `Optimization::left`. Never throws on account of the text.
OptimizedSchema optimize_schema(SchemaParts parts, const OptimizeInput& input);

}  // namespace voyager::migration

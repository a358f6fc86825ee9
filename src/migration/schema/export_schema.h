// export schema: the source's schema as files below schema/.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "connector/connector.h"
#include "format/migration_state.h"
#include "migration/schema/recommendations.h"
#include "migration/state/migration_record.h"
#include "model/connection.h"
#include "model/flow_context.h"
#include "model/schema_object.h"
#include "model/schema_optimization.h"

namespace voyager::migration {

struct ExportSchemaOptions {
  std::filesystem::path export_dir = {};
  bool start_clean = false;
  bool run_guardrails = true;
  bool comments = false;
  bool owners = true;
  bool grants = true;
  std::filesystem::path roles_file = {};       ///< Empty: roles.sql below schema/.
  std::vector<std::string> object_types = {};  ///< As typed, any case; empty = all.
  std::vector<std::string> excluded_object_types = {};
  bool merge_constraints = true;  ///< Off by YB_VOYAGER_SKIP_MERGE_CONSTRAINTS_TRANSFORMATIONS.
  std::string target = {};        ///< Product that the schema is written for, as the state and the report name it.
  /// That product spreads tables over nodes: the schema is rewritten for it. Any other one gets constraint merging
  /// only.
  bool sharding_target = false;
  bool colocation_recommendations = true;   ///< --skip-colocation-recommendations
  bool performance_recommendations = true;  ///< --skip-performance-recommendations
  Recommendations recommendations = {};
};

struct ExportSchemaReport {
  bool already_exported = false;                    ///< Nothing was done.
  std::vector<std::filesystem::path> files = {};    ///< Written, below schema/.
  std::vector<std::filesystem::path> backups = {};  ///< Among them: what the source said, of files that were rewritten.
  std::size_t constraints_merged = 0;
  std::size_t uncategorized = 0;          ///< Statements in schema/uncategorized.sql.
  std::filesystem::path roles_file = {};  ///< Empty: no object names a role that a new server lacks.
  std::vector<model::SchemaObject> objects = {};
  std::vector<std::string> unexplained = {};    ///< Objects that are not accounted for.
  model::SchemaOptimization optimization = {};  ///< Without optimizations no report of them is to be there.
  ExportedSchemaNotes notes = {};
};

/// Leaves all files on disk and the objects in the state. The export counts as done with finish_export_schema only, so
/// that reports come in between.
ExportSchemaReport export_schema(const connector::ConnectorEntry& product, const model::ConnectionOptions& source,
                                 const ExportSchemaOptions& options, format::DocumentLedger& documents,
                                 format::ObjectLedger& objects, const model::FlowContext& context);

/// Throws SCH-005 when an object is not accounted for, unless that is allowed.
void finish_export_schema(const ExportSchemaReport& exported, bool allow_unexplained, format::DocumentLedger& db);

}  // namespace voyager::migration

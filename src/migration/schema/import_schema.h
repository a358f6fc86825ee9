// import schema and finalize-schema-post-data-import: the files below schema/ onto the target.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "connector/connector.h"
#include "format/migration_state.h"
#include "migration/schema/import_plan.h"
#include "migration/schema/options_left_out.h"
#include "model/connection.h"
#include "model/dialogue.h"
#include "model/flow_context.h"
#include "sql/statement.h"

namespace voyager::migration {

struct ImportSchemaOptions {
  std::filesystem::path export_dir = {};
  bool start_clean = false;
  bool run_guardrails = true;
  bool continue_on_error = false;
  bool ignore_exist = false;
  bool straight_order = false;
  std::vector<std::string> object_types = {};
  std::vector<std::string> excluded_object_types = {};
};

/// What is going to run, and where.
struct SchemaToImport {
  std::unique_ptr<connector::Target> target = {};
  model::TargetTraits traits = {};
  std::vector<model::Identifier> schemas = {};
  std::vector<std::string> files = {};  ///< Below schema/, in the order in which they run.
  ImportPlan plan = {};
};

struct FailedStatement {
  std::string file = {};  ///< Relative to schema/.
  int line = 0;
  std::string sql = {};
  std::string sqlstate = {};
  std::string reason = {};
  std::uint64_t fingerprint = 0;  ///< Of the text in the file.
  sql::Statement info = {};
};

/// A statement that was not run, or not as it stands, and why.
struct NotRun {
  std::string file = {};  ///< Relative to schema/.
  int line = 0;
  std::string sql = {};
  std::string reason = {};
  std::string role = {};          ///< That is the reason; empty for another one.
  bool made_with_rest = false;    ///< A policy that was made for those of its roles that are there.
  std::uint64_t fingerprint = 0;  ///< Of the text in the file.
  sql::Statement info = {};
};

struct ImportSchemaReport {
  std::size_t statements = 0;
  std::size_t skipped_existing = 0;
  std::size_t left_for_import_data = 0;  ///< Indexes, unique constraints and foreign keys that wait for the rows.
  std::size_t left_for_finalize = 0;     ///< NOT VALID constraints, event triggers, settings of the database.
  std::size_t not_refreshed = 0;         ///< Materialized views.
  std::vector<FailedStatement> failed = {};
  std::vector<OptionLeftOut> left_out = {};
  std::vector<NotRun> not_run = {};
};

/// Looks at the target and at the files, and asks what has to be asked. Nothing of the target is changed.
SchemaToImport check_import_schema(const connector::ConnectorEntry& product, const model::ConnectionOptions& target,
                                   const ImportSchemaOptions& options, format::DocumentLedger& db,
                                   model::Dialogue& dialogue);

/// Where the target makes indexes before rows, everything but NOT VALID constraints; elsewhere secondary indexes,
/// unique constraints and foreign keys are noted in the state (post_data_statements) for `import data`. Notes the
/// target's columns in the state (JSON key `target_tables`) when it ends. Without `continue_on_error` the first
/// statement that fails even after all others throws Error with file and line.
ImportSchemaReport import_schema(SchemaToImport checked, const ImportSchemaOptions& options, format::MigrationState& db,
                                 const model::FlowContext& context);

struct FinalizeOptions {
  std::filesystem::path export_dir = {};
  bool run_guardrails = true;
  bool continue_on_error = false;
  bool ignore_exist = false;
  bool refresh_mviews = false;
};

/// NOT VALID constraints, every noted statement that is still missing on the target, and materialized views if asked.
ImportSchemaReport finalize_schema(const connector::ConnectorEntry& product, const model::ConnectionOptions& target,
                                   const FinalizeOptions& options, format::MigrationState& db,
                                   const model::FlowContext& context);

}  // namespace voyager::migration

// Which statements of the files below schema/ run when.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "model/identifier.h"
#include "model/post_data_statement.h"
#include "sql/statement.h"

namespace voyager::migration {

struct SchemaStatement {
  std::string file = {};  ///< Relative to schema/.
  int line = 0;
  std::string sql = {};
  std::uint64_t fingerprint = 0;  ///< Of the text in the file.
  sql::Statement info = {};
  std::size_t file_number = 0;  ///< In ImportPlan::settings.
  std::size_t settings = 0;     ///< How many session settings of its file stand above it.
};

/// A SET statement.
struct SessionSetting {
  std::string sql = {};
  std::string name = {};  ///< Of the parameter; empty where there is none to put back.
};

struct ImportPlan {
  std::vector<std::vector<SessionSetting>> settings = {};  ///< Of each file, in order.
  std::vector<std::string> settings_left_out = {};         ///< Names that only a sharding target knows, each once.
  std::size_t replica_identities_left_out = 0;
  std::vector<SchemaStatement> run = {};  ///< In the order to run.
  /// Owners, then rights and default privileges: once all objects are there, and with none made after them.
  std::vector<SchemaStatement> rights = {};
  std::vector<model::PostDataStatement> after_rows =
      {};                                       ///< Keys first, then indexes, attached ones, foreign keys, others.
  std::vector<SchemaStatement> after_all = {};  ///< NOT VALID constraints and the comments on them.
  std::vector<SchemaStatement> last = {};  ///< Event triggers and settings of the database, which would meddle with us.
  std::vector<model::TableName> tables = {};              ///< Of the CREATE TABLE statements.
  std::vector<model::TableName> materialized_views = {};  ///< Each behind those that it reads.
};

struct PlanOptions {
  bool indexes_before_rows = false;     ///< TargetTraits
  bool sharding = false;                ///< TargetTraits
  model::Identifier database = {};      ///< The target's, for statements that name the source's; empty: they stay.
  std::vector<std::string> files = {};  ///< files_to_import(); absent ones are skipped.
};

/// Reads the files. Throws Error when one cannot be read.
ImportPlan make_import_plan(const std::filesystem::path& schema_folder, const PlanOptions& options);

/// `name` stands in `text` and is not a part of a longer name.
bool holds_name(const std::string& text, const std::string& name);

/// Adds `statement` to those behind the rows when what the server misses, by its `message`, is one of the waiting
/// objects (ON CONFLICT ON CONSTRAINT in a function's body). False when not.
bool wait_for_named(const SchemaStatement& statement, const std::string& message,
                    std::vector<model::PostDataStatement>& after_rows);

}  // namespace voyager::migration

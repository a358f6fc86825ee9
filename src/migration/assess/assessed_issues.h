// Every issue of an assessment: of the schema, its columns, the application's queries and the load on indexes.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/stop.h"
#include "format/assessment_db.h"
#include "migration/analyze/schema_files.h"
#include "migration/assess/source_facts.h"
#include "model/assessment.h"

namespace voyager::migration {

struct AssessedIssuesInput {
  std::span<const SchemaFile> files = {};  ///< Of the exported schema.
  std::filesystem::path folder = {};       ///< That holds them: places are told relative to the export directory.
  std::filesystem::path export_dir = {};
  std::string target_version = {};  ///< Empty: a plain PostgreSQL-compatible target; nothing YugabyteDB-only is told.
  std::vector<std::string> schemas = {};  ///< Of the source, for queries that name a schema.
  bool queries = true;                    ///< REPORT_UNSUPPORTED_QUERY_CONSTRUCTS
  bool bodies = true;                     ///< REPORT_UNSUPPORTED_PLPGSQL_OBJECTS
};

struct AssessedIssues {
  /// By category in the order of the report, then level (worst first), type, object.
  std::vector<model::AnalysisIssue> issues = {};
  std::vector<model::AnalysisObjects> objects = {};
  std::vector<model::LiveObstacle> live_obstacles = {};
  std::vector<model::NotLookedAt> not_looked_at = {};  ///< Bodies and queries that the grammar does not read.
  std::vector<std::string> settled_types = {};         ///< Issues that this target version no longer has.
  std::size_t statements = 0;
};

/// Throws Error only when stopped.
AssessedIssues assess_issues(const AssessedIssuesInput& input, format::AssessmentDb& db, base::Stop& stop);
/// The same of facts that were read before.
AssessedIssues assess_issues(const AssessedIssuesInput& input, SourceFacts facts, base::Stop& stop);

}  // namespace voyager::migration

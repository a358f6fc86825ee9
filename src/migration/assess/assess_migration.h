// assess-migration: what a migration of the source will take, before anything is moved.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/stop.h"
#include "connector/connector.h"
#include "format/meta_db.h"
#include "model/assessment.h"
#include "model/connection.h"
#include "model/dialogue.h"
#include "model/progress.h"

namespace voyager::migration {

struct AssessOptions {
  std::filesystem::path export_dir = {};
  /// Gathered before by the script; empty: the source is asked.
  std::filesystem::path metadata_dir = {};
  std::string target_version = {};  ///< Four numbers; empty: a plain PostgreSQL-compatible target.
  std::chrono::seconds load_interval{120};
  std::vector<connector::NodeAddress> replicas = {};  ///< As typed; empty: looked for.
  bool primary_only = false;
  bool run_guardrails = true;
  bool start_clean = false;
  bool by_export_schema = false;  ///< A by-product: not accepted later as an assessment of its own.
  bool queries = true;
  bool bodies = true;
};

/// Gathers (unless that was done before), builds assessment.db, sizes and judges. Reports of an earlier assessment stay
/// until the caller writes new ones. `source` may be null with a metadata_dir. Throws Error (kState) when an assessment
/// is there and start_clean is not given.
model::Assessment assess_migration(const connector::ConnectorEntry* product, const model::ConnectionOptions& source,
                                   const AssessOptions& options, format::MetaDb& db, model::Dialogue& dialogue,
                                   base::Stop& stop);

/// Marks the assessment as done; after its reports are on disk.
void note_assessment_done(format::MetaDb& db, bool by_export_schema);
/// Done on its own, not as a by-product of export schema.
bool assessment_done(format::MetaDb& db);
bool assessment_done_by_export_schema(format::MetaDb& db);

std::filesystem::path assessment_report_file(const std::filesystem::path& export_dir);  ///< The JSON one.
std::filesystem::path assessment_db_file(const std::filesystem::path& export_dir);

}  // namespace voyager::migration

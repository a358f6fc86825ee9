// assess-migration: what a migration of the source will take, before anything is moved. The way through this folder:
//   source_nodes, gathered      from which servers metadata come, and what is noted beside them
//   assessment_folder           where it all lies, and how a new assessment takes an earlier one's place
//   assessed_issues             every issue, made of the analysis's findings and of source_facts (the gathered CSV);
//                               beside it oracle_issues, object_usage, issue_causes, issue_effort, live_obstacles, and
//                               not_looked_at: what nobody could judge
//   sizing                      which cluster: the tables as it sees them (sized_table), what nodes were measured to do
//                               (sizing_figures), the fit of one to the other (cluster_fit), import_time, sizing_text
//   complexity, assessment_notes  the verdict, and what a reader should know besides
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "connector/connector.h"
#include "format/ledgers.h"
#include "model/assessment.h"
#include "model/connection.h"
#include "model/flow_context.h"

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
  std::optional<connector::DataScan> scan = {};  ///< Read the rows, too.
};

/// Gathers (unless that was done before), builds assessment.db, sizes and judges. Reports of an earlier assessment stay
/// until the caller writes new ones. With a metadata_dir nothing is connected: of `source` its product, schemas and
/// rules count. Throws Error (kState) when an assessment is there and start_clean is not
/// given.
model::Assessment assess_migration(const connector::ConnectorEntry& product, const model::ConnectionOptions& source,
                                   const AssessOptions& options, format::DocumentLedger& db,
                                   const model::FlowContext& context);

}  // namespace voyager::migration

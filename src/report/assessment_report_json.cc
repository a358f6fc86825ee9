// The machine's form of the assessment report.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "report/analysis_json.h"
#include "report/assessment_figures.h"
#include "report/assessment_report.h"
#include "report/format_versions.h"
#include "report/json_number.h"
#include "report/json_text.h"
#include "report/line_diff.h"

namespace voyager::report {
namespace {

using model::Assessment;
using nlohmann::ordered_json;

template <typename T>
ordered_json or_null(const std::optional<T>& value) {
  return value ? ordered_json(*value) : ordered_json();
}

ordered_json text_or_null(const std::string& text) {
  return text.empty() ? ordered_json() : ordered_json(text);
}

/// Null for a target whose nodes are not sized: a machine must not read that it takes none.
ordered_json sizing_json(const model::Sizing& sizing) {
  if (sizing.vcpus == 0 && sizing.failure.empty()) return nullptr;
  ordered_json recommendation = {
      {"ColocatedTables", or_null(sizing.colocated)},
      {"ColocatedReasoning", sizing.reasoning},
      {"ShardedTables", or_null(sizing.sharded)},
      {"NumNodes", number_json(sizing.nodes)},
      {"VCPUsPerInstance", sizing.vcpus},
      {"MemoryPerInstance", sizing.memory_gib},
      {"OptimalSelectConnectionsPerNode", sizing.select_connections},
      {"OptimalInsertConnectionsPerNode", sizing.insert_connections},
      {"EstimatedTimeInMinForImport", number_json(sizing.import_minutes)},
      {"EstimatedTimeInMinForImportWithoutRedundantIndexes", number_json(sizing.import_minutes_without_redundant)}};
  return {{"SizingRecommendation", std::move(recommendation)}, {"FailureReasoning", sizing.failure}};
}

std::string state_of(const model::AnalysisIssue& issue, bool compared) {
  if (!compared) return "open";
  return issue.is_new ? "new" : "unchanged";
}

/// Keys that are not in the documented report of old.
void add_own_keys(ordered_json& json, const model::AnalysisIssue& issue, bool compared) {
  json["Id"] = issue.id;
  json["File"] = issue.file;
  json["Line"] = issue.line;
  json["EndLine"] = issue.end_line;
  json["Column"] = issue.column;
  json["CausedBy"] = issue.caused_by;
  json["EffortBand"] = effort_band(issue.effort_hours);
  json["EffortHours"] = issue.effort_hours;
  if (!issue.fix_kind.empty()) {
    json["Fix"] = {
        {"kind", issue.fix_kind}, {"text", issue.fix_text}, {"diff", unified_diff(issue.sql, issue.fix_text)}};
  }
  json["State"] = state_of(issue, compared);
  json["Phase"] = issue.phase;
}

ordered_json issue_json(const model::AnalysisIssue& issue, bool compared) {
  ordered_json json = {{"Category", issue.category},
                       {"CategoryDescription", category_description(issue.category)},
                       {"Type", issue.type},
                       {"Name", issue.name},
                       {"Description", issue.suggestion.empty() ? issue.reason : issue.reason + " " + issue.suggestion},
                       {"Impact", issue.level > 0 ? fmt::format("LEVEL_{}", issue.level) : ""},
                       {"ObjectType", issue.object_type},
                       {"ObjectName", issue.object_name}};
  if (!issue.usage.empty()) json["ObjectUsage"] = issue.usage;
  json["SqlStatement"] = issue.sql;
  json["DocsLink"] = issue.docs;
  add_fixed_versions(json, *issue.fixed_in);
  if (!issue.details.empty()) json["Details"] = details_json(issue.details);
  add_own_keys(json, issue, compared);
  return json;
}

ordered_json figures_json(const model::ObjectFigures& one) {
  return {{"SchemaName", one.schema},
          {"ObjectName", one.name},
          {"RowCount", or_null(one.rows)},
          {"ColumnCount", or_null(one.columns)},
          {"ReadsPerSecond", or_null(one.reads_per_second)},
          {"WritesPerSecond", or_null(one.writes_per_second)},
          {"IsIndex", one.is_index},
          {"ObjectType", text_or_null(one.object_type)},
          {"ParentTableName", text_or_null(one.parent)},
          {"SizeInBytes", or_null(one.bytes)}};
}

const char* to_string(model::NoteKind kind) {
  switch (kind) {
    case model::NoteKind::kPlacement:
      return "ColocatedShardedNotes";
    case model::NoteKind::kSizing:
      return "SizingNotes";
    case model::NoteKind::kGeneral:
      break;
  }
  return "GeneralNotes";
}

ordered_json notes_json(const Assessment& assessment) {
  ordered_json notes = ordered_json::array();
  for (const model::AssessmentNote& note : assessment.notes) {
    std::string text = note.text;
    if (!note.link.empty()) text += fmt::format(" {} ( {} )", note.link_text, note.link);
    notes.push_back({{"Type", to_string(note.kind)}, {"Text", text}});
  }
  return notes;
}

// --- what only our report has ---

ordered_json effort_json(const Assessment& assessment) {
  const Effort effort = effort_of(assessment.analysis.issues);
  ordered_json bands = ordered_json::object();
  for (const EffortBandSum& band : effort.bands)
    bands[std::string(band.band)] = {{"Issues", band.issues}, {"Hours", band.hours}};
  return {{"Hours", effort.hours}, {"HoursMin", effort.hours_min}, {"HoursMax", effort.hours_max}, {"Bands", bands}};
}

ordered_json share_json(const Assessment& assessment) {
  const Share share = share_of(assessment.analysis);
  return {{"Objects", share.objects},
          {"ObjectsByHand", share.objects_by_hand},
          {"Statements", share.statements},
          {"StatementsWithIssues", share.statements_with_issues}};
}

ordered_json nodes_json(const Assessment& assessment) {
  ordered_json nodes = ordered_json::array();
  for (const model::AssessedNode& node : assessment.nodes)
    nodes.push_back({{"Name", node.name}, {"Primary", node.primary}, {"HasQueries", node.has_queries}});
  return nodes;
}

ordered_json not_looked_at_json(const Assessment& assessment) {
  ordered_json list = ordered_json::array();
  for (const model::NotLookedAt& one : assessment.not_looked_at)
    list.push_back({{"What", one.what}, {"Why", one.why}, {"Fix", one.fix}});
  return list;
}

ordered_json candidates_json(const model::Sizing& sizing) {
  ordered_json list = ordered_json::array();
  for (const model::SizingCandidate& one : sizing.candidates) {
    list.push_back(
        {{"Colocation", one.colocation},
         {"VCPUsPerInstance", one.vcpus},
         {"NumNodes", one.nodes},
         {"ColocatedTables", one.colocated},
         {"ShardedTables", one.sharded},
         {"EstimatedTimeInMinForImport", one.import_minutes ? number_json(*one.import_minutes) : ordered_json()},
         {"FailureReasoning", one.failure},
         {"Chosen", one.chosen}});
  }
  return list;
}

ordered_json placements_json(const model::Sizing& sizing) {
  ordered_json list = ordered_json::array();
  for (const model::Placement& one : sizing.placements) {
    list.push_back({{"Table", one.table},
                    {"Colocated", one.colocated},
                    {"Reason", one.reason},
                    {"SizeInBytes", one.bytes},
                    {"Indexes", one.indexes}});
  }
  return list;
}

ordered_json live_obstacles_json(const Assessment& assessment) {
  ordered_json list = ordered_json::array();
  for (const model::LiveObstacle& one : assessment.live_obstacles)
    list.push_back({{"Table", one.table}, {"Reasons", one.reasons}});
  return list;
}

ordered_json redundant_json(const Assessment& assessment) {
  ordered_json list = ordered_json::array();
  for (const model::RedundantIndex& one : assessment.redundant_indexes) {
    list.push_back({{"Table", one.schema + "." + one.table},
                    {"Index", one.index},
                    {"Ddl", one.ddl},
                    {"ExistingTable", one.existing_schema + "." + one.existing_table},
                    {"ExistingIndex", one.existing_index},
                    {"ExistingDdl", one.existing_ddl}});
  }
  return list;
}

ordered_json touched_json(const Assessment& assessment) {
  ordered_json list = ordered_json::array();
  for (const TouchedQuery& one : touched_queries(assessment)) {
    list.push_back({{"Query", one.query->query},
                    {"Issues", one.issues},
                    {"Calls", one.query->calls},
                    {"TotalMs", one.query->total_ms},
                    {"MeanMs", one.query->mean_ms}});
  }
  return list;
}

void add_own_keys(JsonText& report, const Assessment& assessment) {
  const model::SchemaAnalysis& analysis = assessment.analysis;
  report.member("FormatVersion", kAssessmentForm);
  report.member("Target", analysis.target);
  report.member("SourceDBType", assessment.source_product);
  report.member("MadeAt", analysis.made_at);
  report.member("Seconds", assessment.seconds);
  report.member("Mode", assessment.mode);
  report.member("CommandLine", assessment.command_line);
  report.member("IopsInterval", assessment.iops_interval);
  report.member("Nodes", nodes_json(assessment));
  report.member("NotLookedAt", not_looked_at_json(assessment));
  report.member("Grade", grade_of(assessment));
  report.member("Effort", effort_json(assessment));
  report.member("WithoutHandWork", share_json(assessment));
  report.member("FiguresVersion", assessment.sizing.figures_version);
  report.member("Candidates", candidates_json(assessment.sizing));
  report.member("Placements", placements_json(assessment.sizing));
  report.member("RedundantIndexes", redundant_json(assessment));
  report.member("LiveObstacles", live_obstacles_json(assessment));
  report.member("QueriesWithIssues", touched_json(assessment));
  if (analysis.change.known) report.member("SinceLastRun", change_json(analysis.change));
}

}  // namespace

std::string assessment_json(const Assessment& assessment) {
  const model::SchemaAnalysis& analysis = assessment.analysis;
  JsonText report;
  report.member("VoyagerVersion", analysis.program_version);
  report.member("TargetDBVersion", analysis.target_version);
  report.member("MigrationComplexity", assessment.complexity.level);
  report.member("MigrationComplexityExplanation", assessment.complexity.explanation);
  report.member("SchemaSummary", schema_summary_json(analysis));
  if (assessment.replicas() > 0) report.member("NumReplicasUsed", assessment.replicas());
  report.member("Sizing", sizing_json(assessment.sizing));
  report.list("AssessmentIssues", analysis.issues,
              [&](const model::AnalysisIssue& issue) { return issue_json(issue, analysis.change.known); });
  report.list("TableIndexStats", assessment.figures, figures_json);
  report.member("Notes", notes_json(assessment));
  add_own_keys(report, assessment);
  return std::move(report).finish();
}

}  // namespace voyager::report

// JSON and SARIF.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "base/text.h"
#include "report/analysis_json.h"
#include "report/format_versions.h"
#include "report/json_text.h"
#include "report/schema_report.h"

namespace voyager::report {
namespace {

using nlohmann::ordered_json;

std::string dump(const ordered_json& value) {
  return value.dump(4, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

ordered_json issue_json(const model::AnalysisIssue& issue, bool compared) {
  ordered_json json = {{"IssueType", issue.category},
                       {"ObjectType", issue.object_type},
                       {"ObjectName", issue.object_name},
                       {"Reason", issue.reason}};
  if (!issue.sql.empty()) json["SqlStatement"] = issue.sql;
  json["FilePath"] = issue.file_path;
  json["Suggestion"] = issue.suggestion;
  json["GH"] = issue.tracker;
  if (!issue.docs.empty()) json["DocsLink"] = issue.docs;
  add_fixed_versions(json, *issue.fixed_in);
  // From here on keys that are not in the documented report of old.
  json["Id"] = issue.id;
  json["Type"] = issue.type;
  json["Name"] = issue.name;
  json["Impact"] = fmt::format("LEVEL_{}", issue.level);
  json["File"] = issue.file;
  json["Line"] = issue.line;
  json["EndLine"] = issue.end_line;
  json["Column"] = issue.column;
  if (compared) json["State"] = issue.is_new ? "new" : "unchanged";
  if (!issue.details.empty()) json["Details"] = details_json(issue.details);
  return json;
}

// --- SARIF ---

const char* sarif_level(int level) {
  if (level >= 3) return "error";
  return level == 2 ? "warning" : "note";
}

ordered_json sarif_rules(const model::SchemaAnalysis& analysis) {
  ordered_json rules = ordered_json::array();
  std::set<std::string_view> known;
  for (const model::AnalysisIssue& issue : analysis.issues) {
    if (!known.insert(issue.type).second) continue;
    ordered_json rule = {{"id", issue.type},
                         {"name", issue.name},
                         {"shortDescription", {{"text", issue.name}}},
                         {"defaultConfiguration", {{"level", sarif_level(issue.level)}}},
                         {"properties", {{"impact", fmt::format("LEVEL_{}", issue.level)}}}};
    if (!issue.docs.empty()) rule["helpUri"] = issue.docs;
    rules.push_back(std::move(rule));
  }
  return rules;
}

ordered_json sarif_location(const model::AnalysisIssue& issue) {
  ordered_json location = {{"logicalLocations", ordered_json::array({{{"fullyQualifiedName", issue.object_name},
                                                                      {"kind", base::lower(issue.object_type)}}})}};
  if (issue.line > 0) {
    location["physicalLocation"] = {{"artifactLocation", {{"uri", issue.file}, {"uriBaseId", "EXPORT_DIR"}}},
                                    {"region", {{"startLine", issue.line}, {"startColumn", issue.column}}}};
  }
  return location;
}

ordered_json sarif_result(const model::AnalysisIssue& issue, bool compared) {
  const std::string text = issue.suggestion.empty() ? issue.reason : issue.reason + " " + issue.suggestion;
  ordered_json result = {{"ruleId", issue.type},
                         {"level", sarif_level(issue.level)},
                         {"message", {{"text", fmt::format("{} {}: {}", issue.object_type, issue.object_name, text)}}},
                         {"locations", ordered_json::array({sarif_location(issue)})},
                         {"partialFingerprints", {{"issueId/v1", issue.id}}}};
  if (compared) result["baselineState"] = issue.is_new ? "new" : "unchanged";
  return result;
}

}  // namespace

std::string schema_report_json(const model::SchemaAnalysis& analysis) {
  JsonText report(4, ' ');
  report.member("VoyagerVersion", analysis.program_version);
  report.member("TargetDBVersion", analysis.target_version);
  report.member("Summary", schema_summary_json(analysis));
  if (analysis.issues.empty()) {
    report.member("Issues", ordered_json::array());
  } else {
    report.list("Issues", analysis.issues,
                [&](const model::AnalysisIssue& issue) { return issue_json(issue, analysis.change.known); });
  }
  report.member("FormatVersion", kAnalysisForm);
  report.member("Target", analysis.target);
  report.member("MadeAt", analysis.made_at);
  report.member("Statements", analysis.statements);
  if (analysis.change.known) report.member("SinceLastRun", change_json(analysis.change));
  return std::move(report).finish();
}

std::string schema_report_sarif(const model::SchemaAnalysis& analysis) {
  ordered_json results = ordered_json::array();
  for (const model::AnalysisIssue& issue : analysis.issues)
    results.push_back(sarif_result(issue, analysis.change.known));
  const ordered_json driver = {{"name", "yb-voyager"},
                               {"version", analysis.program_version},
                               {"informationUri", "https://docs.yugabyte.com/preview/yugabyte-voyager/"},
                               {"rules", sarif_rules(analysis)}};
  const ordered_json run = {
      {"tool", {{"driver", driver}}}, {"columnKind", "unicodeCodePoints"}, {"results", std::move(results)}};
  return dump({{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
               {"version", "2.1.0"},
               {"runs", ordered_json::array({run})}});
}

}  // namespace voyager::report

#include "migration/analyze/analyze_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "analysis/analyzer.h"
#include "migration/analyze/issue_values.h"
#include "migration/analyze/schema_files.h"
#include "migration/schema/object_types.h"

namespace voyager::migration {
namespace {

using analysis::Analysis;

constexpr std::string_view kStateKey = "schema_analysis";
constexpr std::size_t kUnreadNamedMax = 5;

[[noreturn]] void fail_without_files(const std::filesystem::path& folder) {
  throw base::Error({.code = "ANA-002",
                     .exit = base::ExitCode::kState,
                     .title = "there is no schema to analyse",
                     .where = folder.string(),
                     .cause = "the folder has none of the files that export schema writes",
                     .then = "earlier reports were left as they are"});
}

std::string words(const model::AnalysisIssue& issue) {
  return fmt::format("{}: {} {}", issue.type, issue.object_type, issue.object_name);
}

std::vector<std::string> notes_of(const Analysis& analysis, const std::vector<SchemaFile>& files,
                                  const std::filesystem::path& export_dir) {
  std::vector<std::string> notes;
  if (std::filesystem::exists(export_dir / "schema" / kUncategorizedFile)) {
    notes.push_back(
        fmt::format("schema/{} holds statements that fit no kind of object. It is neither analysed nor imported: look "
                    "through it by hand.",
                    kUncategorizedFile));
  }
  if (!analysis.unread_bodies.empty()) {
    std::string text =
        fmt::format("{} routine bodies could not be read and were not analysed:", analysis.unread_bodies.size());
    for (std::size_t i = 0; i < analysis.unread_bodies.size() && i < kUnreadNamedMax; ++i) {
      const analysis::Unread& one = analysis.unread_bodies[i];
      text += fmt::format("{} {} (schema/{}:{}: {})", i == 0 ? "" : ";", one.object, files[one.file].relative, one.line,
                          one.reason);
    }
    if (analysis.unread_bodies.size() > kUnreadNamedMax) text += "; ...";
    notes.push_back(text + ".");
  }
  return notes;
}

model::AnalysisChange compare(std::vector<model::AnalysisIssue>& issues,
                              const std::map<std::string, std::string>* previous) {
  model::AnalysisChange change;
  if (previous == nullptr) return change;
  change.known = true;
  std::set<std::string> seen;
  for (model::AnalysisIssue& issue : issues) {
    seen.insert(issue.id);
    issue.is_new = !previous->contains(issue.id);
    ++(issue.is_new ? change.added : change.unchanged);
  }
  for (const auto& [id, text] : *previous) {
    if (!seen.contains(id)) change.fixed.push_back(text);
  }
  std::ranges::sort(change.fixed);
  return change;
}

}  // namespace

model::SchemaAnalysis analyze_schema(const AnalyzeSchemaOptions& options, base::Stop& stop) {
  const std::filesystem::path folder = options.export_dir / "schema";
  const std::vector<SchemaFile> files = read_schema_files(folder);
  if (files.empty()) fail_without_files(folder);
  analysis::Options rules{.bodies = options.bodies};
  if (!options.target_version.empty()) rules.target = analysis::parse_version(options.target_version);
  Analysis analysis = analysis::analyze(as_texts(files), rules, [&stop] { return !stop.draining(); });
  base::throw_if_draining(stop, "the analysis was stopped before its end", "earlier reports were left as they are");
  model::SchemaAnalysis result = new_analysis(options.target_version);
  result.notes = notes_of(analysis, files, options.export_dir);
  result.objects = as_objects(analysis);
  result.files = files.size();
  result.statements = analysis.statements;
  const SchemaPlaces places{.files = files, .folder = folder, .export_dir = options.export_dir};
  result.issues.reserve(analysis.findings.size());
  for (analysis::Finding& finding : analysis.findings) result.issues.push_back(as_issue(std::move(finding), places));
  result.change = compare(result.issues, options.previous);
  return result;
}

std::string default_target_version() {
  return analysis::default_version().text();
}

VersionCheck check_target_version(const std::string& text) {
  const auto version = analysis::parse_version(text);
  return {.well_formed = version.has_value(),
          .known = version && analysis::is_known_series(*version),
          .known_series = analysis::known_series()};
}

bool read_findings(format::DocumentLedger& db, std::map<std::string, std::string>& findings) {
  const nlohmann::json state = nlohmann::json::parse(db.json(kStateKey), nullptr, false);
  const auto list = state.is_object() ? state.find("findings") : state.end();
  if (!state.is_object() || list == state.end() || !list->is_object()) return false;
  for (const auto& [id, text] : list->items()) {
    if (text.is_string()) findings[id] = text.get<std::string>();
  }
  return true;
}

void keep_findings(format::DocumentLedger& db, const model::SchemaAnalysis& analysis) {
  nlohmann::json list = nlohmann::json::object();
  for (const model::AnalysisIssue& issue : analysis.issues) list[issue.id] = words(issue);
  db.set_json(kStateKey, nlohmann::json{{"target", analysis.target}, {"findings", list}}.dump(
                             -1, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace voyager::migration

#include "migration/analyze/issue_values.h"

#include <algorithm>

#include "base/clock.h"
#include "sql/password_mask.h"

namespace voyager::migration {

std::string SchemaPlaces::file(std::size_t number) const {
  const std::filesystem::path path = std::filesystem::absolute(folder / files[number].relative).lexically_normal();
  const std::filesystem::path inside =
      path.lexically_relative(std::filesystem::absolute(export_dir).lexically_normal());
  return inside.empty() || *inside.begin() == ".." ? path.string() : inside.string();
}

std::string target_name(const std::string& target_version) {
  return target_version.empty() ? "PostgreSQL" : "YugabyteDB " + target_version;
}

model::SchemaAnalysis new_analysis(const std::string& target_version) {
  return {.target = target_name(target_version),
          .target_version = target_version,
          .made_at = base::utc_now(),
          .description = "Objects that the target will create."};
}

model::AnalysisIssue as_issue(analysis::Finding&& finding, const SchemaPlaces& places) {
  const analysis::Issue& row = *finding.issue;
  model::AnalysisIssue issue{.id = std::move(finding.id),
                             .type = row.type,
                             .name = row.name,
                             .category = analysis::to_string(finding.category),
                             .category_title = analysis::describe(finding.category),
                             .level = static_cast<int>(row.impact),
                             .object_type = std::move(finding.object_type),
                             .object_name = std::move(finding.object_name),
                             .reason = std::move(finding.reason),
                             .suggestion = std::move(finding.suggestion),
                             .sql = sql::mask_passwords(finding.sql),
                             .tracker = row.tracker,
                             .docs = row.docs,
                             .fixed_in = &row.fixed_told,
                             .details = std::move(finding.details)};
  if (!finding.has_place) return issue;
  issue.file = places.file(finding.file);
  issue.file_path =
      std::filesystem::absolute(places.folder / places.files[finding.file].relative).lexically_normal().string();
  issue.line = finding.line;
  issue.end_line = std::max(finding.line, finding.end_line);
  issue.column = finding.column;
  return issue;
}

std::vector<model::AnalysisObjects> as_objects(const analysis::Analysis& analysis) {
  std::vector<model::AnalysisObjects> objects;
  for (const analysis::ObjectCount& one : analysis.objects)
    objects.push_back({one.type, one.total, one.invalid, one.flagged, one.names, one.details});
  std::ranges::stable_sort(objects, {}, [](const model::AnalysisObjects& one) { return report_order(one.type); });
  return objects;
}

std::vector<analysis::SchemaText> as_texts(std::span<const SchemaFile> files) {
  std::vector<analysis::SchemaText> texts;
  for (const SchemaFile& file : files)
    texts.push_back({.object_type = std::string(file.object_type), .text = file.text});
  return texts;
}

}  // namespace voyager::migration

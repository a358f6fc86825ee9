#include "migration/assess/converted_findings.h"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

#include "analysis/issue.h"
#include "analysis/issues_conversion.h"
#include "base/error.h"

namespace voyager::migration {
namespace {

using analysis::Finding;

Finding finding_of(std::string_view type, std::string object_type, std::string name, std::string reason) {
  const analysis::Issue* issue = analysis::find_issue(type);
  VOY_ASSERT(issue != nullptr);
  return {.issue = issue,
          .category = issue->category,
          .object_type = std::move(object_type),
          .object_name = name,
          .object_key = std::move(name),
          .reason = std::move(reason),
          .suggestion = issue->suggestion};
}

}  // namespace

std::vector<Finding> converted_findings(const SourceFacts& facts) {
  std::vector<Finding> findings;
  for (const format::SourceObject& one : facts.source_objects) {
    const std::string_view type = one.translated ? analysis::kConvertedWithChange : analysis::kNotTranslated;
    findings.push_back(finding_of(type, one.type, one.name, one.reason));
    findings.back().sql = one.statement;
  }
  for (const format::UnfitColumn& one : facts.unfit_columns) {
    const std::string name = fmt::format("{}.{}.{}", one.schema, one.table, one.column);
    findings.push_back(finding_of(analysis::kUnfitValues, "COLUMN", name,
                                  fmt::format("{} in {} row{}", one.what, one.rows, one.rows == 1 ? "" : "s")));
    findings.back().suggestion = fmt::format("--value-rules '{}', or change them on the source.", one.proposed_rule);
    findings.back().details = {{"ColumnName", one.column},
                               {"Value", one.what},
                               {"Rows", std::to_string(one.rows)},
                               {"Examples", one.examples},
                               {"ProposedRule", one.proposed_rule}};
  }
  analysis::give_ids(findings);
  return findings;
}

}  // namespace voyager::migration

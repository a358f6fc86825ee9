#include "migration/assess/assessment_notes.h"

#include <algorithm>

namespace voyager::migration {
namespace {

using enum model::NoteKind;

constexpr const char* kColocationLimits =
    "https://docs.yugabyte.com/stable/additional-features/colocation/#limitations-and-considerations";
constexpr const char* kAssessmentLimits =
    "https://docs.yugabyte.com/stable/yugabyte-voyager/known-issues/#assessment-and-schema-analysis-limitations";

}  // namespace

std::vector<model::AssessmentNote> assessment_notes(const model::Assessment& assessment,
                                                    const std::vector<std::string>& settled_types) {
  std::vector<model::AssessmentNote> notes;
  const bool for_yugabytedb = !assessment.analysis.target_version.empty();
  if (for_yugabytedb) {
    notes.push_back({.text = "Some of the features that are listed as issues may be there as preview features of the "
                             "target version; the versions given with each issue say so."});
  }
  if (assessment.sizing.colocated && !assessment.sizing.colocated->empty()) {
    notes.push_back({.kind = kPlacement,
                     .text =
                         "A table that is read or written very often is better kept out of colocation even where it "
                         "is small:",
                     .link_text = "limits of colocation",
                     .link = kColocationLimits});
  }
  if (std::ranges::find(settled_types, "UNLOGGED_TABLES") != settled_types.end()) {
    notes.push_back({.text = "The schema has unlogged tables. The target accepts the word and makes ordinary, logged "
                             "tables of them."});
  }
  if (for_yugabytedb) {
    notes.push_back({.text = "What an assessment cannot see by its nature is listed here:",
                     .link_text = "limits of assessment",
                     .link = kAssessmentLimits});
    notes.push_back({.kind = kSizing,
                     .text = "The second estimate of the import time leaves out redundant indexes, which export schema "
                             "moves out of the way."});
  }
  return notes;
}

}  // namespace voyager::migration

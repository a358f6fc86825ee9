#include "analysis/issues_conversion.h"

#include <string>
#include <utility>

namespace voyager::analysis {
namespace {

Issue row(std::string_view type, std::string_view name, std::string_view objects, Category category, Impact impact,
          std::string_view description, std::string_view suggestion, std::string_view catalog_type) {
  return {.type = std::string(type),
          .name = std::string(name),
          .category = category,
          .impact = impact,
          .objects = std::string(objects),
          .description = std::string(description),
          .suggestion = std::string(suggestion),
          .any_target = true,
          .assessment_only = true,
          .assessed = Assessed::kNever,  // No finding of the analysis is one of these: the assessment adds them.
          .catalog_types = {catalog_type}};
}

}  // namespace

std::vector<Issue> conversion_issues() {
  return {
      row(kNotTranslated, "Objects that are not translated", "TRIGGER, PROCEDURE, FUNCTION, EVENT, VIEW, INDEX, ...",
          Category::kFeature, Impact::kLevel2, "The object has no certain form on the target and stays behind.",
          "Write it anew for the target: its text is in schema/uncategorized.sql after export schema.",
          "not translated"),
      row(kConvertedWithChange, "Objects that are something else on the target", "TABLE, INDEX, VIEW, ...",
          Category::kCaveat, Impact::kLevel1, "The object is on the target, and not as the source has it.",
          "Look whether the application minds.", "changed"),
      row(kUnfitValues, "Values that the target cannot hold", "TABLE", Category::kCaveat, Impact::kLevel2,
          "Rows hold values that the target cannot hold, or texts that were encoded twice.",
          "Say what becomes of them with --value-rules, or change them on the source.", "unfit value")};
}

}  // namespace voyager::analysis

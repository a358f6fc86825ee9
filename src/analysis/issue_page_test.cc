// docs/reference/issues.md is made from the table. Run with VOY_REWRITE=1 to write it anew.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>

#include "analysis/issue.h"
#include "base/files.h"
#include "base/text.h"

namespace voyager::analysis {
namespace {

const std::filesystem::path kPage =
    std::filesystem::path(VOY_FOLDER).parent_path().parent_path() / "docs/reference/issues.md";

std::string cell(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

std::string versions(const Issue& issue) {
  const std::string list = fixed_versions(issue.fixed).text;
  return list.empty() ? "" : fmt::format(" Fixed in {}.", list);
}

std::string links(const Issue& issue) {
  std::string text;
  if (!issue.docs.empty()) text += fmt::format(" [More]({}).", issue.docs);
  if (!issue.tracker.empty()) text += fmt::format(" [Request]({}).", issue.tracker);
  return text;
}

/// Where it is not what the part of the page says.
std::string assessment(const Issue& issue) {
  if (issue.detector != nullptr && issue.assessed == Assessed::kNever) return " Not told by the assessment.";
  if (issue.rule == nullptr || issue.assessed == Assessed::kNever) return "";
  return issue.assessed == Assessed::kOracle ? " Told by the assessment of an Oracle source, too."
                                             : " Told by the assessment, too.";
}

std::string row(const Issue& issue) {
  const std::string suggestion = issue.suggestion.empty() ? "" : " " + issue.suggestion;
  const std::string level = issue.assessed == Assessed::kOracle && !issue.catalog_types.empty()
                                ? std::string("–")
                                : fmt::format("{}", static_cast<int>(issue.impact));
  return fmt::format("| `{}` | {} | {} | {} |{}{}{}{}{}{} |\n", issue.type, cell(issue.name), level, issue.objects,
                     " " + cell(issue.description), cell(suggestion), versions(issue), links(issue),
                     issue.any_target ? " Holds for every target." : "", assessment(issue));
}

std::string page() {
  std::map<std::string, std::string> parts;
  const auto part_of = [](const Issue& issue) -> std::string {
    if (!issue.catalog_types.empty() && issue.assessed == Assessed::kNever)
      return "7. Told by the assessment of a source whose schema is converted (MySQL) only";
    if (!issue.catalog_types.empty()) return "6. Told by the assessment of an Oracle source only";
    if (issue.category == Category::kPerformance || issue.assessment_only) return "5. Told by the assessment only";
    if (issue.category == Category::kDatatype || issue.type.starts_with("UNSUPPORTED_DATATYPE"))
      return "2. Types of columns";
    if (issue.type.starts_with("PK_UK_ON") || issue.type.starts_with("INDEX_ON"))
      return "3. Keys and indexes on complex types";
    return issue.detector != nullptr ? "1. Objects and queries" : "4. Found by a statement's words";
  };
  for (const Issue& issue : issues()) parts[part_of(issue)] += row(issue);
  std::string text =
      "# Issues\n\nWritten from the table in `src/analysis/` (`VOY_REWRITE=1 build/dev/bin/analysis_test`). What "
      "`analyze-schema` tells, and what is\n"
      "told by the assessment. Level 1 asks for a change of DDL only, level 2 for one of queries and the application "
      "too, level 3 has no simple\n"
      "way round. An issue is silent for a target version in which it is fixed; versions are compared within a series "
      "(2025.1, 2025.2), EA is\n"
      "early access, TP a tech preview. For a target that is not YugabyteDB only what holds for every target is "
      "told. The assessment tells parts 1 to 3\nand 5; of part 4 what says so.\n";
  for (const auto& [heading, rows] : parts) {
    text +=
        fmt::format("\n## {}\n\n| type | name | level | found on | what it is, what to do |\n|---|---|---|---|---|\n{}",
                    heading, rows);
  }
  return text;
}

TEST(IssuePage, IsWhatTheTableSays) {
  if (std::getenv("VOY_REWRITE") != nullptr) base::write_file_atomically(kPage, page());
  EXPECT_EQ(base::read_file(kPage), page()) << "run VOY_REWRITE=1 build/dev/bin/analysis_test";
}

}  // namespace
}  // namespace voyager::analysis

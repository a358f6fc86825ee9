// How a hit of a detector becomes a finding.
#include <fmt/format.h>

#include <algorithm>

#include "analysis/analyzer_run.h"
#include "analysis/index_text.h"
#include "base/text.h"

namespace voyager::analysis {
namespace {

constexpr std::size_t kDropped = static_cast<std::size_t>(-1);  // No place in the findings.

int lines_in(std::string_view text) {
  return static_cast<int>(std::ranges::count(text, '\n'));
}

/// The sentence about a preview of the feature.
std::string maturity_sentence(const Issue& issue, const Version& target, Maturity maturity) {
  if (maturity != Maturity::kEarlyAccess && maturity != Maturity::kTechPreview) return {};
  const bool early = maturity == Maturity::kEarlyAccess;
  std::string text =
      fmt::format(" Version {} has it as {}, off unless it is switched on; {}.", target.text(),
                  early ? "Early Access (EA)" : "Tech Preview (TP)",
                  early ? "it stays compatible and is supported, but should be tried out with Yugabyte first"
                        : "it may still change and nobody guarantees for it");
  if (!issue.flags.empty()) text += fmt::format(" It is switched on by {}.", issue.flags);
  return text;
}

}  // namespace

int Run::line_at(const Statement& statement, std::size_t offset) {
  return statement.line + lines_in(statement.text.substr(0, std::min(offset, statement.text.size())));
}

bool Run::is_dropped(const Issue& issue) {
  if (issue.assessment_only && !options_.assessment) return true;
  if (!options_.target) return !issue.any_target;
  // What performance findings recommend may exist in the target; that they hold does not change.
  if (issue.fixed.in(*options_.target) != Maturity::kSupported || issue.category == Category::kPerformance)
    return false;
  settled_.insert(issue.type);
  return true;
}

void Run::place(Finding& finding, const Statement& statement, std::size_t location) const {
  finding.has_place = true;
  finding.file = statement.file;
  const std::string_view before = statement.text.substr(0, std::min(location, statement.text.size()));
  const std::size_t line_start = before.rfind('\n');
  finding.line = statement.line + lines_in(before);
  finding.column = line_start == std::string_view::npos ? statement.column + static_cast<int>(before.size())
                                                        : static_cast<int>(before.size() - line_start);
  finding.end_line = statement.line + lines_in(base::trim(statement.text));
}

/// Everything but the place. `statement` is null for what the whole schema or the application is told.
Finding Run::finding_of(const Issue& issue, const Statement* statement, Hit& hit) const {
  const bool in_body = statement != nullptr && statement->in_body;
  const bool in_query = statement != nullptr && statement->in_query;
  Finding finding{.issue = &issue, .category = issue.category, .details = std::move(hit.details)};
  if (in_body && issue.category != Category::kPerformance) finding.category = Category::kBody;
  if (in_query) finding.category = Category::kQuery;
  if (!in_query) name_object(finding, statement, hit);
  finding.reason = issue.description + (hit.specifics.empty() ? "" : " " + hit.specifics);
  if (options_.target) finding.reason += maturity_sentence(issue, *options_.target, issue.fixed.in(*options_.target));
  finding.suggestion = hit.suggestion.empty() ? issue.suggestion : hit.suggestion;
  finding.sql = statement == nullptr ? issue.told_once : base::trim(statement->text);
  return finding;
}

void Run::name_object(Finding& finding, const Statement* statement, const Hit& hit) const {
  const bool in_body = statement != nullptr && statement->in_body;
  finding.object_type =
      in_body || hit.object_type.empty() ? (statement == nullptr ? "" : statement->object_type) : hit.object_type;
  // What belongs to no object is told for the kind that its file is for.
  if (finding.object_type.empty() && statement != nullptr) finding.object_type = files_[statement->file].object_type;
  finding.object_key =
      in_body || hit.object_name.empty() ? (statement == nullptr ? "" : statement->object_name) : hit.object_name;
  finding.object_name = finding.object_key;
  finding.constraint = hit.constraint;
  if (hit.constraint.empty() || hit.quiet_constraint) return;
  if (!in_body) finding.object_name += fmt::format(", constraint: ({})", hit.constraint);
  finding.details["ConstraintName"] = hit.constraint;
}

void Run::add(const Issue& issue, Hit hit) {
  const auto [said, is_new] = said_.try_emplace({&issue, issue.told_once.empty() ? hit.statement : 0}, kDropped);
  if (!issue.told_once.empty()) {
    if (!is_new) return;
    hit.whole_schema = true;
  }
  const Statement* statement = hit.whole_schema ? nullptr : &statements_[hit.statement];
  const bool in_query = statement != nullptr && statement->in_query;
  if (is_dropped(issue) || (in_query && !issue.in_queries)) return;
  Finding finding = finding_of(issue, statement, hit);
  if (statement != nullptr && !in_query) {
    place(finding, *statement, hit.location);
    if (const auto conditions = finding.details.find("RecommendedSQL"); conditions != finding.details.end()) {
      conditions->second = with_conditions(statement->text, base::split(conditions->second, '\x1f'));
    }
  }
  if (!in_query) {
    const std::string& own_type = hit.owner_type.empty() ? finding.object_type : hit.owner_type;
    const std::string& type = issue.counts_as.empty() ? own_type : issue.counts_as;
    const std::string& name = hit.owner_name.empty() ? finding.object_key : hit.owner_name;
    if (issue.invalidates) inventory_.invalidate(type, name);
    if (issue.category == Category::kPerformance) inventory_.flag(type, name);
  }
  said->second = result_.findings.size();
  result_.findings.push_back(std::move(finding));
}

void Run::add_function(const Issue& issue, std::size_t statement, const std::string& name) {
  const auto said = said_.find({&issue, statement});
  if (said == said_.end() || said->second == kDropped) return;
  std::string& names = result_.findings[said->second].details["FunctionNames"];
  const std::vector<std::string> known = base::split(names, ',');
  const bool is_known = std::ranges::any_of(known, [&](const std::string& one) { return base::trim(one) == name; });
  if (!is_known) names += (names.empty() ? "" : ", ") + name;
}

}  // namespace voyager::analysis

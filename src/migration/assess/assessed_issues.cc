#include "migration/assess/assessed_issues.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <tuple>

#include "analysis/schema.h"
#include "migration/analyze/issue_values.h"
#include "migration/assess/converted_findings.h"
#include "migration/assess/issue_causes.h"
#include "migration/assess/issue_effort.h"
#include "migration/assess/live_obstacles.h"
#include "migration/assess/not_looked_at.h"
#include "migration/assess/object_usage.h"
#include "migration/assess/oracle_issues.h"

namespace voyager::migration {
namespace {

using analysis::Analysis;
using analysis::Assessed;
using analysis::Category;
using analysis::Finding;

constexpr std::array kCategoryOrder = {Category::kDatatype, Category::kFeature, Category::kQuery,
                                       Category::kBody,     Category::kCaveat,  Category::kPerformance};

std::size_t place_of(Category category) {
  return static_cast<std::size_t>(std::ranges::find(kCategoryOrder, category) - kCategoryOrder.begin());
}

std::vector<std::string_view> texts_of(const AssessedIssuesInput& input, const SourceFacts& facts, bool oracle) {
  std::vector<std::string_view> texts;
  if (!input.queries || oracle) return texts;
  for (const model::QueryStatistics& one : facts.queries) texts.push_back(one.query);
  return texts;
}

analysis::ColumnStatistics statistics_of(const format::ColumnShare& one) {
  return {.null_share = one.null_share, .top_share = one.top_share, .top_value = one.top_value};
}

bool is_skewed(const format::ColumnShare& one) {
  const analysis::ColumnStatistics column = statistics_of(one);
  return analysis::has_many_nulls(column) || analysis::has_a_top_value(column);
}

/// Takes the shares over.
analysis::Options options_of(const AssessedIssuesInput& input, SourceFacts& facts) {
  analysis::Options options{.bodies = input.bodies, .assessment = true, .schemas = input.schemas};
  if (!input.target_version.empty()) options.target = analysis::parse_version(input.target_version);
  for (const format::ColumnShare& one : facts.column_shares) {
    if (is_skewed(one))
      options.statistics.emplace(fmt::format("{}.{}.{}", one.schema, one.table, one.column), statistics_of(one));
  }
  facts.column_shares = {};
  return options;
}

std::vector<analysis::CatalogColumn> take_columns(SourceFacts& facts) {
  std::vector<analysis::CatalogColumn> columns;
  for (format::ColumnType& one : facts.column_types) {
    if (analysis::is_plain_type(one.type)) continue;
    const bool of_table = facts.object_types.contains(one.schema + "." + one.table);
    columns.push_back({.schema = std::move(one.schema),
                       .table = std::move(one.table),
                       .column = std::move(one.column),
                       .type = std::move(one.type),
                       .of_table = of_table});
  }
  facts.column_types = {};
  return columns;
}

/// Cuts what no assessment of this source carries off `findings`.
std::vector<Finding> take_left_out(std::vector<Finding>& findings, bool oracle) {
  const Assessed source = oracle ? Assessed::kOracle : Assessed::kPostgresql;
  const auto rest =
      std::ranges::partition(findings, [&](const Finding& one) { return one.issue->assessed == source; }).begin();
  std::vector<Finding> left_out(std::make_move_iterator(rest), std::make_move_iterator(findings.end()));
  findings.erase(rest, findings.end());
  return left_out;
}

void sort_for_report(std::vector<Finding>& findings) {
  const auto key = [](const Finding& one) {
    return std::make_tuple(place_of(one.category), -static_cast<int>(one.issue->impact),
                           std::tie(one.issue->type, one.object_name), !one.has_place,
                           std::tie(one.file, one.line, one.id));
  };
  std::ranges::sort(findings, [&](const Finding& a, const Finding& b) { return key(a) < key(b); });
}

model::AnalysisIssue assessed(Finding& finding, const SchemaPlaces& places, bool oracle) {
  model::AnalysisIssue issue = as_issue(std::move(finding), places);
  if (oracle) issue.level = 0;  // What an issue of Oracle weighs is not known.
  const auto text = issue.details.find("RecommendedSQL");
  if (text != issue.details.end() && text->second != issue.sql) {
    issue.fix_kind = "sql";
    issue.fix_text = text->second;
  }
  issue.phase = phase_of(issue);
  return issue;
}

void add_usage(AssessedFindings& found, const ObjectUsage& usage) {
  for (std::size_t i = 0; i < found.issues.size(); ++i) {
    model::AnalysisIssue& issue = found.issues[i];
    const std::string& object = found.findings[i].object_key;
    if (issue.category != to_string(analysis::Category::kPerformance)) continue;
    issue.usage = issue.object_type == "INDEX" ? usage.of_index(qualified_index(object), table_of_index(object))
                                               : usage.of_table(qualified(object));
  }
}

/// The findings of an assessment as issues, in the order of the report.
AssessedFindings judged(std::vector<Finding> findings, const SchemaPlaces& places, const SourceFacts& facts,
                        const analysis::Schema& schema, bool oracle) {
  if (oracle) std::ranges::move(oracle_findings(facts), std::back_inserter(findings));
  std::ranges::move(converted_findings(facts), std::back_inserter(findings));
  sort_for_report(findings);
  AssessedFindings found;
  found.issues.reserve(findings.size());
  for (Finding& one : findings) found.issues.push_back(assessed(one, places, oracle));
  found.findings = std::move(findings);
  add_usage(found, ObjectUsage(facts.object_uses, schema));
  find_causes(found, schema);
  estimate_effort(found.issues);
  return found;
}

Analysis analyzed(const AssessedIssuesInput& input, SourceFacts& facts, std::span<const std::string_view> queries,
                  bool oracle, base::Stop& stop) {
  analysis::Options options = options_of(input, facts);
  options.queries = queries;
  std::vector<analysis::CatalogColumn> columns;
  if (!oracle && !facts.column_types.empty()) {
    columns = take_columns(facts);
    options.columns = columns;
  }
  Analysis analysis = analysis::analyze(as_texts(input.files), options, [&stop] { return !stop.draining(); });
  base::throw_if_draining(stop, "the assessment was stopped before its end", "earlier reports were left as they are");
  return analysis;
}

}  // namespace

AssessedIssues assess_issues(const AssessedIssuesInput& input, SourceFacts facts, base::Stop& stop) {
  const bool oracle = is_oracle(facts);
  const std::vector<std::string_view> queries = texts_of(input, facts, oracle);
  Analysis analysis = analyzed(input, facts, queries, oracle, stop);
  const SchemaPlaces places{.files = input.files, .folder = input.folder, .export_dir = input.export_dir};
  const std::vector<Finding> left_out = take_left_out(analysis.findings, oracle);
  AssessedFindings found = judged(std::move(analysis.findings), places, facts, *analysis.schema, oracle);
  AssessedIssues result{.objects = as_objects(analysis),
                        .live_obstacles = live_obstacles(*analysis.schema, found),
                        .not_looked_at = not_looked_at({analysis, places, queries, left_out}),
                        .settled_types = analysis.settled_types,
                        .statements = analysis.statements};
  result.issues = std::move(found.issues);
  return result;
}

AssessedIssues assess_issues(const AssessedIssuesInput& input, format::AssessmentDb& db, base::Stop& stop) {
  // What nothing is told of goes at once: of a source with many tables it is most of what there is.
  SourceFacts facts{.column_shares = db.column_shares()};
  std::erase_if(facts.column_shares, [](const format::ColumnShare& one) { return !is_skewed(one); });
  facts.column_shares.shrink_to_fit();
  facts.object_types = db.object_types();
  facts.object_uses = db.object_uses();
  if (input.queries) facts.queries = db.queries();
  facts.source_objects = db.source_objects();
  facts.unfit_columns = db.unfit_columns();
  facts.column_types = db.column_types();
  return assess_issues(input, std::move(facts), stop);
}

}  // namespace voyager::migration

// The list of issues that pages share, with what filters it. Without script everything is there and readable; only
// filtering and sorting need it.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/schema_analysis.h"

namespace voyager::report {

/// Fields of page/filter.js that a button sets: category, level, object, type, state, schema, usage.
using IssueFilter = std::map<std::string, std::string>;

/// Shows only what has these fields, in all lists of the page, and goes to the section `jump`; no field shows
/// everything.
std::string filter_button(const IssueFilter& wanted, std::string_view text, std::string_view jump = "issues");
/// The same as a link, which without script goes to the first of the issues.
std::string filter_link(const IssueFilter& wanted, std::string_view text, const model::AnalysisIssue& first,
                        std::string_view jump = "issues");
/// "level 3", in its colour.
std::string level_html(int level);

struct IssueListOptions {
  std::string id = "issues";              ///< Of the list, different from that of the page's other lists.
  std::string root = "../";               ///< The way from the report to the export directory.
  std::vector<std::string> schemas = {};  ///< Known ones, so that an object's schema can be told from its name.
  bool compared = false;                  ///< There was a run before.
  std::size_t rows_max = 5000;            ///< A longer list is told in groups: a page of all would load slowly.
};

/// Search box, chips and sorting; put it above the first list. They work on all lists of the page.
std::string issue_filters_html(std::span<const model::AnalysisIssue* const> issues, const IssueListOptions& options);
/// The issues in the order given; equal ones are one row with their number and their places.
std::string issue_rows_html(std::span<const model::AnalysisIssue* const> issues, const IssueListOptions& options);

/// The schema that an object's name begins with, where it is one of `schemas`; the only one where there is but one.
std::string schema_of(std::string_view object_name, std::span<const std::string> schemas);

}  // namespace voyager::report

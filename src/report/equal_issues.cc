#include "report/equal_issues.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <tuple>

namespace voyager::report {
namespace {

using model::AnalysisIssue;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Past the digits at `from`.
std::size_t after_digits(std::string_view text, std::size_t from) {
  while (from < text.size() && is_digit(text[from])) ++from;
  return from;
}

/// Of digits: below, equal or above as numbers of any length.
int compare_numbers(std::string_view a, std::string_view b) {
  const auto significant = [](std::string_view digits) {
    return digits.substr(std::min(digits.find_first_not_of('0'), digits.size()));
  };
  const std::string_view x = significant(a);
  const std::string_view y = significant(b);
  return x.size() != y.size() ? (x.size() < y.size() ? -1 : 1) : x.compare(y);
}

int natural_compare(std::string_view a, std::string_view b) {
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() && j < b.size()) {
    if (is_digit(a[i]) && is_digit(b[j])) {
      const std::size_t i_end = after_digits(a, i);
      const std::size_t j_end = after_digits(b, j);
      const int order = compare_numbers(a.substr(i, i_end - i), b.substr(j, j_end - j));
      if (order != 0) return order;
      i = i_end;
      j = j_end;
      continue;
    }
    if (a[i] != b[j]) return static_cast<unsigned char>(a[i]) < static_cast<unsigned char>(b[j]) ? -1 : 1;
    ++i;
    ++j;
  }
  if (i < a.size() || j < b.size()) return i < a.size() ? 1 : -1;
  return a.compare(b);  // They differ in leading zeros at most.
}

bool comes_before(const AnalysisIssue* a, const AnalysisIssue* b) {
  if (a->level != b->level) return a->level > b->level;
  if (a->effort_hours != b->effort_hours) return a->effort_hours > b->effort_hours;
  if (a->name != b->name) return a->name < b->name;
  if (a->object_type != b->object_type) return a->object_type < b->object_type;
  if (const int order = natural_compare(a->object_name, b->object_name); order != 0) return order < 0;
  if (const int order = natural_compare(a->file, b->file); order != 0) return order < 0;
  return std::tie(a->line, a->column) < std::tie(b->line, b->column);
}

/// What a reader is told, without the place. The texts live in the issues.
auto told(const AnalysisIssue& issue) {
  return std::tuple(issue.type, issue.category, issue.level, std::string_view(issue.object_type),
                    std::string_view(issue.object_name), std::string_view(issue.reason),
                    std::string_view(issue.suggestion), issue.is_new, std::string_view(issue.usage),
                    std::string_view(issue.phase), issue.caused_by.empty());
}

}  // namespace

bool natural_less(std::string_view a, std::string_view b) {
  return natural_compare(a, b) < 0;
}

std::vector<const AnalysisIssue*> by_weight(std::span<const AnalysisIssue> issues) {
  std::vector<const AnalysisIssue*> sorted;
  for (const AnalysisIssue& issue : issues) sorted.push_back(&issue);
  std::ranges::stable_sort(sorted, comes_before);
  return sorted;
}

std::vector<EqualIssues> fold_equal(std::span<const AnalysisIssue* const> issues) {
  std::map<decltype(told(*issues[0])), std::size_t> rows;
  std::vector<EqualIssues> folded;
  for (const AnalysisIssue* issue : issues) {
    const auto [row, added] = rows.try_emplace(told(*issue), folded.size());
    if (added) folded.emplace_back();
    folded[row->second].push_back(issue);
  }
  return folded;
}

}  // namespace voyager::report

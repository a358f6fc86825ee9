// Plain text, XML, and the lines for the terminal.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "base/utf8.h"
#include "report/equal_issues.h"
#include "report/numbers.h"
#include "report/schema_report.h"
#include "report/server_version.h"
#include "report/text_width.h"

namespace voyager::report {
namespace {

constexpr std::size_t kFirstMax = 10;

/// Also takes out what no XML may hold.
std::string escape_xml(std::string_view text) {
  if (base::first_bad_byte(text)) return escape_xml(base::with_bad_bytes_replaced(text));
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7F) continue;
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
  return out;
}

std::string element(int depth, std::string_view name, std::string_view text) {
  return fmt::format("{}<{}>{}</{}>\n", std::string(static_cast<std::size_t>(depth), '\t'), name, escape_xml(text),
                     name);
}

std::string objects_xml(const model::AnalysisObjects& one) {
  return "\t\t<DBObjects>\n" + element(3, "ObjectType", one.type) +
         element(3, "TotalCount", std::to_string(one.total)) + element(3, "InvalidCount", std::to_string(one.flagged)) +
         element(3, "ObjectNames", base::join(one.names, ", ")) + element(3, "Details", base::join(one.details, "\n")) +
         "\t\t</DBObjects>\n";
}

std::string issue_xml(const model::AnalysisIssue& issue) {
  return "\t<Issues>\n" + element(2, "IssueType", issue.category) + element(2, "ObjectType", issue.object_type) +
         element(2, "ObjectName", issue.object_name) + element(2, "Reason", issue.reason) +
         element(2, "SqlStatement", issue.sql) + element(2, "FilePath", issue.file_path) +
         element(2, "Suggestion", issue.suggestion) + element(2, "GH", issue.tracker) +
         element(2, "DocsLink", issue.docs) + element(2, "Id", issue.id) + element(2, "Type", issue.type) +
         element(2, "Impact", fmt::format("LEVEL_{}", issue.level)) + element(2, "Line", std::to_string(issue.line)) +
         element(2, "Column", std::to_string(issue.column)) + "\t</Issues>\n";
}

std::string place(const model::AnalysisIssue& issue) {
  return issue.line > 0 ? fmt::format("{}:{}:{}", issue.file, issue.line, issue.column) : "the schema as a whole";
}

std::string indented(std::string_view text, std::string_view by) {
  std::string out;
  for (const std::string& line : base::split(text, '\n')) out += (out.empty() ? "" : "\n" + std::string(by)) + line;
  return out;
}

std::string boxed(std::string_view title) {
  const std::string edge = "+" + std::string(title.size() + 4, '-') + "+\n";
  return fmt::format("{}|  {}  |\n{}\n", edge, title, edge);
}

std::string field(std::string_view name, std::string_view text) {
  constexpr std::string_view kBlank = "                  ";
  return text.empty() ? "" : fmt::format("    {:<14}{}\n", name, indented(text, kBlank));
}

std::string issue_text(std::size_t number, const EqualIssues& row) {
  const model::AnalysisIssue& issue = *row.front();
  std::string text =
      fmt::format("{}. {} {}  [level {}] {}", number, issue.object_type, issue.object_name, issue.level, issue.name);
  text += row.size() > 1 ? fmt::format(", {} times\n", row.size()) : "\n";
  text += field("reason", issue.reason);
  if (row.size() == 1) text += field("sql", issue.sql) + field("where", place(issue));
  text += field("suggestion", issue.suggestion);
  text += field("request", issue.tracker) + field("more", issue.docs) + field("fixed in", issue.fixed_in->text);
  if (row.size() == 1) return text + field("id", issue.id) + "\n";
  for (const model::AnalysisIssue* one : row)
    text += field("where", place(*one)) + field("sql", one->sql) + field("id", one->id);
  return text + "\n";
}

std::string change_words(const model::AnalysisChange& change) {
  return fmt::format("{} new, {} fixed, {} unchanged", change.added, change.fixed.size(), change.unchanged);
}

std::string level_words(const model::SchemaAnalysis& analysis) {
  return fmt::format("{} of level 3, {} of level 2, {} of level 1", analysis.count(3), analysis.count(2),
                     analysis.count(1));
}

std::string objects_text(const model::AnalysisObjects& one) {
  const std::size_t without = one.total - std::min(one.total, one.flagged);
  std::string text =
      fmt::format("{}: {} in all, {} without issues, {} with\n", one.type, one.total, without, one.flagged);
  text += field("names", base::join(one.names, ", "));
  return text + field("details", base::join(one.details, "\n"));
}

}  // namespace

std::string schema_report_xml(const model::SchemaAnalysis& analysis) {
  std::string xml = "<SchemaReport>\n" + element(1, "VoyagerVersion", analysis.program_version) +
                    element(1, "TargetDBVersion", analysis.target_version) + "\t<SchemaSummary>\n" +
                    element(2, "Description", analysis.description) + element(2, "DBName", analysis.database);
  for (const std::string& schema : analysis.schemas) xml += element(2, "SchemaNames", schema);
  xml += element(2, "DBVersion", own_version(analysis.database_version));
  for (const std::string& note : analysis.notes) xml += element(2, "Notes", note);
  for (const model::AnalysisObjects& one : analysis.objects) xml += objects_xml(one);
  xml += "\t</SchemaSummary>\n";
  for (const model::AnalysisIssue& issue : analysis.issues) xml += issue_xml(issue);
  return xml + "</SchemaReport>\n";
}

std::string schema_report_text(const model::SchemaAnalysis& analysis) {
  std::string text = boxed("Schema analysis report");
  text += "Migration information\n\n" + field("program", analysis.program_version) +
          field("database", analysis.database) + field("schemas", base::join(analysis.schemas, ", ")) +
          field("version", short_version(analysis.database_version)) + field("target", analysis.target) +
          field("made at", analysis.made_at);
  text += "\nSchema summary\n\n";
  for (const model::AnalysisObjects& one : analysis.objects) text += objects_text(one);
  text += fmt::format("\nIssues: {} ({})\n", analysis.issues.size(), level_words(analysis));
  if (analysis.change.known) text += fmt::format("Since the last run: {}\n", change_words(analysis.change));
  text += "\n";
  std::size_t number = 0;
  for (const EqualIssues& row : fold_equal(by_weight(analysis.issues))) text += issue_text(++number, row);
  if (!analysis.notes.empty()) text += "Notes\n\n";
  for (const std::string& note : analysis.notes) text += fmt::format("- {}\n", note);
  return printable_lines(text);
}

std::string schema_report_summary(const model::SchemaAnalysis& analysis) {
  std::string text = fmt::format("{} in {} analysed for {}\n", counted(analysis.statements, "statement", "statements"),
                                 counted(analysis.files, "file", "files"), analysis.target);
  if (analysis.issues.empty()) {
    text += "no issues\n";
  } else {
    text += fmt::format("{}: {}\n", counted(analysis.issues.size(), "issue", "issues"), level_words(analysis));
  }
  if (analysis.change.known) text += fmt::format("since the last run: {}\n", change_words(analysis.change));
  std::map<std::pair<int, std::string_view>, std::size_t> groups;
  for (const model::AnalysisIssue& issue : analysis.issues) ++groups[{-issue.level, issue.name}];
  std::size_t shown = 0;
  for (const auto& [group, count] : groups) {
    if (++shown > kFirstMax) break;
    text += fmt::format("  level {}  {:>5}  {}\n", -group.first, count, group.second);
  }
  if (groups.size() > kFirstMax) text += fmt::format("  and {} other kinds\n", groups.size() - kFirstMax);
  for (const std::string& note : analysis.notes) text += fmt::format("note: {}\n", note);
  return printable_lines(text);
}

}  // namespace voyager::report

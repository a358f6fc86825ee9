#include "report/anonymize.h"

#include <map>
#include <string>
#include <vector>

#include "base/text.h"
#include "report/name_hider.h"

namespace voyager::report {
namespace {

using model::Assessment;
using model::SchemaAnalysis;

constexpr const char* kHidden = "…";

void hide_all(std::vector<std::string>& texts, NameHider& hider, std::string (NameHider::*how)(std::string_view)) {
  for (std::string& text : texts) text = (hider.*how)(text);
}

/// What a detector noted beside its finding. Shares are numbers; one key holds SQL and one a value of the data.
std::string hidden_detail(const std::string& key, const std::string& value, NameHider& hider) {
  if (key.starts_with("Frequency")) return value;
  if (key == "Value" || key == "Examples" || key == "ProposedRule") return kHidden;
  return key.find("SQL") != std::string::npos ? hider.sql(value) : hider.names(value);
}

void hide(model::AnalysisIssue& issue, NameHider& hider) {
  issue.sql = hider.sql(issue.sql);
  issue.fix_text = hider.sql(issue.fix_text);
  issue.object_name = hider.names(issue.object_name);
  for (auto& [key, value] : issue.details) value = hidden_detail(key, value, hider);
  issue.reason = hider.prose(issue.reason);
  issue.suggestion = hider.prose(issue.suggestion);
  // Texts in a language of the source's, which nobody here takes apart.
  if (issue.type == "NOT_TRANSLATED" || issue.type == "CONVERTED_WITH_CHANGE") {
    if (!issue.sql.empty()) issue.sql = kHidden;
    issue.reason = kHidden;
  }
  if (issue.type == "UNFIT_VALUES") issue.suggestion = kHidden;
  // The folder is about this machine.
  issue.file_path = issue.file;
}

/// "UNLOGGED_TABLES: TABLE app.u": the type stays.
std::string hidden_fixed(const std::string& text, NameHider& hider) {
  const std::size_t colon = text.find(": ");
  if (colon == std::string::npos) return hider.names(text);
  return text.substr(0, colon + 2) + hider.names(std::string_view(text).substr(colon + 2));
}

void hide(SchemaAnalysis& analysis, NameHider& hider) {
  analysis.database = hider.name(analysis.database);
  hide_all(analysis.schemas, hider, &NameHider::name);
  for (model::AnalysisIssue& issue : analysis.issues) hide(issue, hider);
  for (model::AnalysisObjects& one : analysis.objects) {
    hide_all(one.names, hider, &NameHider::names);
    hide_all(one.details, hider, &NameHider::prose);
  }
  for (std::string& text : analysis.change.fixed) text = hidden_fixed(text, hider);
  for (model::SchemaObject& one : analysis.source_objects) {
    one.schema = hider.name(one.schema);
    one.name = hider.names(one.name);
    one.note = hider.prose(one.note);
    one.statement = hider.sql(one.statement);
  }
  hide_all(analysis.notes, hider, &NameHider::prose);
  analysis.description = hider.prose(analysis.description);
}

/// Program, command and flags without their values.
std::string hidden_command(const std::string& command) {
  std::string out;
  std::size_t number = 0;
  bool value = false;
  for (const std::string& word : base::split(command, ' ')) {
    const bool flag = word.starts_with("--");
    if (flag || number < 2) {
      const std::size_t equals = word.find('=');
      out += (out.empty() ? "" : " ") + word.substr(0, equals) + (equals == std::string::npos ? "" : "=…");
    } else if (!value) {
      out += std::string(" ") + kHidden;
    }
    // Of a value with blanks in it one sign is left.
    value = !flag && number >= 2;
    ++number;
  }
  return out;
}

/// "schema.table" as two names, where the parts are known from the figures: names may hold dots.
class QualifiedNames {
 public:
  QualifiedNames(const Assessment& assessment, NameHider& hider) : hider_(hider) {
    for (const model::ObjectFigures& one : assessment.figures) {
      const std::string hidden = hider.name(one.schema) + "." + hider.name(one.name);
      known_.emplace(one.qualified(), hidden);
    }
  }
  std::string operator()(const std::string& name) {
    const auto at = known_.find(name);
    return at == known_.end() ? hider_.names(name) : at->second;
  }

 private:
  NameHider& hider_;
  std::map<std::string, std::string> known_ = {};
};

void hide_sizing(model::Sizing& sizing, QualifiedNames& qualified, NameHider& hider) {
  for (auto* list : {&sizing.colocated, &sizing.sharded}) {
    if (!*list) continue;
    for (std::string& name : **list) name = qualified(name);
  }
  for (model::Placement& one : sizing.placements) {
    one.table = qualified(one.table);
    one.reason = hider.prose(one.reason);
  }
  for (model::SizingCandidate& one : sizing.candidates) one.failure = hider.prose(one.failure);
  sizing.reasoning = hider.prose(sizing.reasoning);
  sizing.failure = hider.prose(sizing.failure);
}

void hide_nodes(Assessment& assessment, NameHider& hider) {
  std::size_t number = 0;
  for (model::AssessedNode& node : assessment.nodes) {
    // "replica host-port": the host is named in sentences too.
    for (const std::string& part : base::split(node.name, ' ')) {
      if (part == "primary" || part == "replica") continue;
      hider.learn(part);
      hider.learn(part.substr(0, part.rfind('-')));
    }
    node.name = node.primary ? "primary" : "replica " + std::to_string(++number);
  }
}

void hide(Assessment& assessment, NameHider& hider) {
  QualifiedNames qualified(assessment, hider);
  hide_nodes(assessment, hider);
  for (model::ObjectFigures& one : assessment.figures) {
    one.parent = one.parent.empty() ? "" : qualified(one.parent);
    one.schema = hider.name(one.schema);
    one.name = hider.name(one.name);
  }
  for (model::RedundantIndex& one : assessment.redundant_indexes) {
    for (std::string* name :
         {&one.schema, &one.table, &one.index, &one.existing_schema, &one.existing_table, &one.existing_index})
      *name = hider.name(*name);
    one.ddl = hider.sql(one.ddl);
    one.existing_ddl = hider.sql(one.existing_ddl);
  }
  for (model::QueryStatistics& one : assessment.queries) one.query = hider.sql(one.query);
  hide(assessment.analysis, hider);
  hide_sizing(assessment.sizing, qualified, hider);
  for (model::LiveObstacle& one : assessment.live_obstacles) {
    one.table = qualified(one.table);
    hide_all(one.reasons, hider, &NameHider::prose);
  }
  for (model::NotLookedAt& one : assessment.not_looked_at) {
    for (std::string* text : {&one.what, &one.why, &one.fix}) *text = hider.prose(*text);
  }
  for (model::AssessmentNote& note : assessment.notes) note.text = hider.prose(note.text);
  assessment.command_line = hidden_command(assessment.command_line);
}

template <typename Report>
Report twice(const Report& report, std::string_view key) {
  NameHider hider(key);
  Report first = report;
  hide(first, hider);  // Only to learn all names.
  Report second = report;
  hide(second, hider);
  return second;
}

}  // namespace

model::SchemaAnalysis anonymized(const SchemaAnalysis& analysis, std::string_view key) {
  return twice(analysis, key);
}
model::Assessment anonymized(const Assessment& assessment, std::string_view key) {
  return twice(assessment, key);
}

}  // namespace voyager::report

#include "analysis/analyzer.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <set>
#include <tuple>
#include <unordered_set>

#include "analysis/comment_mark.h"
#include "analysis/index_text.h"
#include "analysis/inventory.h"
#include "analysis/object.h"
#include "analysis/text_rule.h"
#include "analysis/walker.h"
#include "base/text.h"
#include "sql/parse_tree.h"
#include "sql/plpgsql.h"
#include "sql/splitter.h"

namespace voyager::analysis {
namespace {

using simdjson::dom::object;
using sql::array_of;
using sql::object_of;
using sql::text_of;

constexpr std::string_view kSyntax = "UNSUPPORTED_PG_SYNTAX";
constexpr int kBodyDepthMax = 4;

/// "plpgsql", "sql" or another; empty when the statement makes no routine.
std::string routine_language(object root) {
  const auto function = object_of(root, "CreateFunctionStmt");
  const auto block = object_of(root, "DoStmt");
  if (!function && !block) return {};
  const auto options = array_of(function ? *function : *block, function ? "options" : "args");
  if (options) {
    for (const simdjson::dom::element item : *options) {
      object option;
      if (item["DefElem"].get(option) != simdjson::SUCCESS || text_of(option, "defname") != "language") continue;
      const auto argument = object_of(option, "arg");
      const auto text = argument ? object_of(*argument, "String") : std::nullopt;
      if (text) return base::lower(text_of(*text, "sval"));
    }
  }
  return block ? "plpgsql" : "other";
}

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

class Run : public Findings {
 public:
  Run(std::span<const SchemaText> files, const Options& options)
      : files_(files), options_(options), detectors_(options.assessment) {}

  void read_file(std::size_t file, const std::function<bool()>& keep_going);
  Analysis finish();

  void add(const Issue& issue, Hit hit) override;
  bool has(const Issue& issue, std::size_t statement) const override { return said_.contains({&issue, statement}); }

 private:
  struct Fragment {
    std::string_view text = {};
    sql::ParseMode mode = sql::ParseMode::kStatement;
    int line = 0;  ///< In the file.
    bool dynamic = false;
  };

  void read_statement(const sql::Piece& piece, std::size_t file);
  std::string read_tree(std::size_t number, sql::ParseMode mode);
  void check_words(std::size_t number);
  void check_marks(const sql::Piece& piece, std::size_t number);
  void tell_refused(std::size_t number);
  void read_body(std::size_t number, const std::string& language, int depth);
  void read_sql_body(std::size_t outer, const sql::BodyText& body, int line, int depth);
  void read_fragment(std::size_t outer, const Fragment& fragment, int depth);
  bool is_dropped(const Issue& issue);
  void place(Finding& finding, const Statement& statement, std::size_t location) const;
  int line_at(const Statement& statement, std::size_t offset) const {
    return statement.line + lines_in(statement.text.substr(0, std::min(offset, statement.text.size())));
  }

  std::span<const SchemaText> files_;
  const Options& options_;
  DetectorTable detectors_;
  Schema schema_ = {};
  Inventory inventory_ = {};
  std::vector<Statement> statements_ = {};
  std::deque<std::string> body_texts_ = {};  // what the statements of bodies point into
  std::set<std::pair<const Issue*, std::size_t>> said_ = {};
  std::set<std::string> settled_ = {};
  Analysis result_ = {};
};

void Run::read_file(std::size_t file, const std::function<bool()>& keep_going) {
  for (const sql::Piece& piece : sql::split_statements(files_[file].text)) {
    if (keep_going && !keep_going()) return;
    if (piece.kind == sql::Piece::Kind::kStatement) read_statement(piece, file);
  }
}

void Run::read_statement(const sql::Piece& piece, std::size_t file) {
  if (base::trim(piece.sql()) == ";") return;
  const std::size_t number = statements_.size();
  statements_.push_back({.file = file, .line = piece.line, .column = piece.column, .text = piece.sql()});
  ++result_.statements;
  const std::string language = read_tree(number, sql::ParseMode::kStatement);
  if (!statements_[number].refused.empty()) {
    ++result_.refused;
    Object object = object_of_words(piece.sql());
    statements_[number].object_type = std::move(object.type);
    statements_[number].object_name = std::move(object.name);
    statements_[number].creates = object.creates;
  }
  const std::size_t told = result_.findings.size();
  check_words(number);
  check_marks(piece, number);
  // What the words say explains a refusal better.
  if (!statements_[number].refused.empty() && result_.findings.size() == told) tell_refused(number);
  inventory_.count(statements_[number], files_[file].object_type);
  if (options_.bodies && !language.empty()) read_body(number, language, 0);
}

/// Shows the statement's tree to the detectors. Returns the language of the routine that it makes, if it makes one.
std::string Run::read_tree(std::size_t number, sql::ParseMode mode) {
  std::string language;
  const auto refused = sql::with_parse_tree(statements_[number].text, mode, [&](object root) {
    Statement& statement = statements_[number];
    if (!statement.in_body) {
      Object made = object_of_tree(root);
      statement.object_type = std::move(made.type);
      statement.object_name = std::move(made.name);
      statement.creates = made.creates;
    }
    schema_.read(root, number, statement.in_body);
    detectors_.visit(root, number, schema_, *this);
    language = routine_language(root);
  });
  if (refused) statements_[number].refused = *refused;
  return language;
}

void Run::check_words(std::size_t number) {
  for (TextHit& hit : check_text(statements_[number].text)) {
    const std::string_view type = hit.issue->rule->object_type;
    const Statement& statement = statements_[number];
    const bool own = type.empty() || type == statement.object_type;
    const bool known = own && !statement.object_name.empty();
    add(*hit.issue, {.statement = number,
                     .location = hit.location,
                     .object_type = own ? statement.object_type : std::string(type),
                     .object_name = known || hit.object_name.empty() ? statement.object_name : hit.object_name,
                     .suggestion = std::move(hit.suggestion)});
  }
}

void Run::check_marks(const sql::Piece& piece, std::size_t number) {
  const CommentMarks marks = read_marks(piece.leading());
  Statement& statement = statements_[number];
  if (marks.package) {
    statement.object_type = "PACKAGE";
    statement.creates = true;
  }
  if (marks.unsupported || marks.edit) {
    add(*find_issue(kSyntax),
        {.statement = number, .specifics = "The conversion left a remark in front of it that says so."});
    if (marks.unsupported) inventory_.invalidate(statement.object_type, statement.object_name);
  }
  if (!marks.sentence.empty()) inventory_.note("TYPE", marks.sentence);
}

void Run::tell_refused(std::size_t number) {
  const Statement& statement = statements_[number];
  add(*find_issue(kSyntax),
      {.statement = number, .specifics = fmt::format("The grammar says: {}.", statement.refused)});
}

void Run::read_body(std::size_t number, const std::string& language, int depth) {
  if (language != "plpgsql" && language != "sql") return;
  // A copy: statements_ grows below.
  const Statement routine = statements_[number];
  const std::size_t outer = routine.in_body ? routine.outer : number;
  const sql::BodyText body = sql::body_text(routine.text);
  const int line = routine.in_body ? routine.line : line_at(routine, body.offset);
  if (language == "sql") return read_sql_body(outer, body, line, depth);
  const sql::Body parsed = sql::plpgsql_queries(routine.text);
  if (!parsed.refused.empty()) {
    result_.unread_bodies.push_back(
        {routine.file, routine.line, fmt::format("{} {}", routine.object_type, routine.object_name), parsed.refused});
    return;
  }
  for (const sql::BodyQuery& query : parsed.queries) {
    body_texts_.push_back(query.text);
    const int query_line = routine.in_body ? line : line + query.line - 1;
    read_fragment(outer, {body_texts_.back(), query.mode, query_line, query.dynamic}, depth);
  }
}

void Run::read_sql_body(std::size_t outer, const sql::BodyText& body, int line, int depth) {
  if (body.text.empty()) return;
  body_texts_.push_back(body.text);
  for (const sql::Piece& piece : sql::split_statements(body_texts_.back())) {
    if (piece.kind == sql::Piece::Kind::kStatement) {
      read_fragment(outer, {piece.sql(), sql::ParseMode::kStatement, line + piece.line - 1, false}, depth);
    }
  }
}

void Run::read_fragment(std::size_t outer, const Fragment& fragment, int depth) {
  if (depth >= kBodyDepthMax || base::trim(fragment.text).empty()) return;
  if (fragment.dynamic) {
    // Several statements, perhaps; a part of one is built at run time and cannot be judged.
    for (const sql::Piece& piece : sql::split_statements(fragment.text)) {
      if (piece.kind != sql::Piece::Kind::kStatement) continue;
      read_fragment(outer, {piece.sql(), sql::ParseMode::kStatement, fragment.line + piece.line - 1, false}, depth + 1);
    }
    return;
  }
  const std::size_t number = statements_.size();
  const Statement& routine = statements_[outer];
  statements_.push_back({.file = routine.file,
                         .line = fragment.line,
                         .column = 1,
                         .text = fragment.text,
                         .object_type = routine.object_type,
                         .object_name = routine.object_name,
                         .in_body = true,
                         .outer = outer});
  const std::string language = read_tree(number, fragment.mode);
  if (!language.empty()) read_body(number, language, depth + 1);
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

void Run::add(const Issue& issue, Hit hit) {
  said_.emplace(&issue, hit.statement);
  if (is_dropped(issue)) return;
  const Statement* statement = hit.whole_schema ? nullptr : &statements_[hit.statement];
  const bool in_body = statement != nullptr && statement->in_body;
  Finding finding{.issue = &issue, .category = issue.category, .details = std::move(hit.details)};
  if (in_body && issue.category != Category::kPerformance) finding.category = Category::kBody;
  finding.object_type =
      in_body || hit.object_type.empty() ? (statement == nullptr ? "" : statement->object_type) : hit.object_type;
  // What belongs to no object is told for the kind that its file is for.
  if (finding.object_type.empty() && statement != nullptr) finding.object_type = files_[statement->file].object_type;
  finding.object_key =
      in_body || hit.object_name.empty() ? (statement == nullptr ? "" : statement->object_name) : hit.object_name;
  finding.object_name = finding.object_key;
  if (!hit.constraint.empty()) {
    if (!in_body) finding.object_name += fmt::format(", constraint: ({})", hit.constraint);
    finding.details["ConstraintName"] = hit.constraint;
  }
  finding.reason = issue.description + (hit.specifics.empty() ? "" : " " + hit.specifics);
  if (options_.target) finding.reason += maturity_sentence(issue, *options_.target, issue.fixed.in(*options_.target));
  finding.suggestion = hit.suggestion.empty() ? issue.suggestion : hit.suggestion;
  if (statement != nullptr) {
    finding.sql = base::trim(statement->text);
    place(finding, *statement, hit.location);
    if (const auto conditions = finding.details.find("RecommendedSQL"); conditions != finding.details.end()) {
      conditions->second = with_conditions(statement->text, base::split(conditions->second, '\x1f'));
    }
  }
  if (issue.invalidates)
    inventory_.invalidate(issue.counts_as.empty() ? finding.object_type : issue.counts_as, finding.object_key);
  result_.findings.push_back(std::move(finding));
}

Analysis Run::finish() {
  schema_.complete();
  detectors_.finish(schema_, options_.statistics, *this);
  if (std::ranges::any_of(schema_.indexes, [](const Index& index) { return index.method == "gin"; })) {
    inventory_.note("INDEX",
                    "There are GIN indexes: they are supported in part only, see " + database_issue(7850) + ".");
  }
  std::ranges::stable_sort(result_.findings, [](const Finding& a, const Finding& b) {
    const auto key = [](const Finding& one) {
      return std::tie(one.file, one.line, one.column, one.issue->type, one.object_name, one.reason);
    };
    return a.has_place != b.has_place ? a.has_place : key(a) < key(b);
  });
  give_ids(result_.findings);
  result_.objects = inventory_.counts();
  result_.settled_types.assign(settled_.begin(), settled_.end());
  return std::move(result_);
}

}  // namespace

Analysis analyze(std::span<const SchemaText> files, const Options& options, const std::function<bool()>& keep_going) {
  Run run(files, options);
  Analysis result;
  sql::with_large_stack([&] {
    for (std::size_t i = 0; i < files.size(); ++i) run.read_file(i, keep_going);
    result = run.finish();
  });
  return result;
}

}  // namespace voyager::analysis

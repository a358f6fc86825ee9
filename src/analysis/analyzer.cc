#include "analysis/analyzer.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "analysis/analyzer_run.h"
#include "analysis/application_query.h"
#include "analysis/comment_mark.h"
#include "analysis/object.h"
#include "analysis/text_rule.h"
#include "base/text.h"
#include "sql/parse_tree.h"

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

}  // namespace

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
    tell_unread(number);
  }
  const std::size_t told = result_.findings.size();
  check_words(number);
  check_marks(piece, number);
  // What the words say explains a refusal better.
  if (!statements_[number].refused.empty() && result_.findings.size() == told) tell_refused(number);
  inventory_.count(statements_[number], files_[file].object_type);
  if (options_.bodies && !language.empty()) read_body(number, language, 0);
}

void Run::read_queries(const std::function<bool()>& keep_going) {
  for (std::size_t i = 0; i < options_.queries.size(); ++i) {
    if (keep_going && !keep_going()) return;
    read_query(i);
  }
}

void Run::read_query(std::size_t query) {
  const std::string_view text = options_.queries[query];
  const std::size_t number = statements_.size();
  statements_.push_back({.file = query, .text = text, .in_query = true});
  std::optional<std::string> refused = read_query_text(number, text);
  if (!refused) return;
  for (const std::string& other : with_constants(text)) {
    if (!read_query_text(number, other)) return;
  }
  result_.unread_queries.push_back({query, std::move(*refused)});
}

std::optional<std::string> Run::read_query_text(std::size_t number, std::string_view text) {
  std::string language;
  std::optional<std::string> refused = sql::with_parse_tree(text, [&](object root) {
    if (is_definition(root) || !concerns(root, options_.schemas)) return;
    ++result_.queries;
    detectors_.visit(root, number, schema_, *this);
    language = routine_language(root);
  });
  // DO runs a body of its own.
  if (options_.bodies && !language.empty()) read_body(number, language, 0);
  return refused;
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
    if (!statement.in_query) schema_.read(root, number, statement.in_body);
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

void Run::tell_unread(std::size_t number) {
  const Statement& statement = statements_[number];
  const std::string object = fmt::format("{} {}", statement.object_type, statement.object_name);
  result_.unread_statements.push_back(
      {statement.file, statement.line, std::string(base::trim(object)), statement.refused});
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
  if (!parsed.refused.empty() && routine.in_query) {
    result_.unread_queries.push_back({routine.file, parsed.refused});
    return;
  }
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
      read_fragment(outer, {.text = piece.sql(), .line = fragment.line + piece.line - 1, .part = true}, depth + 1);
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
                         .outer = outer,
                         .in_query = routine.in_query});
  const std::string language = read_tree(number, fragment.mode);
  if (!statements_[number].refused.empty() && !fragment.part) tell_unread_body(number);
  if (!language.empty()) read_body(number, language, depth + 1);
}

void Run::tell_unread_body(std::size_t number) {
  const Statement& statement = statements_[number];
  if (statement.in_query) {
    result_.unread_queries.push_back({statement.file, statement.refused});
  } else {
    result_.unread_bodies.push_back({statement.file, statement.line,
                                     fmt::format("{} {}", statement.object_type, statement.object_name),
                                     statement.refused});
  }
}

Analysis Run::finish() {
  schema_.complete();
  schema_.catalog = options_.columns;
  detectors_.finish(schema_, options_.statistics, *this);
  schema_.catalog = {};
  const bool has_gin = std::ranges::any_of(schema_.indexes, [](const Index& index) { return index.method == "gin"; });
  if (options_.target && has_gin) {
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
  for (Table& table : schema_.tables) table.columns = {};  // Of a big schema they are most of it.
  result_.schema = std::make_shared<const Schema>(std::move(schema_));
  return std::move(result_);
}

Analysis analyze(std::span<const SchemaText> files, const Options& options, const std::function<bool()>& keep_going) {
  Run run(files, options);
  Analysis result;
  sql::with_large_stack([&] {
    for (std::size_t i = 0; i < files.size(); ++i) run.read_file(i, keep_going);
    run.read_queries(keep_going);
    result = run.finish();
  });
  return result;
}

}  // namespace voyager::analysis

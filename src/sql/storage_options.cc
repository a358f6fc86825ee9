#include "sql/storage_options.h"

#include <array>
#include <utility>

#include "base/text.h"
#include "sql/lexer.h"

namespace voyager::sql {
namespace {

struct Option {
  std::string name = {};
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// WITH (...) or SET (...); a routine's SET name TO value is a clause of one option without parentheses.
struct Clause {
  std::size_t begin = 0;  ///< Of WITH or SET.
  std::size_t end = 0;
  bool set = false;
  std::vector<Option> options = {};
};

enum class Form { kOther, kCreateRelation, kCreateRoutine, kAlter };

class Reader {
 public:
  explicit Reader(std::string_view sql) : sql_(sql) { read_form(); }

  Form form() const { return form_; }
  /// ALTER with several actions.
  bool several_actions() const { return several_actions_; }

  std::vector<Clause> clauses() {
    std::vector<Clause> out;
    if (form_ == Form::kOther) return out;
    int depth = 0;
    for (Token token = next(0); token.kind != TokenKind::kEnd; token = next(token.end)) {
      if (is_symbol(sql_, token, '(')) ++depth;
      if (is_symbol(sql_, token, ')')) --depth;
      if (depth == 0 && is_symbol(sql_, token, ',')) several_actions_ = true;
      // Behind it comes a query or a body.
      if (depth == 0 && form_ != Form::kAlter && (word(token, "as") || word(token, "begin") || word(token, "return")))
        break;
      const bool set = depth == 0 && word(token, "set");
      if (!set && !word(token, "with")) continue;
      if (form_ == Form::kCreateRoutine ? !set : !is_symbol(sql_, next(token.end), '(')) continue;
      Clause clause{.begin = token.begin, .set = set};
      token = form_ == Form::kCreateRoutine ? read_setting(token, clause) : read_list(next(token.end), clause);
      if (!clause.options.empty()) out.push_back(std::move(clause));
    }
    return out;
  }

 private:
  Token next(std::size_t from) const { return next_code_token(sql_, from); }
  bool word(const Token& token, std::string_view keyword) const { return is_word(sql_, token, keyword); }

  void read_form() {
    const Token first = next(0);
    const bool create = word(first, "create");
    if (!create && !word(first, "alter")) return;
    for (Token token = next(first.end); token.kind == TokenKind::kWord; token = next(token.end)) {
      const bool relation = word(token, "table") || word(token, "index") || word(token, "materialized");
      if (create && (word(token, "function") || word(token, "procedure"))) form_ = Form::kCreateRoutine;
      if (relation) form_ = create ? Form::kCreateRelation : Form::kAlter;
      if (form_ != Form::kOther) return;
    }
  }

  std::string name_of(const Token& token) const {
    if (token.kind != TokenKind::kQuotedName) return base::lower(token.of(sql_));
    return std::string(sql_.substr(token.begin + 1, token.end - token.begin - 2));
  }

  /// From the opening parenthesis; returns the closing one.
  Token read_list(const Token& open, Clause& clause) const {
    Token token = next(open.end);
    while (token.kind != TokenKind::kEnd && !is_symbol(sql_, token, ')')) {
      Option option{.name = name_of(token), .begin = token.begin, .end = token.end};
      token = next(token.end);
      for (; is_symbol(sql_, token, '.'); token = next(token.end)) {
        token = next(token.end);
        option.name += "." + name_of(token);
        option.end = token.end;
      }
      int depth = 0;
      for (; token.kind != TokenKind::kEnd; token = next(token.end)) {
        if (depth == 0 && (is_symbol(sql_, token, ',') || is_symbol(sql_, token, ')'))) break;
        if (is_symbol(sql_, token, '(')) ++depth;
        if (is_symbol(sql_, token, ')')) --depth;
        option.end = token.end;
      }
      clause.options.push_back(std::move(option));
      if (is_symbol(sql_, token, ',')) token = next(token.end);
    }
    clause.end = token.end;
    if (token.kind == TokenKind::kEnd) clause.options.clear();  // Never closed.
    return token;
  }

  /// From SET of a routine to the last token of the value.
  Token read_setting(const Token& set, Clause& clause) const {
    Token token = next(set.end);
    Option option{.name = name_of(token), .begin = set.begin};
    while (is_symbol(sql_, next(token.end), '.')) {
      token = next(next(token.end).end);
      option.name += "." + name_of(token);
    }
    const Token to = next(token.end);
    if (!word(to, "to") && !is_symbol(sql_, to, '=')) return set;  // SET x FROM CURRENT: it is known here.
    token = next(to.end);
    while (is_symbol(sql_, next(token.end), ',')) token = next(next(token.end).end);
    option.end = clause.end = token.end;
    clause.options.push_back(std::move(option));
    return token;
  }

  const std::string_view sql_;
  Form form_ = Form::kOther;
  bool several_actions_ = false;
};

/// The bytes of an option with one of the commas beside it.
std::pair<std::size_t, std::size_t> with_comma(const Clause& clause, std::size_t number) {
  const std::vector<Option>& options = clause.options;
  if (number + 1 < options.size()) return {options[number].begin, options[number + 1].begin};
  return {options[number - 1].end, options[number].end};
}

/// With the blanks in front of it.
std::string without(std::string_view sql, std::size_t begin, std::size_t end) {
  while (begin > 0 && (sql[begin - 1] == ' ' || sql[begin - 1] == '\n')) --begin;
  return std::string(sql.substr(0, begin)) + std::string(sql.substr(end));
}

struct Found {
  Clause clause = {};
  std::size_t number = 0;
  bool whole_action = false;     ///< The clause is an action of ALTER.
  bool several_actions = false;  ///< The ALTER has others.
};

std::optional<Found> find_option(std::string_view sql, std::string_view name) {
  Reader reader(sql);
  for (Clause& clause : reader.clauses()) {
    for (std::size_t i = 0; i < clause.options.size(); ++i) {
      if (clause.options[i].name != name) continue;
      const bool whole_action = clause.set && reader.form() == Form::kAlter;
      return Found{std::move(clause), i, whole_action, reader.several_actions()};
    }
  }
  return std::nullopt;
}

}  // namespace

std::vector<std::string> option_names(std::string_view statement) {
  Reader reader(statement);
  std::vector<std::string> out;
  for (const Clause& clause : reader.clauses()) {
    for (const Option& option : clause.options) out.push_back(option.name);
  }
  return out;
}

std::optional<Reduced> without_option(std::string_view statement, std::string_view name) {
  Reduced out{.sql = std::string(statement)};
  while (std::optional<Found> found = find_option(out.sql, name)) {
    const Clause& clause = found->clause;
    const Option& option = clause.options[found->number];
    if (out.left_out.empty()) out.left_out = out.sql.substr(option.begin, option.end - option.begin);
    if (clause.options.size() > 1) {
      const auto [begin, end] = with_comma(clause, found->number);
      out.sql.erase(begin, end - begin);
    } else if (!found->whole_action) {
      out.sql = without(out.sql, clause.begin, clause.end);
    } else if (found->several_actions) {
      return std::nullopt;
    } else {
      out.sql.clear();
    }
  }
  if (out.left_out.empty()) return std::nullopt;
  return out;
}

bool only_tunes_column(std::string_view statement) {
  constexpr std::array<std::string_view, 3> kTunes = {"statistics", "storage", "compression"};
  Reader reader(statement);
  if (reader.form() != Form::kAlter) return false;
  bool tunes = false;
  int depth = 0;
  for (Token token = next_code_token(statement, 0); token.kind != TokenKind::kEnd;
       token = next_code_token(statement, token.end)) {
    if (is_symbol(statement, token, '(')) ++depth;
    if (is_symbol(statement, token, ')')) --depth;
    if (depth == 0 && is_symbol(statement, token, ',')) return false;
    if (!is_word(statement, token, "set")) continue;
    const Token what = next_code_token(statement, token.end);
    for (const std::string_view one : kTunes) tunes |= is_word(statement, what, one);
  }
  return tunes;
}

}  // namespace voyager::sql

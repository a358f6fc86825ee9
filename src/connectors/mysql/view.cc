#include "connectors/mysql/view.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <set>
#include <span>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "connectors/mysql/names.h"
#include "connectors/mysql/tokens.h"
#include "model/identifier.h"

namespace voyager::mysql {
namespace {

using Tokens = std::span<const Token>;

bool is_word(const Token& token, std::string_view word) {
  return token.kind == Token::Kind::kWord && base::equals_ignoring_case(token.text, word);
}
bool is_symbol(const Token& token, std::string_view symbol) {
  return token.kind == Token::Kind::kSymbol && token.text == symbol;
}
std::string name_sql(const std::string& source_name) {
  return model::display(model::Identifier(folded(source_name)));
}

// Parts of `tokens` between the separators outside of all parentheses.
template <typename IsSeparator>
std::vector<Tokens> parts(Tokens tokens, IsSeparator&& separates) {
  std::vector<Tokens> out;
  int depth = 0;
  std::size_t from = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (is_symbol(tokens[i], "(")) ++depth;
    if (is_symbol(tokens[i], ")")) --depth;
    if (depth > 0 || !separates(tokens[i])) continue;
    out.push_back(tokens.subspan(from, i - from));
    from = i + 1;
  }
  out.push_back(tokens.subspan(from));
  return out;
}

// The server writes a view's text: names are quoted and complete, columns have names, conditions stand in parentheses.
// That of a routine is as its author wrote it.
class QueryParser {
 public:
  QueryParser(std::vector<Token> tokens, const std::string& database,
              const std::function<std::optional<Relation>(const std::string&)>& relation, const Resolve* variables)
      : tokens_(std::move(tokens)), database_(database), relation_(relation), variables_(variables) {}

  ConvertedView view() {
    cut_into_clauses();
    if (why_.empty()) convert();
    if (!why_.empty()) return {.why_not = why_};
    std::string items;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      // A literal has no type of its own in a view.
      Operand& one = columns_[i];
      const std::string text = one.text ? one.sql + "::text" : one.sql;
      items += fmt::format("{}{} AS {}", i == 0 ? "" : ",\n    ", text, names_[i].sql);
      one.sql = names_[i].sql;
      one.text.reset();
      one.aggregate = false;
      out_.columns.push_back({names_[i].source, std::move(one)});
    }
    out_.sql = (distinct_ ? " SELECT DISTINCT " : " SELECT ") + items + rest_;
    return std::move(out_);
  }

  ConvertedQuery query() {
    cut_into_clauses();
    if (why_.empty()) convert();
    if (!why_.empty()) return {.why_not = why_, .line = line_};
    const bool all_rows = clauses_.contains("from") && !clauses_.contains("group") && !clauses_.contains("limit");
    const bool aggregate = std::ranges::any_of(columns_, &Operand::aggregate);
    return {.distinct = distinct_,
            .columns = std::move(columns_),
            .rest = std::move(rest_),
            .one_row = clauses_.size() == 1 || (all_rows && aggregate)};
  }

 private:
  void refuse(std::string why, int line = 0) {
    if (!why_.empty()) return;
    why_ = std::move(why);
    line_ = line != 0 || tokens_.empty() ? line : tokens_.front().line;
  }
  bool loose() const { return variables_ != nullptr; }

  // "select", "from", "where", ... each with what follows it.
  void cut_into_clauses() {
    if (tokens_.empty() || !is_word(tokens_[0], "select")) return refuse("a query that does not begin with SELECT");
    constexpr std::array<std::string_view, 7> kWords = {"select", "from", "where", "group", "having", "order", "limit"};
    int depth = 0;
    std::string clause;
    std::size_t from = 0;
    const Tokens all(tokens_);
    for (std::size_t i = 0; i <= all.size(); ++i) {
      if (i < all.size()) {
        if (is_symbol(all[i], "(")) ++depth;
        if (is_symbol(all[i], ")")) --depth;
        if (depth > 0 || all[i].kind != Token::Kind::kWord) continue;
        const std::string word = base::lower(all[i].text);
        if (word == "union" || word == "intersect" || word == "except" || word == "with" || word == "window")
          return refuse(word);
        if (std::ranges::find(kWords, std::string_view(word)) == kWords.end()) continue;
      }
      if (!clause.empty()) clauses_[clause] = all.subspan(from, i - from);
      if (i < all.size()) clause = base::lower(all[i].text);
      from = i + 1;
    }
  }

  Tokens clause(const std::string& name) const {
    const auto found = clauses_.find(name);
    return found == clauses_.end() ? Tokens() : found->second;
  }

  void convert() {
    if (clauses_.contains("having")) return refuse("HAVING");
    const std::string from = clauses_.contains("from") ? table_references(clause("from")) : "";
    const std::string where = condition("where");
    const std::string group = groups();
    select_items();
    const std::string order = orders();
    const std::string limit = limits();
    if (!why_.empty()) return;
    const auto add = [&](const char* line, const std::string& what) {
      if (!what.empty())
        rest_ += (loose() ? " " + base::one_line(line) + (*line == '\0' ? "" : " ") : "\n " + std::string(line)) + what;
    };
    add("  FROM ", from);
    add(" WHERE ", where);
    add(" GROUP BY ", group);
    add(" ORDER BY ", order);
    add("", limit);
  }

  // --- FROM ----------------------------------------------------------------------------------------------------------

  std::string table_references(Tokens tokens) {
    std::size_t at = 0;
    std::string sql = joined(tokens, at);
    if (at != tokens.size()) refuse(at < tokens.size() ? "FROM ... " + tokens[at].text : "FROM");
    return sql;
  }

  std::string joined(Tokens tokens, std::size_t& at) {
    std::string sql = primary(tokens, at);
    while (why_.empty() && at < tokens.size() && !is_symbol(tokens[at], ")")) {
      std::string kind;
      if (is_word(tokens[at], "left") || is_word(tokens[at], "right")) {
        kind = is_word(tokens[at], "left") ? "LEFT " : "RIGHT ";
        ++at;
        if (loose() && at < tokens.size() && is_word(tokens[at], "outer")) ++at;
      }
      if (at < tokens.size() && (is_word(tokens[at], "inner") || is_word(tokens[at], "cross"))) ++at;
      if (at >= tokens.size() || !(is_word(tokens[at], "join") || is_symbol(tokens[at], ","))) {
        refuse("FROM ... " + (at < tokens.size() ? tokens[at].text : std::string()));
        return {};
      }
      ++at;
      const std::string right = primary(tokens, at);
      if (at < tokens.size() && is_word(tokens[at], "on")) {
        ++at;
        const Tokens on = loose() ? up_to_join(tokens, at) : parenthesized(tokens, at);
        sql = fmt::format("{}{}{}JOIN {} ON {}", sql, gap(), kind, right, condition_of(on));
      } else {
        if (!kind.empty()) refuse("an outer join without ON");
        sql = fmt::format("{}{}CROSS JOIN {}", sql, gap(), right);
      }
    }
    return sql;
  }

  const char* gap() const { return loose() ? " " : "\n     "; }

  // A condition ends with what joins the next relation; left() and right() are functions, too.
  static Tokens up_to_join(Tokens tokens, std::size_t& at) {
    constexpr std::array<std::string_view, 6> kWords = {"join", "inner", "cross", "left", "right", "natural"};
    const std::size_t from = at;
    int depth = 0;
    for (; at < tokens.size(); ++at) {
      if (is_symbol(tokens[at], "(")) ++depth;
      if (is_symbol(tokens[at], ")") && --depth < 0) break;
      if (depth > 0) continue;
      if (is_symbol(tokens[at], ",")) break;
      const bool calls = at + 1 < tokens.size() && is_symbol(tokens[at + 1], "(");
      if (!calls && std::ranges::any_of(kWords, [&](std::string_view one) { return is_word(tokens[at], one); })) break;
    }
    return tokens.subspan(from, at - from);
  }

  // [database.]name [[AS] alias]
  std::string relation_as_written(Tokens tokens, std::size_t& at) {
    constexpr std::array<std::string_view, 11> kNoAlias = {"join", "inner", "cross", "left",  "right",        "natural",
                                                           "on",   "use",   "force", "using", "straight_join"};
    const auto is_name = [&](std::size_t i) {
      return i < tokens.size() &&
             (tokens[i].kind == Token::Kind::kName ||
              (tokens[i].kind == Token::Kind::kWord &&
               std::ranges::none_of(kNoAlias, [&](std::string_view one) { return is_word(tokens[i], one); })));
    };
    const int line = at < tokens.size() ? tokens[at].line : line_;
    if (!is_name(at)) {
      refuse("FROM", line);
      return {};
    }
    std::string name = tokens[at++].text;
    if (at + 1 < tokens.size() && is_symbol(tokens[at], ".") && is_name(at + 1)) {
      if (name != database_) refuse("a relation of another database", line);
      name = tokens[at + 1].text;
      at += 2;
    }
    std::string alias = name;
    if (at < tokens.size() && is_word(tokens[at], "as")) ++at;
    if (is_name(at)) alias = tokens[at++].text;
    return read_relation(name, alias, line);
  }

  std::string read_relation(const std::string& name, const std::string& alias, int line) {
    std::optional<Relation> found = relation_(name);
    if (!found) {
      refuse(
          loose() ? "the table " + name + ", which may not be read here" : "it reads " + name + ", which is not there",
          line);
      return {};
    }
    const std::string called = alias == name ? found->sql.substr(found->sql.find('.') + 1) : name_sql(alias);
    const std::string sql = found->sql + (alias == name ? "" : " " + called);
    scope_.push_back({alias, called, std::move(*found)});
    return sql;
  }

  // The tokens inside of the parentheses that open at `at`.
  Tokens parenthesized(Tokens tokens, std::size_t& at) {
    if (at >= tokens.size() || !is_symbol(tokens[at], "(")) {
      refuse("ON without parentheses");
      return {};
    }
    int depth = 0;
    const std::size_t from = at + 1;
    for (; at < tokens.size(); ++at) {
      if (is_symbol(tokens[at], "(")) ++depth;
      if (is_symbol(tokens[at], ")") && --depth == 0) {
        ++at;
        return tokens.subspan(from, at - 1 - from);
      }
    }
    refuse("ON");
    return {};
  }

  std::string primary(Tokens tokens, std::size_t& at) {
    if (at < tokens.size() && is_symbol(tokens[at], "(")) {
      if (at + 1 < tokens.size() && is_word(tokens[at + 1], "select")) {
        refuse("a subquery in FROM");
        return {};
      }
      ++at;
      std::string sql = "(" + joined(tokens, at) + ")";
      if (at >= tokens.size() || !is_symbol(tokens[at], ")")) refuse("FROM");
      ++at;
      return sql;
    }
    if (loose()) return relation_as_written(tokens, at);
    const auto is_name = [&](std::size_t i) { return i < tokens.size() && tokens[i].kind == Token::Kind::kName; };
    if (!is_name(at) || at + 2 >= tokens.size() || !is_symbol(tokens[at + 1], ".") || !is_name(at + 2) ||
        tokens[at].text != database_) {
      refuse("a relation of another database");
      return {};
    }
    const std::string& name = tokens[at + 2].text;
    at += 3;
    return read_relation(name, is_name(at) ? tokens[at++].text : name, 0);
  }

  // --- expressions ---------------------------------------------------------------------------------------------------

  std::optional<Operand> resolve(const std::vector<std::string>& names) const {
    if (variables_ != nullptr) {
      if (std::optional<Operand> variable = (*variables_)(names)) return variable;
    }
    const std::string& column = names.back();
    for (const Source& source : scope_) {
      if (names.size() > 1 && source.alias != names[names.size() - 2]) continue;
      for (const RelationColumn& one : source.relation.columns) {
        if (!base::equals_ignoring_case(one.source_name, column)) continue;
        Operand found = one.value;
        found.sql = source.called + "." + found.sql;
        return found;
      }
    }
    return std::nullopt;
  }

  std::optional<Operand> value(Tokens tokens) {
    const Translation done =
        translate(tokens, [this](const std::vector<std::string>& names) { return resolve(names); });
    if (!done.value) refuse(done.why_not, loose() ? done.line : 0);
    return done.value;
  }

  std::string condition_of(Tokens tokens) {
    const std::optional<Operand> found = value(tokens);
    const std::optional<std::string> sql = found ? as_condition(*found) : std::nullopt;
    if (!sql) refuse("a condition that is none");
    return sql.value_or("");
  }
  std::string condition(const std::string& name) {
    return clauses_.contains(name) ? condition_of(clause(name)) : std::string();
  }

  std::string groups() {
    Tokens tokens = clause("group");
    if (tokens.empty()) return {};
    std::string sql;
    for (const Tokens part : parts(tokens.subspan(1), [](const Token& one) { return is_symbol(one, ","); })) {
      const std::optional<Operand> one = value(part);
      if (!one) return {};
      if (one->kind == Kind::kText) refuse("GROUP BY of texts");
      group_keys_.insert(one->sql);
      sql += (sql.empty() ? "" : ", ") + one->sql;
    }
    return sql;
  }

  void select_items() {
    Tokens tokens = clause("select");
    if (!tokens.empty() && is_word(tokens[0], "distinct")) {
      distinct_ = true;
      tokens = tokens.subspan(1);
    }
    bool aggregates = false, others = false;
    NameSpace names;
    for (const Tokens part : parts(tokens, [](const Token& one) { return is_symbol(one, ","); })) {
      const bool named = part.size() > 2 && is_word(part[part.size() - 2], "as");
      if (!loose() && (!named || part.back().kind != Token::Kind::kName)) return refuse("a column without a name");
      std::optional<Operand> one = value(named ? part.first(part.size() - 2) : part);
      if (!one) return;
      if (distinct_ && one->kind == Kind::kText) refuse("DISTINCT of texts");
      (one->aggregate ? aggregates : others) |= one->aggregate || !group_keys_.contains(one->sql);
      if (!loose())
        names_.push_back({name_sql(names.take(folded(part.back().text), part.back().text)), part.back().text});
      columns_.push_back(std::move(*one));
    }
    if ((aggregates || !group_keys_.empty()) && others) refuse("columns that are not in GROUP BY");
  }

  // Nulls come first on the source.
  std::string orders() {
    Tokens tokens = clause("order");
    if (tokens.empty()) return {};
    std::string sql;
    for (Tokens part : parts(tokens.subspan(1), [](const Token& one) { return is_symbol(one, ","); })) {
      bool descending = false;
      if (!part.empty() && (is_word(part.back(), "desc") || is_word(part.back(), "asc"))) {
        descending = is_word(part.back(), "desc");
        part = part.first(part.size() - 1);
      }
      const std::optional<Operand> one = value(part);
      if (!one) return {};
      if (one->kind != Kind::kInteger && one->kind != Kind::kNumber && one->kind != Kind::kFloat &&
          one->kind != Kind::kDate && one->kind != Kind::kDateTime && one->kind != Kind::kTimestamp)
        refuse("ORDER BY of texts");
      if (part.size() == 1 && part[0].kind == Token::Kind::kNumber) refuse("ORDER BY a place");
      sql += fmt::format("{}{}{}", sql.empty() ? "" : ", ", one->sql, descending ? " DESC NULLS LAST" : " NULLS FIRST");
    }
    if (distinct_) refuse("ORDER BY with DISTINCT");
    return sql;
  }

  std::string limits() {
    const Tokens tokens = clause("limit");
    if (tokens.empty()) return {};
    const auto number = [](const Token& one) { return one.kind == Token::Kind::kNumber; };
    // Of rows that are beyond bigint: all there are.
    const auto count = [](const Token& one) { return "LIMIT " + (beyond_bigint(one.text) ? "ALL" : one.text); };
    if (tokens.size() == 1 && number(tokens[0])) return count(tokens[0]);
    // "LIMIT offset, count" and "LIMIT count OFFSET offset"
    const bool comma = tokens.size() == 3 && is_symbol(tokens[1], ",");
    if (tokens.size() == 3 && (comma || is_word(tokens[1], "offset")) && number(tokens[0]) && number(tokens[2])) {
      const Token& offset = tokens[comma ? 0 : 2];
      if (!beyond_bigint(offset.text)) return count(tokens[comma ? 2 : 0]) + " OFFSET " + offset.text;
    }
    refuse("LIMIT");
    return {};
  }

  struct Source {
    std::string alias = {};
    std::string called = {};
    Relation relation = {};
  };

  std::vector<Token> tokens_;
  const std::string& database_;
  const std::function<std::optional<Relation>(const std::string&)>& relation_;
  std::map<std::string, Tokens> clauses_ = {};
  std::vector<Source> scope_ = {};
  std::set<std::string> group_keys_ = {};
  bool distinct_ = false;
  const Resolve* const variables_;  // null: of a view
  struct Name {
    std::string sql = {}, source = {};
  };
  std::vector<Name> names_ = {};  // of a view's columns
  std::vector<Operand> columns_ = {};
  std::string rest_ = {};
  std::string why_ = {};
  int line_ = 1;
  ConvertedView out_ = {};
};

}  // namespace

ConvertedView convert_view(const ViewRow& view, const std::string& database,
                           const std::function<std::optional<Relation>(const std::string&)>& relation) {
  if (view.definition.empty()) return {.why_not = "its text is not to be seen"};
  std::vector<Token> tokens = tokens_of(view.definition);
  tokens.pop_back();
  return QueryParser(std::move(tokens), database, relation, nullptr).view();
}

ConvertedQuery convert_query(std::vector<Token> query, const std::string& database,
                             const std::function<std::optional<Relation>(const std::string&)>& relation,
                             const Resolve& variables) {
  return QueryParser(std::move(query), database, relation, &variables).query();
}

}  // namespace voyager::mysql

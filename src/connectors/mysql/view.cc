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

class ViewParser {
 public:
  ViewParser(const ViewRow& view, const std::string& database,
             const std::function<std::optional<Relation>(const std::string&)>& relation)
      : tokens_(tokens_of(view.definition)), database_(database), relation_(relation) {}

  ConvertedView run() {
    tokens_.pop_back();
    cut_into_clauses();
    if (why_.empty()) convert();
    if (!why_.empty()) return {.why_not = why_};
    return std::move(out_);
  }

 private:
  void refuse(std::string why) {
    if (why_.empty()) why_ = std::move(why);
  }

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
    const std::string items = select_items();
    const std::string order = orders();
    const std::string limit = limits();
    if (!why_.empty()) return;
    out_.sql = (distinct_ ? " SELECT DISTINCT " : " SELECT ") + items;
    if (!from.empty()) out_.sql += "\n   FROM " + from;
    if (!where.empty()) out_.sql += "\n  WHERE " + where;
    if (!group.empty()) out_.sql += "\n  GROUP BY " + group;
    if (!order.empty()) out_.sql += "\n  ORDER BY " + order;
    out_.sql += limit;
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
        sql = fmt::format("{}\n     {}JOIN {} ON {}", sql, kind, right, condition_of(parenthesized(tokens, at)));
      } else {
        if (!kind.empty()) refuse("an outer join without ON");
        sql = fmt::format("{}\n     CROSS JOIN {}", sql, right);
      }
    }
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
    const auto is_name = [&](std::size_t i) { return i < tokens.size() && tokens[i].kind == Token::Kind::kName; };
    if (!is_name(at) || at + 2 >= tokens.size() || !is_symbol(tokens[at + 1], ".") || !is_name(at + 2) ||
        tokens[at].text != database_) {
      refuse("a relation of another database");
      return {};
    }
    const std::string& name = tokens[at + 2].text;
    at += 3;
    std::optional<Relation> found = relation_(name);
    if (!found) {
      refuse("it reads " + name + ", which is not there");
      return {};
    }
    std::string alias = name;
    std::string sql = found->sql;
    if (is_name(at)) {
      alias = tokens[at].text;
      sql += " " + name_sql(alias);
      ++at;
    }
    const std::string called = alias == name ? found->sql.substr(found->sql.find('.') + 1) : name_sql(alias);
    scope_.push_back({alias, called, std::move(*found)});
    return sql;
  }

  // --- expressions ---------------------------------------------------------------------------------------------------

  std::optional<Operand> resolve(const std::vector<std::string>& names) const {
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
    if (!done.value) refuse(done.why_not);
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

  std::string select_items() {
    Tokens tokens = clause("select");
    if (!tokens.empty() && is_word(tokens[0], "distinct")) {
      distinct_ = true;
      tokens = tokens.subspan(1);
    }
    std::string sql;
    bool aggregates = false, others = false;
    NameSpace names;
    for (const Tokens part : parts(tokens, [](const Token& one) { return is_symbol(one, ","); })) {
      if (part.size() < 3 || !is_word(part[part.size() - 2], "as") || part.back().kind != Token::Kind::kName) {
        refuse("a column without a name");
        return {};
      }
      std::optional<Operand> one = value(part.first(part.size() - 2));
      if (!one) return {};
      if (distinct_ && one->kind == Kind::kText) refuse("DISTINCT of texts");
      (one->aggregate ? aggregates : others) |= one->aggregate || !group_keys_.contains(one->sql);
      const std::string name = name_sql(names.take(folded(part.back().text), part.back().text));
      // A literal has no type of its own in a view.
      const std::string text = one->text ? one->sql + "::text" : one->sql;
      sql += fmt::format("{}{} AS {}", sql.empty() ? "" : ",\n    ", text, name);
      one->sql = name;
      one->text.reset();
      one->aggregate = false;
      out_.columns.push_back({part.back().text, std::move(*one)});
    }
    if ((aggregates || !group_keys_.empty()) && others) refuse("columns that are not in GROUP BY");
    return sql;
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
    if (tokens.size() == 1 && tokens[0].kind == Token::Kind::kNumber) return "\n LIMIT " + tokens[0].text;
    if (tokens.size() == 3 && tokens[0].kind == Token::Kind::kNumber && tokens[2].kind == Token::Kind::kNumber)
      return fmt::format("\n LIMIT {} OFFSET {}", tokens[2].text, tokens[0].text);
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
  std::string why_ = {};
  ConvertedView out_ = {};
};

}  // namespace

ConvertedView convert_view(const ViewRow& view, const std::string& database,
                           const std::function<std::optional<Relation>(const std::string&)>& relation) {
  if (view.definition.empty()) return {.why_not = "its text is not to be seen"};
  return ViewParser(view, database, relation).run();
}

}  // namespace voyager::mysql

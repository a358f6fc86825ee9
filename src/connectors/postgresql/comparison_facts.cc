#include "connectors/postgresql/comparison_facts.h"

#include <array>
#include <cctype>
#include <optional>
#include <string_view>
#include <utility>

#include "connectors/postgresql/queries.h"
#include "sql/storage_options.h"

namespace voyager::postgresql {
namespace {

struct FactQuery {
  std::string_view sql = {};
  int version_least = 0;                           ///< Older servers do not know what it asks.
  std::string_view kind = {};                      ///< That it tells, when older servers have no such kind.
  bool connector::ObjectScope::*wanted = nullptr;  ///< Asked only then.
};

using connector::ObjectScope;

constexpr std::array kFactQueries = {
    FactQuery{queries::kCompareSchemas},
    FactQuery{queries::kCompareExtensions},
    FactQuery{queries::kCompareLanguages},
    FactQuery{queries::kCompareTypes},
    FactQuery{queries::kCompareFunctions},
    FactQuery{queries::kCompareOperators},
    FactQuery{queries::kCompareOperatorClasses},
    FactQuery{queries::kCompareCasts},
    FactQuery{queries::kCompareTextSearch},
    FactQuery{queries::kCompareForeign},
    FactQuery{queries::kCompareTables},
    FactQuery{queries::kCompareColumns},
    FactQuery{queries::kCompareColumnOrder},
    FactQuery{queries::kCompareCompression, 140000, "column compression"},
    FactQuery{queries::kCompareNotNull, 180000, "not null"},
    FactQuery{queries::kCompareOptions},
    FactQuery{queries::kCompareReplicaIdentity},
    FactQuery{queries::kCompareConstraints},
    FactQuery{queries::kCompareIndexes},
    FactQuery{queries::kCompareStatistics},
    FactQuery{queries::kCompareViews},
    FactQuery{queries::kCompareViewContents},
    FactQuery{queries::kCompareTriggers},
    FactQuery{queries::kCompareTriggerStates, 130000, "trigger of a partition"},
    FactQuery{queries::kCompareRules},
    FactQuery{queries::kComparePolicies},
    FactQuery{queries::kCompareSequences},
    FactQuery{queries::kCompareEventTriggers},
    FactQuery{queries::kComparePublications},
    FactQuery{queries::kComparePublishedSchemas, 150000, "published schema"},
    FactQuery{.sql = queries::kCompareOwners, .wanted = &ObjectScope::owners},
    FactQuery{.sql = queries::kCompareGrants, .wanted = &ObjectScope::grants},
    FactQuery{.sql = queries::kCompareComments, .wanted = &ObjectScope::comments},
    FactQuery{.sql = queries::kCompareSettings, .wanted = &ObjectScope::settings},
};

constexpr int kSixteen = 160000;

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

std::string name_of(const Result& rows, int row) {
  std::string name;
  for (int part = 1; part <= 3; ++part) {
    if (rows.is_null(row, part)) continue;
    if (!name.empty()) name += '.';
    name += model::display(rows.identifier(row, part));
  }
  return name + rows.string(row, 4);
}

bool is_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return std::isalnum(byte) != 0 || c == '_' || c == '$' || byte >= 0x80;
}

// The end of the token that starts at `at`: a word, a quoted text (a doubled quote stays inside), or one other
// character.
std::size_t token_end(std::string_view text, std::size_t at) {
  const char first = text[at];
  if (first == '\'' || first == '"') {
    for (++at; at < text.size(); ++at) {
      if (text[at] != first) continue;
      if (at + 1 >= text.size() || text[at + 1] != first) return at + 1;
      ++at;
    }
    return at;
  }
  if (!is_word(first)) return at + 1;
  while (at < text.size() && is_word(text[at])) ++at;
  return at;
}

// The position after the outermost FROM; nothing when the outermost query is a union of several.
std::optional<std::size_t> after_from(std::string_view text) {
  int depth = 0;
  std::optional<std::size_t> from;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = token_end(text, at);
    const std::string_view token = text.substr(at, end - at);
    if (token == "(") ++depth;
    if (token == ")") --depth;
    if (depth == 0 && (token == "UNION" || token == "INTERSECT" || token == "EXCEPT")) return std::nullopt;
    if (depth == 0 && token == "FROM" && !from) from = end;
    at = end;
  }
  return from;
}

// The name under which the outermost query knows its table, when it reads exactly one; else empty. After FROM the
// server writes "[ONLY] schema.table [alias]" and ends the line.
std::string_view only_table(std::string_view text) {
  const std::optional<std::size_t> from = after_from(text);
  if (!from) return {};
  std::vector<std::string_view> tokens;
  for (std::size_t at = *from; at < text.size() && text[at] != '\n' && text[at] != ';';) {
    const std::size_t end = token_end(text, at);
    if (text[at] != ' ') tokens.push_back(text.substr(at, end - at));
    at = end;
  }
  if (!tokens.empty() && tokens.front() == "ONLY") tokens.erase(tokens.begin());
  if (tokens.empty() || tokens.size() > 4 || tokens.front() == "(") return {};
  const bool qualified = tokens.size() >= 3 && tokens[1] == ".";
  if (tokens.size() > (qualified ? 4U : 2U)) return {};
  return is_word(tokens.back().front()) || tokens.back().front() == '"' ? tokens.back() : std::string_view();
}

bool starts_subquery(std::string_view after_parenthesis) {
  const std::size_t word = after_parenthesis.find_first_not_of(" \n");
  if (word == std::string_view::npos) return false;
  after_parenthesis.remove_prefix(word);
  return after_parenthesis.starts_with("SELECT") || after_parenthesis.starts_with("WITH");
}

}  // namespace

std::string normalised_index(std::string definition) {
  replace_all(definition, " USING lsm (", " USING btree (");
  replace_all(definition, " USING ybgin (", " USING gin (");
  replace_all(definition, " HASH,", ",");
  replace_all(definition, " HASH)", ")");
  // PostgreSQL never writes the order that is meant anyway.
  replace_all(definition, " ASC,", ",");
  replace_all(definition, " ASC)", ")");
  replace_all(definition, " ASC NULLS ", " NULLS ");
  for (const std::string& option : sql::option_names(definition)) {
    if (const auto reduced = sql::without_option(definition, option)) definition = reduced->sql;
  }
  return definition;
}

std::string normalised_trigger(std::string definition) {
  const std::size_t at = definition.rfind(" EXECUTE PROCEDURE ");
  if (at != std::string::npos)
    definition.replace(at, std::string_view(" EXECUTE PROCEDURE ").size(), " EXECUTE FUNCTION ");
  return definition;
}

std::string normalised_view(std::string definition) {
  const std::string_view text = definition;
  const std::string_view table = only_table(text);
  if (table.empty()) return definition;
  std::string out;
  std::vector<bool> open;      // One a parenthesis: it holds a subquery.
  std::size_t subqueries = 0;  // Columns inside of one keep their table in every version.
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = token_end(text, at);
    const std::string_view token = text.substr(at, end - at);
    if (token == "(") {
      open.push_back(starts_subquery(text.substr(end)));
      subqueries += open.back() ? 1 : 0;
    } else if (token == ")" && !open.empty()) {
      subqueries -= open.back() ? 1 : 0;
      open.pop_back();
    }
    // A whole row (table.*) keeps its table too; after a dot the word is not the table.
    const bool qualifies = token == table && end + 1 < text.size() && text[end] == '.' && text[end + 1] != '*' &&
                           (at == 0 || text[at - 1] != '.');
    if (qualifies && subqueries == 0) {
      at = end + 1;
      continue;
    }
    out += token;
    at = end;
  }
  return out;
}

connector::DatabaseForm database_form(Connection& connection) {
  const Result row = connection.query(queries::kCompareDatabase, "tell how it stores text");
  connector::DatabaseForm form{
      .encoding = row.string(0, 0), .collation = row.string(0, 1), .create_options = row.string(0, 3)};
  for (const FactQuery& query : kFactQueries) {
    if (connection.version() < query.version_least) form.kinds_unknown.emplace(query.kind);
  }
  // Its log of changes is made otherwise.
  if (row.boolean(0, 2)) form.kinds_unknown.insert("replica identity");
  return form;
}

std::vector<connector::ObjectFact> facts_of_schemas(Connection& connection, const ObjectScope& scope) {
  const std::string list = array_literal(scope.schemas);
  std::vector<connector::ObjectFact> facts;
  for (const FactQuery& query : kFactQueries) {
    if (connection.version() < query.version_least || (query.wanted != nullptr && !(scope.*query.wanted))) continue;
    const Result rows = connection.query(query.sql, {list}, "describe its objects");
    for (int row = 0; row < rows.rows(); ++row) {
      connector::ObjectFact fact{rows.string(row, 0), name_of(rows, row), rows.string(row, 5)};
      if (fact.kind == "trigger") fact.definition = normalised_trigger(std::move(fact.definition));
      if (fact.kind == "index") fact.definition = normalised_index(std::move(fact.definition));
      const bool view = fact.kind == "view" || fact.kind == "materialized view";
      if (view && connection.version() < kSixteen) fact.definition = normalised_view(std::move(fact.definition));
      facts.push_back(std::move(fact));
    }
  }
  return facts;
}

}  // namespace voyager::postgresql

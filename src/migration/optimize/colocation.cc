#include "migration/optimize/colocation.h"

#include <fmt/format.h>

#include <optional>
#include <set>

#include "migration/optimize/splice.h"
#include "migration/optimize/tree_text.h"
#include "model/identifier.h"
#include "sql/lexer.h"
#include "sql/statement.h"

namespace voyager::migration {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;
using sql::FileStatement;
using sql::StatementKind;

constexpr std::string_view kOption = "colocation";
constexpr std::string_view kClause = "colocation='false'";
constexpr const char* kReason =
    "The assessment recommends tablets of its own: sharing one with small tables would limit its growth and its load";

/// What the tree says of the place where the clause goes.
struct Place {
  bool readable = false;
  bool materialized = false;
  bool has_options = false;
  bool has_tail = false;        ///< ON COMMIT or TABLESPACE follow the options.
  std::size_t last_option = 0;  ///< Where the last option begins.
};

void read_options(object node, Place& place) {
  const auto options = sql::array_of(node, "options");
  if (!options) return;
  for (const element item : *options) {
    object option;
    if (item["DefElem"].get(option) != simdjson::SUCCESS) continue;
    place.has_options = true;
    place.last_option = sql::location_of(option);
  }
}

Place place_in(object root) {
  Place place;
  if (const auto create = sql::object_of(root, "CreateStmt")) {
    place.readable = true;
    const std::string_view commit = sql::text_of(*create, "oncommit");
    place.has_tail = (!commit.empty() && commit != "ONCOMMIT_NOOP") || !sql::text_of(*create, "tablespacename").empty();
    read_options(*create, place);
  } else if (const auto view = sql::object_of(root, "CreateTableAsStmt")) {
    const auto into = sql::object_of(*view, "into");
    if (!into) return place;
    place.readable = place.materialized = true;
    place.has_tail = !sql::text_of(*into, "tableSpaceName").empty();
    read_options(*into, place);
  }
  return place;
}

/// Behind the last token of the list of options, which `from` is a place in.
std::optional<std::size_t> end_of_options(std::string_view sql, std::size_t from) {
  int depth = 0;
  std::size_t end = from;
  for (sql::Token token = sql::next_code_token(sql, from); token.kind != sql::TokenKind::kEnd;
       token = sql::next_code_token(sql, token.end)) {
    if (sql::is_symbol(sql, token, '(')) ++depth;
    if (sql::is_symbol(sql, token, ')') && --depth < 0) return end;
    end = token.end;
  }
  return std::nullopt;
}

/// In front of the AS that the query follows.
std::optional<std::size_t> end_of_view_head(std::string_view sql) {
  int depth = 0;
  std::size_t end = 0;
  for (sql::Token token = sql::next_code_token(sql, 0); token.kind != sql::TokenKind::kEnd;
       token = sql::next_code_token(sql, token.end)) {
    if (sql::is_symbol(sql, token, '(')) ++depth;
    if (sql::is_symbol(sql, token, ')')) --depth;
    if (depth == 0 && sql::is_word(sql, token, "as")) return end;
    end = token.end;
  }
  return std::nullopt;
}

std::optional<Splice> clause_of(std::string_view sql, const Place& place) {
  if (place.has_options) {
    const auto end = end_of_options(sql, place.last_option);
    return end ? std::optional(Splice{*end, *end, fmt::format(", {}", kClause)}) : std::nullopt;
  }
  if (place.has_tail) return std::nullopt;
  const std::string clause = fmt::format("WITH ({})", kClause);
  if (!place.materialized) {
    const std::size_t end = without_end(sql).size();
    return Splice{end, end, "\n" + clause};
  }
  const auto end = end_of_view_head(sql);
  return end ? std::optional(Splice{*end, *end, "\n" + clause}) : std::nullopt;
}

bool is_the_option(std::string_view key, element value) {
  if (key != "options") return false;
  object option;
  return value["DefElem"].get(option) == simdjson::SUCCESS && sql::text_of(option, "defname") == kOption;
}

bool makes_relation(const sql::Statement& info) {
  return info.kind == StatementKind::kCreateTable || info.kind == StatementKind::kCreateMaterializedView;
}

class Marker {
 public:
  Marker(const sql::Document& file, const std::vector<std::string>& sharded)
      : statements_(file.statements()), sharded_(sharded.begin(), sharded.end()) {}

  ColocationResult run() {
    for (std::size_t i = 0; i < statements_.size(); ++i) {
      const sql::Statement& info = statements_[i].info;
      if (!makes_relation(info)) continue;
      result_.objects.push_back(model::display(info.object));
      if (const auto name = named_as(info.object)) mark(i, *name);
    }
    return std::move(result_);
  }

 private:
  /// As the catalogue spells it and as a person would: a recommendation may come in either form.
  std::optional<std::string> named_as(const model::TableName& name) const {
    const std::string plain = name.schema.catalog_text() + "." + name.name.catalog_text();
    for (const std::string& text : {plain, model::display(name), model::quoted(name)}) {
      if (sharded_.contains(text)) return text;
    }
    return std::nullopt;
  }

  void mark(std::size_t index, const std::string& name) {
    const FileStatement& statement = statements_[index];
    result_.found.push_back(name);
    const std::string_view sql = statement.piece.sql();
    const bool table = statement.info.kind == StatementKind::kCreateTable;
    model::StatementChange change{.object = (table ? "TABLE " : "MVIEW ") + model::display(statement.info.object),
                                  .before = std::string(sql),
                                  .name = statement.info.object};
    if (statement.info.colocation) {
      result_.has_clause.push_back(name);
      return;
    }
    std::optional<sql::Rewritten> now = with_colocation_off(sql);
    if (!now) {
      change.reason = fmt::format("line {}: the clause could not be put in safely; add WITH ({}) by hand",
                                  statement.piece.line, kClause);
      result_.left.push_back(std::move(change));
      return;
    }
    change.after = now->sql;
    result_.edits.push_back({.statement = index, .now = std::move(now)});
    change.reason = kReason;
    result_.changed.push_back(name);
    result_.changes.push_back(std::move(change));
  }

  const std::vector<FileStatement>& statements_;
  std::set<std::string> sharded_;
  ColocationResult result_ = {};
};

}  // namespace

std::optional<sql::Rewritten> with_colocation_off(std::string_view sql) {
  Place place;
  std::string wanted;
  const auto refused = sql::with_parse_tree(sql, [&](object root) {
    place = place_in(root);
    wanted = tree_text(root);
  });
  const std::optional<Splice> splice = refused || !place.readable ? std::nullopt : clause_of(sql, place);
  if (!splice) return std::nullopt;
  sql::Rewritten now{.sql = spliced(sql, {*splice})};
  bool as_meant = false;
  sql::with_parse_tree(now.sql, [&](object root) {
    now.info = sql::statement_of(now.sql, root);
    as_meant = now.info.colocation && tree_text(root, is_the_option) == wanted;
  });
  return as_meant ? std::optional(std::move(now)) : std::nullopt;
}

ColocationResult mark_sharded(const sql::Document& file, const std::vector<std::string>& sharded) {
  ColocationResult result;
  sql::with_large_stack([&] { result = Marker(file, sharded).run(); });
  return result;
}

}  // namespace voyager::migration

#include "migration/schema/constraint_merger.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "model/identifier.h"
#include "sql/lexer.h"
#include "sql/parse_tree.h"
#include "sql/statement.h"

namespace voyager::migration {
namespace {

using sql::ConstraintKind;
using sql::FileStatement;
using sql::StatementKind;

/// Where a new element of the column list goes: behind its last token.
struct ListEnd {
  std::size_t insert_at = 0;
  bool empty = true;
};

std::optional<ListEnd> column_list_end(std::string_view sql) {
  ListEnd end;
  int depth = 0;
  for (sql::Token token = sql::next_code_token(sql, 0); token.kind != sql::TokenKind::kEnd;
       token = sql::next_code_token(sql, token.end)) {
    if (sql::is_symbol(sql, token, ')') && --depth == 0) return end;
    if (depth > 0) {
      end.insert_at = token.end;
      end.empty = false;
    }
    if (sql::is_symbol(sql, token, '(') && ++depth == 1) end.insert_at = token.end;
  }
  return std::nullopt;
}

/// "CONSTRAINT name PRIMARY KEY (id)" without semicolon and what is behind it.
std::string definition_of(const FileStatement& statement) {
  std::string_view text = statement.piece.sql().substr(statement.info.constraint.definition);
  std::size_t end = 0;
  for (sql::Token token = sql::next_code_token(text, 0); token.kind != sql::TokenKind::kEnd;
       token = sql::next_code_token(text, token.end)) {
    if (!sql::is_symbol(text, token, ';')) end = token.end;
  }
  return std::string(text.substr(0, end));
}

/// What is taken into one CREATE TABLE.
struct Addition {
  std::vector<std::string> definitions = {};
  bool key = false;
};

std::optional<sql::Rewritten> with_constraints(std::string_view create_sql, const Addition& addition,
                                               const model::TableName& table) {
  const std::optional<ListEnd> end = column_list_end(create_sql);
  if (!end) return std::nullopt;
  sql::Rewritten now{.sql = std::string(create_sql)};
  now.sql.insert(end->insert_at, (end->empty ? "\n    " : ",\n    ") + base::join(addition.definitions, ",\n    "));
  now.info = sql::parse_statement(now.sql);
  const bool as_meant = now.info.refused.empty() && now.info.kind == StatementKind::kCreateTable &&
                        now.info.object == table && (!addition.key || now.info.keys.primary);
  return as_meant ? std::optional(std::move(now)) : std::nullopt;
}

/// Tables whose constraints depend on those of others.
class Relatives {
 public:
  explicit Relatives(const std::vector<FileStatement>& statements) {
    for (const FileStatement& statement : statements) see(statement.info);
  }
  /// A check of a parent and that of its child are one; adding only one of them first is an error.
  bool check_stays(const model::TableName& table) const { return related_.contains(table); }
  /// In a partition tree either all keys move or none, or attaching a partition would make a second key.
  bool key_stays(const model::TableName& table) const { return foreign_form_ && partitioning_.contains(table); }

 private:
  void see(const sql::Statement& info) {
    const auto relate = [](const model::TableName& a, std::set<model::TableName>& set) { set.insert(a); };
    if (info.kind == StatementKind::kAttachPartition) {
      for (const model::TableName& name : {info.table, info.object}) {
        relate(name, related_);
        relate(name, partitioning_);
      }
    }
    if (info.kind != StatementKind::kCreateTable) {
      // A partition tree that the grammar could not read is not understood well enough.
      if (!info.refused.empty()) foreign_form_ = true;
      return;
    }
    if (info.create_table.partitioned) {
      relate(info.object, related_);
      relate(info.object, partitioning_);
    }
    if (!info.create_table.parents.empty()) relate(info.object, related_);
    for (const model::TableName& parent : info.create_table.parents) relate(parent, related_);
    if (!info.create_table.has_column_list) foreign_form_ = true;
  }

  std::set<model::TableName> related_ = {};
  std::set<model::TableName> partitioning_ = {};
  bool foreign_form_ = false;  ///< Some table is not written as a list of columns.
};

class Merger {
 public:
  explicit Merger(sql::Document& tables) : tables_(tables), statements_(tables.statements()), relatives_(statements_) {}

  MergedConstraints run() {
    for (std::size_t i = 0; i < statements_.size(); ++i) {
      const sql::Statement& info = statements_[i].info;
      if (info.kind == StatementKind::kCreateTable) creates_[info.object] = i;
      const auto create = creates_.find(info.table);
      if (may_move(info) && create != creates_.end()) candidates_[create->second].push_back(i);
    }
    for (const auto& [create, alters] : candidates_) {
      // All at once; when that is not understood, those that can be understood by themselves.
      if (move(create, alters)) continue;
      for (const std::size_t alter : alters) move(create, {alter});
    }
    MergedConstraints result{.merged = moved_.size(), .changes = changes()};
    apply();
    return result;
  }

 private:
  bool may_move(const sql::Statement& info) const {
    const sql::ConstraintInfo& constraint = info.constraint;
    if (info.kind != StatementKind::kAddConstraint || constraint.on_domain) return false;
    if (constraint.not_valid || constraint.using_index || info.object.name.empty()) return false;
    if (constraint.kind == ConstraintKind::kPrimaryKey) return !relatives_.key_stays(info.table);
    return constraint.kind == ConstraintKind::kCheck && constraint.self_contained &&
           !relatives_.check_stays(info.table);
  }

  bool move(std::size_t create, const std::vector<std::size_t>& alters) {
    const FileStatement& table = statements_[create];
    if (!table.info.create_table.has_column_list) return false;
    Addition addition;
    for (const std::size_t alter : alters) {
      addition.definitions.push_back(definition_of(statements_[alter]));
      addition.key |= statements_[alter].info.constraint.kind == ConstraintKind::kPrimaryKey;
    }
    const auto current = replaced_.find(create);
    const std::string_view sql = current == replaced_.end() ? table.piece.sql() : current->second.sql;
    auto now = with_constraints(sql, addition, table.info.object);
    if (!now) return false;
    replaced_[create] = *std::move(now);
    for (const std::size_t alter : alters) moved_[alter] = create;
    return true;
  }

  std::vector<model::StatementChange> changes() const {
    std::vector<model::StatementChange> all;
    for (const auto& [index, create] : moved_) {
      const FileStatement& alter = statements_[index];
      const bool key = alter.info.constraint.kind == ConstraintKind::kPrimaryKey;
      all.push_back(
          {.object = "TABLE " + model::display(alter.info.table),
           .before = std::string(alter.piece.sql()),
           .after = replaced_.at(create).sql,
           .reason = key ? "A table is made with its key in one step; a key that comes later means writing the "
                           "table anew"
                         : "A table is made with its checks in one step"});
    }
    return all;
  }

  void apply() {
    std::vector<sql::Document::Edit> edits;
    for (std::size_t i = 0; i < statements_.size(); ++i) {
      if (const auto now = replaced_.find(i); now != replaced_.end()) {
        edits.push_back({.statement = i, .now = std::move(now->second)});
      } else if (moved_.contains(i)) {
        edits.push_back({.statement = i});
      }
    }
    tables_.apply(std::move(edits));
  }

  sql::Document& tables_;
  const std::vector<FileStatement>& statements_;
  Relatives relatives_;
  std::map<model::TableName, std::size_t> creates_ = {};
  std::map<std::size_t, std::vector<std::size_t>> candidates_ = {};  ///< By the CREATE TABLE that they may go into.
  std::map<std::size_t, sql::Rewritten> replaced_ = {};              ///< CREATE TABLE with what it took in.
  std::map<std::size_t, std::size_t> moved_ = {};  ///< ALTER TABLE to the CREATE TABLE that it went into.
};

}  // namespace

MergedConstraints merge_constraints(sql::Document& tables) {
  MergedConstraints result;
  sql::with_large_stack([&] { result = Merger(tables).run(); });
  return result;
}

}  // namespace voyager::migration

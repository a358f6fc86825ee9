#include "migration/schema/constraint_merger.h"

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "base/text.h"
#include "model/identifier.h"
#include "sql/lexer.h"
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

std::optional<std::string> with_constraint(const std::string& create_sql, const std::string& definition,
                                           const sql::Statement& before, ConstraintKind kind) {
  const std::optional<ListEnd> end = column_list_end(create_sql);
  if (!end) return std::nullopt;
  std::string result = create_sql;
  result.insert(end->insert_at, (end->empty ? "\n    " : ",\n    ") + definition);
  const sql::Statement after = sql::parse_statement(result);
  const bool as_meant = after.refused.empty() && after.kind == StatementKind::kCreateTable &&
                        after.object == before.object &&
                        (kind != ConstraintKind::kPrimaryKey || after.create_table.has_primary_key);
  return as_meant ? std::optional(result) : std::nullopt;
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
  explicit Merger(std::string_view text) : text_(text), statements_(sql::parse_file(text)), relatives_(statements_) {}

  MergedTables run() {
    for (std::size_t i = 0; i < statements_.size(); ++i) {
      if (statements_[i].info.kind == StatementKind::kCreateTable) creates_[statements_[i].info.object] = i;
    }
    for (std::size_t i = 0; i < statements_.size(); ++i) try_to_move(i);
    return {.text = moved_.empty() ? std::string(text_) : rewritten(), .merged = moved_.size(), .changes = changes()};
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

  void try_to_move(std::size_t index) {
    const FileStatement& alter = statements_[index];
    const auto create = creates_.find(alter.info.table);
    if (!may_move(alter.info) || create == creates_.end() || create->second > index) return;
    const FileStatement& table = statements_[create->second];
    if (!table.info.create_table.has_column_list) return;
    const auto current = replaced_.find(create->second);
    const std::string sql = current == replaced_.end() ? std::string(table.piece.sql()) : current->second;
    const auto result = with_constraint(sql, definition_of(alter), table.info, alter.info.constraint.kind);
    if (!result) return;
    replaced_[create->second] = *result;
    moved_.insert(index);
  }

  std::vector<model::StatementChange> changes() const {
    std::vector<model::StatementChange> all;
    for (const std::size_t index : moved_) {
      const FileStatement& alter = statements_[index];
      const bool key = alter.info.constraint.kind == ConstraintKind::kPrimaryKey;
      all.push_back(
          {.object = "TABLE " + model::display(alter.info.table),
           .before = std::string(alter.piece.sql()),
           .after = replaced_.at(creates_.at(alter.info.table)),
           .reason = key ? "A table is made with its key in one step; a key that comes later means writing the "
                           "table anew"
                         : "A table is made with its checks in one step"});
    }
    return all;
  }

  std::string rewritten() const {
    std::string result;
    std::size_t copied = 0;
    const auto copy_to = [&](std::size_t offset) {
      result += text_.substr(copied, offset - copied);
      copied = offset;
    };
    for (std::size_t i = 0; i < statements_.size(); ++i) {
      const sql::Piece& piece = statements_[i].piece;
      if (const auto replacement = replaced_.find(i); replacement != replaced_.end()) {
        copy_to(piece.offset + piece.body);
        result += replacement->second;
        copied = piece.offset + piece.text.size();
      } else if (moved_.contains(i)) {
        copy_to(piece.offset);
        // Comments in front of it are the user's; only the blanks go.
        if (!base::trim(piece.leading()).empty()) copy_to(piece.offset + piece.body);
        copied = piece.offset + piece.text.size();
      }
    }
    copy_to(text_.size());
    return result;
  }

  std::string_view text_;
  std::vector<FileStatement> statements_;
  Relatives relatives_;
  std::map<model::TableName, std::size_t> creates_ = {};
  std::map<std::size_t, std::string> replaced_ = {};  ///< CREATE TABLE statements with what they took in.
  std::set<std::size_t> moved_ = {};
};

}  // namespace

MergedTables merge_constraints(std::string_view table_sql) {
  return Merger(table_sql).run();
}

}  // namespace voyager::migration

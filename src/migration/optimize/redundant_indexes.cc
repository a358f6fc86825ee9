#include "migration/optimize/redundant_indexes.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "migration/optimize/splice.h"
#include "migration/optimize/table_facts.h"
#include "model/identifier.h"
#include "sql/parse_tree.h"
#include "sql/statement.h"

namespace voyager::migration {
namespace {

using model::TableName;
using sql::FileStatement;
using sql::StatementKind;

TableName name(const std::string& schema, const std::string& object) {
  return {model::Identifier(schema), model::Identifier(object)};
}

struct Use {
  std::string_view file = {};
  int line = 0;
};

class Remover {
 public:
  explicit Remover(const RedundantIndexInput& input)
      : input_(input), indexes_(sql::parse_file(input.indexes)), comments_(sql::parse_file(input.comments)) {}

  RedundantIndexResult run() {
    read_pairs();
    read_statements();
    for (const auto& [index, pair] : pairs_) judge(index);
    keep_trees_whole();
    take_out();
    result_.indexes = spliced(input_.indexes, index_splices_);
    result_.comments = spliced(input_.comments, comment_splices_);
    return std::move(result_);
  }

 private:
  void read_pairs() {
    for (const model::RedundantIndex& pair : input_.pairs) pairs_.emplace(name(pair.schema, pair.index), &pair);
  }

  void read_statements() {
    for (const FileStatement& one : indexes_) {
      if (one.info.kind == StatementKind::kCreateIndex) creates_.emplace(one.info.object, &one);
      if (one.info.kind == StatementKind::kAttachIndex) upper_[one.info.object] = one.info.table;
      if (one.info.kind == StatementKind::kUsesIndex) used_[one.info.object] = {"the file of indexes", one.piece.line};
    }
    for (const FileStatement& one : sql::parse_file(input_.tables)) {
      const bool takes_over = one.info.kind == StatementKind::kAddConstraint && one.info.constraint.using_index;
      if (one.info.kind == StatementKind::kUsesIndex || takes_over)
        used_[one.info.object] = {"the file of tables", one.piece.line};
    }
    for (const TableFacts& one : read_table_file(input_.tables)) {
      for (const std::string& constraint : one.constraints)
        constraints_.insert({one.table.schema, model::Identifier(constraint)});
    }
  }

  /// The index that stays in the end: the one named may be needless itself.
  std::optional<TableName> survivor(const TableName& index) const {
    std::set<TableName> seen;
    TableName at = index;
    for (auto pair = pairs_.find(at); pair != pairs_.end(); pair = pairs_.find(at)) {
      if (!seen.insert(at).second) return std::nullopt;
      at = name(pair->second->existing_schema, pair->second->existing_index);
    }
    return at;
  }

  void judge(const TableName& index) {
    if (!creates_.contains(index)) return;  // Not exported, or the user has removed it.
    const std::optional<TableName> stays = survivor(index);
    if (!stays) {
      leave(index, "the indexes are said to make each other needless");
    } else if (!creates_.contains(*stays) && !constraints_.contains(*stays)) {
      leave(index, fmt::format("{}, which makes it needless, is not in the exported schema", model::display(*stays)));
    } else if (const auto used = used_.find(index); used != used_.end()) {
      leave(index, fmt::format("the statement in line {} of {} needs it", used->second.line, used->second.file));
    } else {
      survivors_[index] = *stays;
    }
  }

  void leave(const TableName& index, std::string reason) {
    const FileStatement& create = *creates_.at(index);
    result_.left.push_back(
        {.object = object_of(create), .before = std::string(create.piece.sql()), .reason = std::move(reason)});
  }

  /// An index that has others attached, or is attached, goes only together with them.
  void keep_trees_whole() {
    for (bool again = true; again;) {
      again = false;
      for (const auto& [lower, upper] : upper_) {
        for (const auto& [one, other] : {std::pair(lower, upper), std::pair(upper, lower)}) {
          if (!survivors_.contains(one) || survivors_.contains(other)) continue;
          leave(one, fmt::format("it belongs together with {}, which stays", model::display(other)));
          survivors_.erase(one);
          again = true;
        }
      }
    }
  }

  static std::string object_of(const FileStatement& create) {
    return fmt::format("INDEX {} ON {}", model::display(create.info.object.name), model::display(create.info.table));
  }

  void take_out() {
    for (const FileStatement& one : indexes_) {
      if (!survivors_.contains(one.info.object)) continue;
      if (one.info.kind == StatementKind::kCreateIndex) take_out_index(one);
      if (one.info.kind == StatementKind::kAttachIndex) {
        index_splices_.push_back(removal(one.piece));
        keep(one.piece);
      }
    }
    for (const FileStatement& one : comments_) {
      if (one.info.kind != StatementKind::kCommentOnIndex || !survivors_.contains(one.info.object)) continue;
      comment_splices_.push_back(removal(one.piece));
      keep(one.piece);
    }
  }

  void keep(const sql::Piece& piece) {
    result_.redundant += piece.sql();
    // The last one of a file may do without.
    result_.redundant += has_semicolon(piece.sql()) ? "\n\n\n" : "\n;\n\n\n";
  }

  void take_out_index(const FileStatement& create) {
    const TableName& stays = survivors_.at(create.info.object);
    const auto other = creates_.find(stays);
    const std::string definition =
        other == creates_.end() ? "a constraint of the table" : std::string(without_end(other->second->piece.sql()));
    index_splices_.push_back(removal(create.piece));
    std::string why =
        fmt::format("redundant: {} serves every query that it does ({})", model::display(stays), definition);
    result_.redundant += "-- " + commented(why) + "\n";
    keep(create.piece);
    result_.removed[model::display(create.info.table)].push_back(model::display(create.info.object.name));
    result_.changes.push_back({.object = object_of(create),
                               .before = std::string(create.piece.sql()),
                               .reason = fmt::format("{} serves every query that this index does, and each index makes "
                                                     "writing slower",
                                                     model::display(stays))});
  }

  /// On one line, so that no part of it is a statement.
  static std::string commented(const std::string& text) {
    std::string line;
    for (const char c : text) {
      const bool blank = c == ' ' || c == '\n' || c == '\r' || c == '\t';
      if (!blank || !line.ends_with(' ')) line += blank ? ' ' : c;
    }
    return line;
  }

  const RedundantIndexInput& input_;
  std::vector<FileStatement> indexes_;
  std::vector<FileStatement> comments_;
  std::map<TableName, const model::RedundantIndex*> pairs_ = {};
  std::map<TableName, const FileStatement*> creates_ = {};
  std::map<TableName, TableName> upper_ = {};      ///< Attached index to the one of the partitioned table.
  std::map<TableName, Use> used_ = {};             ///< Index to the statement that names it.
  std::set<TableName> constraints_ = {};           ///< Each has an index of its name.
  std::map<TableName, TableName> survivors_ = {};  ///< Index that goes to the one that stays.
  std::vector<Splice> index_splices_ = {};
  std::vector<Splice> comment_splices_ = {};
  RedundantIndexResult result_ = {};
};

}  // namespace

RedundantIndexResult take_out_redundant(const RedundantIndexInput& input) {
  RedundantIndexResult result;
  sql::with_large_stack([&] { result = Remover(input).run(); });
  return result;
}

}  // namespace voyager::migration

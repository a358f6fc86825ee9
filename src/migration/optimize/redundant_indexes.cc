#include "migration/optimize/redundant_indexes.h"

#include <fmt/format.h>

#include <optional>
#include <set>

#include "base/text.h"
#include "migration/optimize/splice.h"
#include "migration/optimize/tree_text.h"
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
      : input_(input), indexes_(input.indexes.statements()), comments_(input.comments.statements()) {}

  RedundantIndexResult run() {
    read_pairs();
    read_statements();
    leave_changed();
    for (const auto& [index, pair] : pairs_) judge(index);
    keep_trees_whole();
    take_out();
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
    for (const FileStatement& one : input_.tables.statements()) {
      const bool takes_over = one.info.kind == StatementKind::kAddConstraint && one.info.constraint.using_index;
      const bool needs_one = one.info.kind == StatementKind::kUsesIndex || one.info.kind == StatementKind::kAltersIndex;
      if (needs_one || takes_over) used_[one.info.object] = {"the file of tables", one.piece.line};
      for (const auto& [constraint, key] : one.info.keys.by_name)
        constraints_.emplace(TableName{one.info.table.schema, model::Identifier(constraint)}, key);
    }
  }

  /// An index may be another by now than the one of its name that was assessed. Metadata without definitions are taken
  /// at their word.
  void leave_changed() {
    for (auto next = pairs_.begin(); next != pairs_.end();) {
      const auto& [index, pair] = *next;
      const TableName existing = name(pair->existing_schema, pair->existing_index);
      const bool same = is_as_assessed(index, pair->ddl) && is_as_assessed(existing, pair->existing_ddl);
      if (!same && creates_.contains(index))
        leave(index, fmt::format("it or {} is not what it was when the source was assessed", model::display(existing)));
      next = same ? std::next(next) : pairs_.erase(next);
    }
  }

  /// True also of one that is not there, which is told elsewhere.
  bool is_as_assessed(const TableName& index, const std::string& ddl) const {
    if (ddl.empty()) return true;
    if (const auto create = creates_.find(index); create != creates_.end()) {
      const std::string_view sql = without_end(create->second->piece.sql());
      if (sql == ddl) return true;
      const auto tree = tree_text(ddl);
      return tree && tree == tree_text(sql);
    }
    const auto constraint = constraints_.find(index);
    return constraint == constraints_.end() || constraint->second == key_of(ddl);
  }

  /// Nothing for an index that no constraint makes.
  static std::optional<sql::KeyFacts> key_of(std::string_view ddl) {
    std::optional<sql::KeyFacts> key;
    sql::with_parse_tree(ddl, [&](simdjson::dom::object root) {
      const auto index = sql::object_of(root, "IndexStmt");
      if (!index || !sql::flag_of(*index, "unique") || sql::object_of(*index, "whereClause")) return;
      key = sql::KeyFacts{.columns = columns_of(*index, "indexParams"),
                          .included = columns_of(*index, "indexIncludingParams"),
                          .nulls_equal = sql::flag_of(*index, "nulls_not_distinct")};
    });
    return key;
  }

  static std::vector<std::string> columns_of(simdjson::dom::object index, std::string_view list) {
    std::vector<std::string> columns;
    const auto items = sql::array_of(index, list);
    if (!items) return columns;
    for (const simdjson::dom::element item : *items) {
      simdjson::dom::object column;
      if (item["IndexElem"].get(column) == simdjson::SUCCESS) columns.emplace_back(sql::text_of(column, "name"));
    }
    return columns;
  }

  /// The index that stays in the end: the one named may be needless itself. Nothing for those that go round in circles.
  std::optional<TableName> survivor(const TableName& index) {
    std::vector<TableName> way;
    std::optional<TableName> end = index;
    for (auto pair = pairs_.find(index); pair != pairs_.end(); pair = pairs_.find(*end)) {
      const auto [known, is_new] = stays_.try_emplace(*end, std::nullopt);
      if (!is_new) {
        end = known->second;  // Nothing yet where the way has come back to itself.
        break;
      }
      way.push_back(*end);
      end = name(pair->second->existing_schema, pair->second->existing_index);
    }
    for (const TableName& one : way) stays_[one] = end;
    return end;
  }

  void judge(const TableName& index) {
    if (!creates_.contains(index)) return;  // Not exported, or the user has removed it.
    const std::optional<TableName> stays = survivor(index);
    if (!stays) {
      leave(index, "the indexes are said to make each other needless");
    } else if (!creates_.contains(*stays) && !constraints_.contains(*stays)) {
      leave(index,
            fmt::format("{}, which makes it needless, is not in the exported schema as an index or as a key that is "
                        "checked at once",
                        model::display(*stays)));
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
    for (std::size_t i = 0; i < indexes_.size(); ++i) {
      const FileStatement& one = indexes_[i];
      if (!survivors_.contains(one.info.object)) continue;
      const bool creates = one.info.kind == StatementKind::kCreateIndex;
      if (!creates && one.info.kind != StatementKind::kAttachIndex && one.info.kind != StatementKind::kAltersIndex)
        continue;
      if (creates) note_taken_out(one);
      result_.indexes.push_back({.statement = i});
      keep(one.piece);
    }
    for (std::size_t i = 0; i < comments_.size(); ++i) {
      const FileStatement& one = comments_[i];
      if (one.info.kind != StatementKind::kCommentOnIndex || !survivors_.contains(one.info.object)) continue;
      result_.comments.push_back({.statement = i});
      keep(one.piece);
    }
  }

  void keep(const sql::Piece& piece) {
    result_.redundant += piece.sql();
    // The last one of a file may do without.
    result_.redundant += has_semicolon(piece.sql()) ? "\n\n\n" : "\n;\n\n\n";
  }

  void note_taken_out(const FileStatement& create) {
    const TableName& stays = survivors_.at(create.info.object);
    const auto other = creates_.find(stays);
    const std::string definition =
        other == creates_.end() ? "a constraint of the table" : std::string(without_end(other->second->piece.sql()));
    std::string why =
        fmt::format("redundant: {} serves every query that it does ({})", model::display(stays), definition);
    result_.redundant += "-- " + base::one_line(why) + "\n";  // One line, so that no part of it is a statement.
    result_.removed[model::display(create.info.table)].push_back(model::display(create.info.object.name));
    result_.changes.push_back({.object = object_of(create),
                               .before = std::string(create.piece.sql()),
                               .reason = fmt::format("{} serves every query that this index does, and each index makes "
                                                     "writing slower",
                                                     model::display(stays)),
                               .name = create.info.object});
  }

  const RedundantIndexInput& input_;
  const std::vector<FileStatement>& indexes_;
  const std::vector<FileStatement>& comments_;
  std::map<TableName, const model::RedundantIndex*> pairs_ = {};
  std::map<TableName, const FileStatement*> creates_ = {};
  std::map<TableName, TableName> upper_ = {};                 ///< Attached index to the one of the partitioned table.
  std::map<TableName, Use> used_ = {};                        ///< Index to the statement that names it.
  std::map<TableName, sql::KeyFacts> constraints_ = {};       ///< Each has an index of its name.
  std::map<TableName, std::optional<TableName>> stays_ = {};  ///< What `survivor` has found out.
  std::map<TableName, TableName> survivors_ = {};             ///< Index that goes to the one that stays.
  RedundantIndexResult result_ = {};
};

}  // namespace

RedundantIndexResult take_out_redundant(const RedundantIndexInput& input) {
  RedundantIndexResult result;
  sql::with_large_stack([&] { result = Remover(input).run(); });
  return result;
}

}  // namespace voyager::migration

// What a change of a source table means on the target: worked out once for each form of the table.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "connector/changes.h"
#include "migration/changes/partition_keys.h"
#include "migration/changes/roles.h"
#include "migration/changes/table_pairs.h"
#include "model/changes.h"

namespace voyager::migration {

/// Which lane takes a row's changes: one that the table's name decides, or one that the values of these columns (of the
/// source, before the change) decide with it.
struct LaneRule {
  bool one_lane = false;
  std::vector<std::uint32_t> key = {};
  bool operator==(const LaneRule&) const = default;
};

/// Constant once made. Columns are indexes: "source" into the change's tuples, "target" into the target's columns.
struct TablePlan {
  static constexpr std::uint32_t kNowhere = ~0U;

  model::ChangeTable source = {};
  const connector::ApplyTable* target = nullptr;  ///< Null: the target has no such table.
  std::uint64_t hash = 0;                         ///< Of the source's name: the same in every run and every version.
  std::uint64_t identity = 0;  ///< Of the target's table, whatever both sides call it. The same in this run only.
  std::vector<std::uint32_t> target_of = {};   ///< By source column; kNowhere: the target computes it.
  std::vector<std::uint32_t> key_source = {};  ///< What names a row; empty: all columns do, and rows may be equal.
  std::vector<std::uint32_t> key_target = {};
  /// Values that only one row may have at a time, beside the key. A change is ordered after earlier ones that had or
  /// took the same.
  struct Slot {
    std::vector<std::uint32_t> source = {};
    bool nulls_equal = false;
  };
  std::vector<Slot> slots = {};
  /// One lane: what a change releases cannot be told from it.
  LaneRule lanes = {};
  std::vector<std::uint32_t> missing = {};  ///< Columns of the source that the target lacks.
  std::vector<std::uint32_t> changed =
      {};  ///< Columns that have got another type at the source, and not at the target.
  /// Columns that have got another name at the source, and not at the target.
  std::vector<std::uint32_t> renamed = {};
  /// Columns of the source whose name another column has at the target: one that was renamed or dropped at the source.
  std::vector<std::uint32_t> taken = {};
  enum class Table : std::uint8_t {
    kSame,
    kRenamed,  ///< It has got another name at the source, and not at the target.
    kTaken,    ///< The target's table of this name is another one of the source.
  };
  Table table = Table::kSame;
  std::vector<std::uint32_t> computed = {};  ///< Of source.computed, those that the target lacks.
  std::optional<TablePair> pair = {};        ///< With what is known now; nothing: columns are told by their names.

  bool keyless() const { return key_source.empty(); }
  /// A change can be applied as the target is.
  bool ready() const { return certain() && missing.empty() && changed.empty(); }
  /// Which table and which columns it goes to.
  bool certain() const { return target != nullptr && table == Table::kSame && renamed.empty() && taken.empty(); }
  /// All that is missing was added to the source since `types`, and nothing of it is an earlier column under a new
  /// name. A source lists columns in the order in which they were made.
  bool only_adds(const std::map<model::Identifier, std::string>& types) const;
};

/// The types of a table's columns when the capture of its changes began, and of those that were added since. Empty: the
/// source computes the column, and its changes may or may not have it.
using ColumnTypes = std::map<model::Identifier, std::string>;

/// `types` and `pair` may be null: not known. Throws Error (kUsage) for a partition key that the table cannot have.
TablePlan make_table_plan(const model::ChangeTable& source, const connector::ApplyTable* target,
                          const PartitionKey& partition = {}, const ColumnTypes* types = nullptr,
                          const TablePair* pair = nullptr);

/// Everything that matters of a table's description, as a text.
std::string form_of(const model::ChangeTable& table);

/// Throws the Error that says what the database lacks. `why`: why it could not be made there, in the server's words.
[[noreturn]] void refuse_changes(const TablePlan& plan, const std::string& why, const Sides& sides = {});

/// Plans by the table's description, made when first asked and kept. `tables` are those of the target. One thread.
class TablePlans {
 public:
  TablePlans(std::vector<connector::ApplyTable> tables, PartitionKeys partition);
  /// Changes of another database come from here on. Earlier plans stay valid, for changes that are on their way.
  void set_types(std::map<model::TableName, ColumnTypes> types);
  /// With those of another database. Empty: not known. `changed` is called when more is known of them.
  void set_pairs(TablePairs pairs, std::function<void(const TablePairs&)> changed);
  /// All changes of the table go through one lane from here on. False when they do already.
  bool keep_in_one_lane(const model::TableName& table);
  const TablePlan& of(const model::ChangeTable& source);
  /// The target's table is another one now. Earlier plans of it stay valid, for changes that are on their way.
  void renew(connector::ApplyTable table);
  /// All of them may be.
  void renew_all(std::vector<connector::ApplyTable> tables);
  /// Null: not known.
  ColumnTypes* types_of(const model::TableName& table);
  /// All plans that are in use.
  std::vector<const TablePlan*> plans() const;

 private:
  const connector::ApplyTable* target_of(const model::ChangeTable& source, TablePlan::Table& table);
  void note_pair(const TablePlan& plan);

  const PartitionKeys partition_;
  std::set<model::TableName> one_lane_ = {};
  TablePairs pairs_ = {};
  TablePairs noted_ = {};  // as was said last
  std::function<void(const TablePairs&)> pairs_changed_ = {};
  std::map<model::TableName, ColumnTypes> types_ = {};
  std::list<connector::ApplyTable> kept_ = {};  // also what was renewed
  std::map<model::TableName, const connector::ApplyTable*> tables_ = {};
  std::list<TablePlan> made_ = {};
  std::map<std::string, const TablePlan*> plans_ = {};  // by form
};

/// FNV-1a.
std::uint64_t fnv(std::string_view bytes, std::uint64_t hash = 0xcbf29ce484222325ULL);

/// Appends the values of some columns in a form in which different values differ. Unchanged ones count as null.
void append_values(std::string& out, std::span<const model::ChangeValue> tuple, std::span<const std::uint32_t> columns);

}  // namespace voyager::migration

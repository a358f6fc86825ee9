// What a change of a source table means on the target: worked out once for each form of the table.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "connector/changes.h"
#include "model/changes.h"

namespace voyager::migration {

/// Constant once made. Columns are indexes: "source" into the change's tuples, "target" into the target's columns.
struct TablePlan {
  static constexpr std::uint32_t kNowhere = ~0U;

  model::ChangeTable source = {};
  const connector::ApplyTable* target = nullptr;
  std::uint64_t hash = 0;                      ///< Of the target's name: the same in every run and every version.
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
  /// All changes go through one lane: what a change releases cannot be told from it, or only its transaction as a whole
  /// can be checked.
  bool one_lane = false;

  bool keyless() const { return key_source.empty(); }
};

/// Throws Error when the target lacks a column.
TablePlan make_table_plan(const model::ChangeTable& source, const connector::ApplyTable& target);

/// Plans by the table's description, made when first asked and kept. `tables` are those of the target. One thread.
class TablePlans {
 public:
  explicit TablePlans(std::vector<connector::ApplyTable> tables);
  /// Throws Error for a table that the target does not have.
  const TablePlan& of(const model::ChangeTable& source);

 private:
  std::map<model::TableName, connector::ApplyTable> tables_;
  std::map<std::string, TablePlan> plans_ = {};  // by everything that matters of a description
};

/// FNV-1a.
std::uint64_t fnv(std::string_view bytes, std::uint64_t hash = 0xcbf29ce484222325ULL);

/// Appends the values of some columns in a form in which different values differ. Unchanged ones count as null.
void append_values(std::string& out, std::span<const model::ChangeValue> tuple, std::span<const std::uint32_t> columns);

}  // namespace voyager::migration

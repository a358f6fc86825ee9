// Changes of one lane, in their order, as few statements over many rows.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "connector/changes.h"
#include "migration/changes/cascade_reach.h"
#include "migration/changes/table_plan.h"
#include "model/changes.h"

namespace voyager::migration {

/// Folds what happens to a row into one statement's row, and rows into statements. The statements have the same effect
/// as the changes one after the other, as long as no unique value goes from one row to another inside of them; where
/// one does, the server refuses, and `in_order` is what to send instead. Views of the changes must stay valid until the
/// statements were run. Its memory is kept from one use to the next: rows are folded without allocating any. One
/// thread.
class Fold {
 public:
  enum class Mode : std::uint8_t { kFolded, kInOrder };
  explicit Fold(Mode mode = Mode::kFolded) : mode_(mode) {}

  /// Forgets everything.
  void begin(Mode mode);
  void add(const TablePlan& plan, const model::Change& change);
  /// Of a truncation, the plans of its tables.
  void truncate(const std::vector<const TablePlan*>& plans, const model::Change& change);
  /// Likewise of a cascade. Those that follow from many rows are one statement for each table and what is done to it,
  /// also where changes lie in between that have nothing to do with them.
  void cascade(const std::vector<const TablePlan*>& plans, const model::Change& change);
  /// Everything added, as statements to be run in this order. Empties the fold.
  std::vector<connector::ApplyStep> steps();
  std::vector<connector::LaneCounts> counts() const;

 private:
  enum class State : std::uint8_t { kNothing, kInsert, kUpdate, kDelete, kReplace };
  /// A row that something happens to. Its key, as it is on the target before, and its values by target column stand in
  /// `values_`.
  struct Row {
    const TablePlan* plan = nullptr;
    std::uint64_t hash = 0;  // of plan and key
    std::uint32_t key = 0;
    std::uint32_t values = 0;
    State state = State::kNothing;
    bool moved = false;  // its key is changed: it stays alone in its stage
  };
  struct Net {  // of equal rows of a table without a key
    std::int64_t rows = 0;
    std::vector<model::ChangeValue> values = {};
  };

  void next_stage();
  void place(const TablePlan& plan, const model::Change& change);
  void place_keyless(const TablePlan& plan, const model::Change& change);
  void add_net(const TablePlan& plan, std::span<const model::ChangeValue> tuple, std::int64_t rows);
  bool fold_into(const TablePlan& plan, Row& row, const model::Change& change);
  void move(const TablePlan& plan, const model::Change& change);
  bool join_cascade(const connector::ApplyStep& step);
  void emit();
  void emit_rows(connector::ApplyStep::Kind kind, State one, State other);
  void emit_nets(bool gone);

  void take_key(const TablePlan& plan, std::span<const model::ChangeValue> tuple,
                std::span<const model::ChangeValue> instead);
  std::uint64_t hash_of(const TablePlan& plan) const;
  Row* find(const TablePlan& plan, std::uint64_t hash);
  Row& insert(const TablePlan& plan, std::uint64_t hash);
  std::uint32_t put_on_target(const TablePlan& plan, std::span<const model::ChangeValue> tuple);
  void make_room();
  void set_columns(std::span<const model::ChangeValue> values);
  connector::ApplyStep& step(connector::ApplyStep::Kind kind, const TablePlan& plan, std::size_t row_bytes);

  Mode mode_;
  // The stage in hand.
  std::vector<Row> rows_ = {};             // in the order of their first change
  std::vector<std::uint32_t> slots_ = {};  // open addressing by hash: index into rows_ + 1; 0: free
  std::vector<model::ChangeValue> values_ = {};
  std::map<const TablePlan*, std::unordered_map<std::string, Net>> nets_ = {};
  /// By the table: the form (of a partition, of before or behind a change of columns) that came last. Rows of forms
  /// with one key are told apart by it; others are in no stage together.
  std::unordered_map<std::uint64_t, const TablePlan*> forms_ = {};
  std::vector<connector::ApplyStep> cascades_ = {};   // behind the stage's rows
  CascadeReach cascaded_ = {};                        // by them
  std::unordered_set<std::string> handed_over_ = {};  // values that their updates take away or give
  // What is made of it.
  std::vector<connector::ApplyStep> steps_ = {};
  struct OpenStep {
    const TablePlan* plan = nullptr;
    std::size_t step = 0;
    std::size_t bytes = 0;
  };
  std::vector<OpenStep> open_steps_ = {};  // of the stage that is emitted
  std::map<const TablePlan*, connector::LaneCounts> counts_ = {};
  const TablePlan* counted_ = nullptr;  // whose counts `count_` are
  connector::LaneCounts* count_ = nullptr;
  // Kept for their memory.
  std::vector<model::ChangeValue> key_ = {};
  std::vector<std::uint32_t> columns_ = {};
  std::vector<std::uint32_t> key_columns_ = {};
};

}  // namespace voyager::migration

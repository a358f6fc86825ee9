// Changes of one lane, in their order, as few statements over many rows.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "connector/changes.h"
#include "migration/changes/table_plan.h"
#include "model/changes.h"

namespace voyager::migration {

/// Folds what happens to a row into one statement's row, and rows into statements. The statements have the same effect
/// as the changes one after the other, as long as no unique value goes from one row to another inside of them; where
/// one does, the server refuses, and `in_order` is what to send instead. Views of the changes must stay valid. One
/// thread.
class Fold {
 public:
  enum class Mode : std::uint8_t { kFolded, kInOrder };
  explicit Fold(Mode mode) : mode_(mode) {}

  void add(const TablePlan& plan, const model::Change& change);
  /// Of a truncation, the plans of its tables.
  void truncate(const std::vector<const TablePlan*>& plans, const model::Change& change);
  /// Everything added, as statements to be run in this order. Empties the fold.
  std::vector<connector::ApplyStep> steps();
  std::vector<connector::LaneCounts> counts() const;

 private:
  enum class State : std::uint8_t { kNothing, kInsert, kUpdate, kDelete, kReplace };
  struct Row {
    State state = State::kNothing;
    std::vector<model::ChangeValue> key = {};     // as it is on the target before
    std::vector<model::ChangeValue> values = {};  // by target column
    bool moved = false;                           // its key is changed: it stays alone in its stage
  };
  struct Net {  // of equal rows of a table without a key
    std::int64_t rows = 0;
    std::vector<model::ChangeValue> values = {};
  };
  struct Stage {
    std::map<const TablePlan*, std::unordered_map<std::string, Row>> rows = {};
    std::map<const TablePlan*, std::unordered_map<std::string, Net>> nets = {};
  };

  void next_stage();
  void place(const TablePlan& plan, const model::Change& change);
  void add_keyless(const TablePlan& plan, const model::Change& change);
  void add_net(const TablePlan& plan, std::span<const model::ChangeValue> tuple, std::int64_t rows);
  bool fold_into(const TablePlan& plan, Row& row, const model::Change& change);
  void move(const TablePlan& plan, const std::string& from, const std::string& to, const model::Change& change);
  void emit(Stage& stage);
  std::vector<model::ChangeValue> on_target(const TablePlan& plan, std::span<const model::ChangeValue> tuple) const;
  connector::ApplyStep& step(connector::ApplyStep::Kind kind, const TablePlan& plan,
                             const std::vector<std::uint32_t>& columns);

  const Mode mode_;
  Stage stage_ = {};
  std::vector<connector::ApplyStep> steps_ = {};
  std::map<std::string, std::size_t> open_steps_ = {};  // of the stage that is emitted: shape -> index
  std::map<const TablePlan*, connector::LaneCounts> counts_ = {};
};

}  // namespace voyager::migration

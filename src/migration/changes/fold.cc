#include "migration/changes/fold.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/error.h"

namespace voyager::migration {
namespace {

using connector::ApplyStep;
using model::BeforeKind;
using model::Change;
using model::ChangeKind;
using model::ChangeValue;
using model::ValueKind;

bool is_set(const ChangeValue& value) {
  return value.kind != ValueKind::kUnchanged;
}

}  // namespace

std::vector<ChangeValue> Fold::on_target(const TablePlan& plan, std::span<const ChangeValue> tuple) const {
  std::vector<ChangeValue> out(plan.target->columns.size(), ChangeValue{.kind = ValueKind::kUnchanged});
  for (std::size_t i = 0; i < tuple.size(); ++i) {
    if (plan.target_of[i] != TablePlan::kNowhere) out[plan.target_of[i]] = tuple[i];
  }
  return out;
}

void Fold::next_stage() {
  Stage done = std::exchange(stage_, {});
  emit(done);
}

void Fold::add(const TablePlan& plan, const Change& change) {
  connector::LaneCounts& counts = counts_[&plan];
  counts.table = plan.target->name;
  counts.inserts += change.kind == ChangeKind::kInsert ? 1 : 0;
  counts.updates += change.kind == ChangeKind::kUpdate ? 1 : 0;
  counts.deletes += change.kind == ChangeKind::kDelete ? 1 : 0;
  if (mode_ == Mode::kInOrder) next_stage();
  place(plan, change);
}

void Fold::place(const TablePlan& plan, const Change& change) {
  if (plan.keyless()) return add_keyless(plan, change);
  // An update without a tuple before keeps its key.
  const std::span<const ChangeValue> before = change.before.empty() ? change.after : change.before;
  std::string from;
  append_values(from, before, plan.key_source);
  if (change.kind == ChangeKind::kUpdate && !change.before.empty()) {
    std::string to;
    std::vector<ChangeValue> after(change.after.begin(), change.after.end());
    // A part of the key that is stored out of line is unchanged: it is what it was.
    for (const std::uint32_t column : plan.key_source) {
      if (!is_set(after[column])) after[column] = before[column];
    }
    append_values(to, after, plan.key_source);
    if (to != from) return move(plan, from, to, change);
  }
  std::unordered_map<std::string, Row>& rows = stage_.rows[&plan];
  auto row = rows.find(from);
  if (row == rows.end()) {
    row = rows.emplace(from, Row{}).first;
    for (const std::uint32_t column : plan.key_source) row->second.key.push_back(before[column]);
    row->second.state = change.kind == ChangeKind::kInsert   ? State::kInsert
                        : change.kind == ChangeKind::kUpdate ? State::kUpdate
                                                             : State::kDelete;
    if (change.kind != ChangeKind::kDelete) row->second.values = on_target(plan, change.after);
    return;
  }
  if (!row->second.moved && fold_into(plan, row->second, change)) return;
  next_stage();
  place(plan, change);
}

// False: what happens to the row is not what may happen to it. The server has to say so then.
bool Fold::fold_into(const TablePlan& plan, Row& row, const Change& change) {
  if (change.kind == ChangeKind::kInsert) {
    if (row.state != State::kDelete && row.state != State::kNothing) return false;
    row.state = row.state == State::kDelete ? State::kReplace : State::kInsert;
    row.values = on_target(plan, change.after);
    return true;
  }
  if (row.state == State::kDelete || row.state == State::kNothing) return false;
  if (change.kind == ChangeKind::kDelete) {
    row.state = row.state == State::kInsert ? State::kNothing : State::kDelete;
    return true;
  }
  const std::vector<ChangeValue> values = on_target(plan, change.after);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (is_set(values[i])) row.values[i] = values[i];
  }
  return true;
}

void Fold::move(const TablePlan& plan, const std::string& from, const std::string& to, const Change& change) {
  std::unordered_map<std::string, Row>* rows = &stage_.rows[&plan];
  if (rows->contains(from) || rows->contains(to)) {
    next_stage();
    rows = &stage_.rows[&plan];
  }
  Row row{.state = State::kUpdate, .values = on_target(plan, change.after), .moved = true};
  for (const std::uint32_t column : plan.key_source) row.key.push_back(change.before[column]);
  rows->emplace(from, std::move(row));
  rows->emplace(to, Row{.moved = true});
}

void Fold::add_net(const TablePlan& plan, std::span<const ChangeValue> tuple, std::int64_t rows) {
  std::vector<ChangeValue> values = on_target(plan, tuple);
  std::string line;
  std::vector<std::uint32_t> all(values.size());
  for (std::uint32_t i = 0; i < all.size(); ++i) all[i] = i;
  append_values(line, values, all);
  Net& net = stage_.nets[&plan][line];
  net.rows += rows;
  net.values = std::move(values);
}

void Fold::add_keyless(const TablePlan& plan, const Change& change) {
  if (change.kind != ChangeKind::kInsert) {
    VOY_ASSERT(change.before_kind == BeforeKind::kFull);
    add_net(plan, change.before, -1);
  }
  if (change.kind == ChangeKind::kDelete) return;
  // What is unchanged stands in the complete tuple before.
  std::vector<ChangeValue> after(change.after.begin(), change.after.end());
  for (std::size_t i = 0; i < after.size(); ++i) {
    if (!is_set(after[i])) after[i] = change.before[i];
  }
  add_net(plan, after, 1);
}

void Fold::truncate(const std::vector<const TablePlan*>& plans, const Change& change) {
  next_stage();
  // One statement: tables that refer to one another can only be emptied together.
  ApplyStep step{
      .kind = ApplyStep::Kind::kTruncate, .cascade = change.cascade, .restart_identity = change.restart_identity};
  std::set<model::TableName> whole;
  for (const model::ChangeTable* table : change.tables) {
    if (table->leaf == table->name) whole.insert(table->name);
  }
  for (std::size_t i = 0; i < plans.size(); ++i) {
    const model::ChangeTable& table = *change.tables[i];
    const bool partition = table.leaf != table.name;
    if (partition && whole.contains(table.name)) continue;
    step.truncated.push_back({.of = plans[i]->target, .name = partition ? table.leaf : plans[i]->target->name});
  }
  steps_.push_back(std::move(step));
}

ApplyStep& Fold::step(ApplyStep::Kind kind, const TablePlan& plan, const std::vector<std::uint32_t>& columns) {
  std::string shape;
  const auto put = [&shape](std::uint64_t number) {
    shape.append(reinterpret_cast<const char*>(&number), sizeof number);
  };
  put(reinterpret_cast<std::uintptr_t>(plan.target));
  put(static_cast<std::uint64_t>(kind));
  for (const std::uint32_t column : plan.key_target) put(column);
  put(~0ULL);
  for (const std::uint32_t column : columns) put(column);
  const auto [at, is_new] = open_steps_.try_emplace(shape, steps_.size());
  if (is_new) {
    steps_.push_back({.kind = kind, .table = plan.target, .columns = columns});
    if (kind == ApplyStep::Kind::kUpdate || kind == ApplyStep::Kind::kDelete) steps_.back().key = plan.key_target;
  }
  return steps_[at->second];
}

// Deletes come first and inserts last: what a row gives up is free for those that take it.
void Fold::emit(Stage& stage) {
  open_steps_.clear();
  const auto set_columns = [](const std::vector<ChangeValue>& values) {
    std::vector<std::uint32_t> out;
    for (std::uint32_t i = 0; i < values.size(); ++i) {
      if (is_set(values[i])) out.push_back(i);
    }
    return out;
  };
  const auto add_values = [](ApplyStep& to, const std::vector<ChangeValue>& values) {
    for (const std::uint32_t column : to.columns) to.values.push_back(values[column]);
    ++to.rows;
  };
  for (auto& [plan, rows] : stage.rows) {
    for (auto& [name, row] : rows) {
      if (row.state != State::kDelete && row.state != State::kReplace) continue;
      ApplyStep& to = step(ApplyStep::Kind::kDelete, *plan, {});
      to.values.insert(to.values.end(), row.key.begin(), row.key.end());
      ++to.rows;
    }
  }
  for (auto& [plan, nets] : stage.nets) {
    for (auto& [name, net] : nets) {
      for (; net.rows < 0; ++net.rows) {
        ApplyStep& to = step(ApplyStep::Kind::kDeleteOne, *plan, {});
        if (to.key.empty()) to.key = set_columns(net.values);
        for (const std::uint32_t column : to.key) to.values.push_back(net.values[column]);
        ++to.rows;
      }
    }
  }
  for (auto& [plan, rows] : stage.rows) {
    for (auto& [name, row] : rows) {
      if (row.state != State::kUpdate) continue;
      std::vector<std::uint32_t> columns = set_columns(row.values);
      if (!row.moved) {
        std::erase_if(columns, [&](std::uint32_t column) {
          return std::ranges::find(plan->key_target, column) != plan->key_target.end();
        });
      }
      if (columns.empty()) continue;
      ApplyStep& to = step(ApplyStep::Kind::kUpdate, *plan, columns);
      to.values.insert(to.values.end(), row.key.begin(), row.key.end());
      add_values(to, row.values);
    }
  }
  for (auto& [plan, rows] : stage.rows) {
    for (auto& [name, row] : rows) {
      if (row.state == State::kInsert || row.state == State::kReplace)
        add_values(step(ApplyStep::Kind::kInsert, *plan, set_columns(row.values)), row.values);
    }
  }
  for (auto& [plan, nets] : stage.nets) {
    for (auto& [name, net] : nets) {
      for (; net.rows > 0; --net.rows)
        add_values(step(ApplyStep::Kind::kInsert, *plan, set_columns(net.values)), net.values);
    }
  }
}

std::vector<ApplyStep> Fold::steps() {
  next_stage();
  return std::exchange(steps_, {});
}

std::vector<connector::LaneCounts> Fold::counts() const {
  std::vector<connector::LaneCounts> out;
  for (const auto& [plan, one] : counts_) out.push_back(one);
  return out;
}

}  // namespace voyager::migration

#include "migration/changes/fold.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <set>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/text.h"

namespace voyager::migration {
namespace {

using connector::ApplyStep;
using model::BeforeKind;
using model::Change;
using model::ChangeKind;
using model::ChangeValue;
using model::ValueKind;

constexpr std::size_t kSlotsAtFirst = 64;
// Of one statement: a server takes a gigabyte at most, and a transaction that is kept whole may have more. Not less
// than what a lane usually gets at once.
constexpr std::size_t kRowsPerStep = 10'000;
constexpr std::size_t kBytesPerStep = 8UL << 20U;

bool is_set(const ChangeValue& value) {
  return value.kind != ValueKind::kUnchanged;
}

std::uint64_t mixed(std::uint64_t hash, std::uint64_t more) {
  hash = (hash ^ more) * 0x9e3779b97f4a7c15ULL;
  return hash ^ (hash >> 29U);
}

}  // namespace

void Fold::begin(Mode mode) {
  mode_ = mode;
  rows_.clear();
  values_.clear();
  nets_.clear();
  cascades_.clear();
  cascaded_.clear();
  handed_over_.clear();
  steps_.clear();
  std::ranges::fill(slots_, 0);
  counts_.clear();
  counted_ = nullptr;
  forms_.clear();
}

void Fold::next_stage() {
  emit();
  // With few rows in many slots only theirs are freed: a stage may be a single change.
  if (rows_.size() < slots_.size() / 8) {
    for (std::uint32_t i = 0; i < rows_.size(); ++i) {
      std::size_t slot = rows_[i].hash & (slots_.size() - 1);
      while (slots_[slot] != i + 1) slot = (slot + 1) & (slots_.size() - 1);
      slots_[slot] = 0;
    }
  } else {
    std::ranges::fill(slots_, 0);
  }
  rows_.clear();
  values_.clear();
  nets_.clear();
}

void Fold::add(const TablePlan& plan, const Change& change) {
  if (counted_ != &plan) {
    counted_ = &plan;
    count_ = &counts_[&plan];
    count_->table = plan.target->name;
    const TablePlan*& form = forms_[plan.identity];
    if (form != nullptr && form != &plan && (plan.keyless() || form->key_target != plan.key_target)) next_stage();
    form = &plan;
  }
  count_->inserts += change.kind == ChangeKind::kInsert ? 1 : 0;
  count_->updates += change.kind == ChangeKind::kUpdate ? 1 : 0;
  count_->deletes += change.kind == ChangeKind::kDelete ? 1 : 0;
  if (mode_ == Mode::kInOrder || cascaded_.meets(plan, change)) next_stage();
  place(plan, change);
}

// The key of `tuple` into key_; a part that is stored out of line and unchanged is what it is in `instead`.
void Fold::take_key(const TablePlan& plan, std::span<const ChangeValue> tuple, std::span<const ChangeValue> instead) {
  key_.clear();
  for (const std::uint32_t column : plan.key_source) {
    ChangeValue value = is_set(tuple[column]) ? tuple[column] : instead[column];
    if (!is_set(value)) value = {.kind = ValueKind::kNull};
    key_.push_back(value);
  }
}

std::uint64_t Fold::hash_of(const TablePlan& plan) const {
  std::uint64_t hash = mixed(0, plan.identity);
  for (const ChangeValue& value : key_)
    hash = mixed(hash, value.kind == ValueKind::kText ? std::hash<std::string_view>()(value.text) : 1);
  return hash;
}

Fold::Row* Fold::find(const TablePlan& plan, std::uint64_t hash) {
  if (slots_.empty()) return nullptr;
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t slot = hash & mask; slots_[slot] != 0; slot = (slot + 1) & mask) {
    Row& row = rows_[slots_[slot] - 1];
    const bool same_table =
        row.plan == &plan || (row.plan->identity == plan.identity && row.plan->key_target == plan.key_target);
    if (row.hash == hash && same_table && std::equal(key_.begin(), key_.end(), values_.begin() + row.key)) return &row;
  }
  return nullptr;
}

// At most half of the slots are taken.
void Fold::make_room() {
  if (2 * (rows_.size() + 1) <= slots_.size()) return;
  slots_.assign(std::max(kSlotsAtFirst, 2 * slots_.size()), 0);
  const std::size_t mask = slots_.size() - 1;
  for (std::uint32_t i = 0; i < rows_.size(); ++i) {
    std::size_t slot = rows_[i].hash & mask;
    while (slots_[slot] != 0) slot = (slot + 1) & mask;
    slots_[slot] = i + 1;
  }
}

// A row of the key in key_, which is not there yet.
Fold::Row& Fold::insert(const TablePlan& plan, std::uint64_t hash) {
  make_room();
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = hash & mask;
  while (slots_[slot] != 0) slot = (slot + 1) & mask;
  const auto key = static_cast<std::uint32_t>(values_.size());
  values_.insert(values_.end(), key_.begin(), key_.end());
  rows_.push_back({.plan = &plan, .hash = hash, .key = key});
  slots_[slot] = static_cast<std::uint32_t>(rows_.size());
  return rows_.back();
}

std::uint32_t Fold::put_on_target(const TablePlan& plan, std::span<const ChangeValue> tuple) {
  const std::size_t at = values_.size();
  values_.resize(at + plan.target->columns.size(), ChangeValue{.kind = ValueKind::kUnchanged});
  for (std::size_t i = 0; i < tuple.size(); ++i) {
    if (plan.target_of[i] != TablePlan::kNowhere) values_[at + plan.target_of[i]] = tuple[i];
  }
  return static_cast<std::uint32_t>(at);
}

void Fold::place(const TablePlan& plan, const Change& change) {
  if (plan.keyless()) return place_keyless(plan, change);
  // An update without a tuple before keeps its key.
  const std::span<const ChangeValue> before = change.before.empty() ? change.after : change.before;
  if (change.kind == ChangeKind::kUpdate && !change.before.empty()) {
    const bool moves = std::ranges::any_of(plan.key_source, [&](std::uint32_t column) {
      return is_set(change.after[column]) && change.after[column] != before[column];
    });
    if (moves) return move(plan, change);
  }
  take_key(plan, before, before);
  const std::uint64_t hash = hash_of(plan);
  Row* const found = find(plan, hash);
  if (found == nullptr) {
    Row& row = insert(plan, hash);
    row.state = change.kind == ChangeKind::kInsert   ? State::kInsert
                : change.kind == ChangeKind::kUpdate ? State::kUpdate
                                                     : State::kDelete;
    if (change.kind != ChangeKind::kDelete) row.values = put_on_target(plan, change.after);
    return;
  }
  // What another form of the table did to the row is done before.
  if (found->plan == &plan && !found->moved && fold_into(plan, *found, change)) return;
  next_stage();
  place(plan, change);
}

// False: what happens to the row is not what may happen to it. The server has to say so then.
bool Fold::fold_into(const TablePlan& plan, Row& row, const Change& change) {
  if (change.kind == ChangeKind::kInsert) {
    if (row.state != State::kDelete && row.state != State::kNothing) return false;
    row.state = row.state == State::kDelete ? State::kReplace : State::kInsert;
    row.values = put_on_target(plan, change.after);
    return true;
  }
  if (row.state == State::kDelete || row.state == State::kNothing) return false;
  if (change.kind == ChangeKind::kDelete) {
    row.state = row.state == State::kInsert ? State::kNothing : State::kDelete;
    return true;
  }
  for (std::size_t i = 0; i < change.after.size(); ++i) {
    if (plan.target_of[i] != TablePlan::kNowhere && is_set(change.after[i]))
      values_[row.values + plan.target_of[i]] = change.after[i];
  }
  return true;
}

void Fold::move(const TablePlan& plan, const Change& change) {
  const auto taken = [&](std::span<const ChangeValue> tuple) {
    take_key(plan, tuple, change.before);
    return find(plan, hash_of(plan)) != nullptr;
  };
  if (taken(change.before) || taken(change.after)) next_stage();
  take_key(plan, change.before, change.before);
  Row& row = insert(plan, hash_of(plan));
  row.state = State::kUpdate;
  row.moved = true;
  row.values = put_on_target(plan, change.after);
  take_key(plan, change.after, change.before);
  insert(plan, hash_of(plan)).moved = true;
}

void Fold::add_net(const TablePlan& plan, std::span<const ChangeValue> tuple, std::int64_t rows) {
  std::vector<ChangeValue> values(plan.target->columns.size(), ChangeValue{.kind = ValueKind::kUnchanged});
  std::vector<std::uint32_t> all(values.size());
  for (std::size_t i = 0; i < tuple.size(); ++i) {
    if (plan.target_of[i] != TablePlan::kNowhere) values[plan.target_of[i]] = tuple[i];
  }
  for (std::uint32_t i = 0; i < all.size(); ++i) all[i] = i;
  std::string line;
  append_values(line, values, all);
  Net& net = nets_[&plan][line];
  net.rows += rows;
  net.values = std::move(values);
}

void Fold::place_keyless(const TablePlan& plan, const Change& change) {
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

namespace {

bool same_statements(const ApplyStep& one, const ApplyStep& other) {
  return one.tables == other.tables && one.key == other.key && one.columns == other.columns &&
         one.acting_keys == other.acting_keys;
}

bool share_a_table(const ApplyStep& one, const ApplyStep& other) {
  return std::ranges::any_of(one.acting_keys, [&](const model::ActingKey& key) {
    return std::ranges::any_of(other.acting_keys, [&](const model::ActingKey& two) {
      return one.tables[key.table] == other.tables[two.table];
    });
  });
}

// What keys refer to in a row that has got other values, before and behind that. Case and blanks at the end are left
// out: texts that differ in nothing else may be equal on the target.
struct HandedOver {
  std::vector<std::string> before = {};
  std::vector<std::string> after = {};
};

HandedOver handed_over(const ApplyStep& step) {
  HandedOver out;
  for (std::size_t number = 0; number < step.acting_keys.size() && !step.columns.empty(); ++number) {
    const model::ActingKey& key = step.acting_keys[number];
    if (key.parent != 0) continue;
    const auto values = [&](std::size_t from) {
      std::string text = std::to_string(number);
      for (const std::uint32_t column : key.parent_columns) {
        const auto place = static_cast<std::size_t>(std::ranges::find(step.key, column) - step.key.begin());
        const ChangeValue& value = step.values[from + place];
        std::string one = base::lower(value.text);
        one.erase(one.find_last_not_of(' ') + 1);
        text += value.kind == ValueKind::kNull ? std::string("\n~") : "\n=" + one;
      }
      return text;
    };
    std::string before = values(0), after = values(step.key.size());
    if (before == after) continue;
    out.before.push_back(std::move(before));
    out.after.push_back(std::move(after));
  }
  return out;
}

}  // namespace

// Into a statement that is there already. Rows that are gone can be gone together; rows with other values only where
// none of them had or gets what another one has had or got before: the target checks the keys of those that refer to
// them row by row.
bool Fold::join_cascade(const ApplyStep& step) {
  const HandedOver values = handed_over(step);
  const auto known_value = [&](const std::string& one) { return handed_over_.contains(one); };
  bool joins = std::ranges::none_of(values.before, known_value) && std::ranges::none_of(values.after, known_value);
  handed_over_.insert(values.before.begin(), values.before.end());
  handed_over_.insert(values.after.begin(), values.after.end());
  for (auto known = cascades_.rbegin(); joins && known != cascades_.rend(); ++known) {
    if (same_statements(*known, step) && known->rows < kRowsPerStep) {
      known->values.insert(known->values.end(), step.values.begin(), step.values.end());
      ++known->rows;
      return true;
    }
    joins = !share_a_table(*known, step);
  }
  return false;
}

void Fold::cascade(const std::vector<const TablePlan*>& plans, const Change& change) {
  ApplyStep step{.kind = ApplyStep::Kind::kCascade, .rows = 1, .acting_keys = change.acting_keys};
  for (const TablePlan* plan : plans) step.tables.push_back(plan->target);
  for (model::ActingKey& key : step.acting_keys) {
    for (std::uint32_t& column : key.columns) column = plans[key.table]->target_of[column];
    for (std::uint32_t& column : key.parent_columns) column = plans[key.parent]->target_of[column];
  }
  const bool updates = !change.after.empty();
  for (std::size_t i = 0; i < change.before.size(); ++i) {
    if (!is_set(change.before[i])) continue;
    step.key.push_back(plans.front()->target_of[i]);
    step.values.push_back(change.before[i]);
  }
  for (std::size_t i = 0; updates && i < change.before.size(); ++i) {
    if (!is_set(change.before[i])) continue;
    step.columns.push_back(plans.front()->target_of[i]);
    step.values.push_back(is_set(change.after[i]) ? change.after[i] : change.before[i]);
  }
  cascaded_.add(plans, change);
  if (!join_cascade(step)) cascades_.push_back(std::move(step));
}

void Fold::set_columns(std::span<const ChangeValue> values) {
  columns_.clear();
  for (std::uint32_t i = 0; i < values.size(); ++i) {
    if (is_set(values[i])) columns_.push_back(i);
  }
}

// The statement of this kind for the columns in columns_ that takes the next row. Statements of one kind may come in
// any order, so one that is large enough is followed by another.
ApplyStep& Fold::step(ApplyStep::Kind kind, const TablePlan& plan, std::size_t row_bytes) {
  auto open = std::find_if(open_steps_.rbegin(), open_steps_.rend(), [&](const OpenStep& known) {
    const ApplyStep& one = steps_[known.step];
    return known.plan == &plan && one.kind == kind && one.columns == columns_;
  });
  if (open != open_steps_.rend()) {
    if (steps_[open->step].rows < kRowsPerStep && open->bytes + row_bytes <= kBytesPerStep) {
      open->bytes += row_bytes;
      return steps_[open->step];
    }
    *open = {.plan = &plan, .step = steps_.size(), .bytes = row_bytes};
  } else {
    open_steps_.push_back({.plan = &plan, .step = steps_.size(), .bytes = row_bytes});
  }
  ApplyStep& made = steps_.emplace_back(ApplyStep{.kind = kind, .table = plan.target, .columns = columns_});
  if (kind == ApplyStep::Kind::kUpdate || kind == ApplyStep::Kind::kDelete) made.key = plan.key_target;
  return made;
}

void Fold::emit_rows(ApplyStep::Kind kind, State one, State other) {
  for (const Row& row : rows_) {
    if (row.state != one && row.state != other) continue;
    const TablePlan& plan = *row.plan;
    const std::span<const ChangeValue> key{values_.data() + row.key, plan.key_source.size()};
    columns_.clear();
    std::span<const ChangeValue> values;
    if (kind != ApplyStep::Kind::kDelete) {
      values = {values_.data() + row.values, plan.target->columns.size()};
      set_columns(values);
    }
    if (kind == ApplyStep::Kind::kUpdate) {
      if (!row.moved) {
        std::erase_if(columns_, [&](std::uint32_t column) {
          return std::ranges::find(plan.key_target, column) != plan.key_target.end();
        });
      }
      if (columns_.empty()) continue;
    }
    std::size_t bytes = 0;
    for (const ChangeValue& value : key) bytes += value.text.size();
    for (const std::uint32_t column : columns_) bytes += values[column].text.size();
    ApplyStep& to = step(kind, plan, bytes);
    if (!to.key.empty()) to.values.insert(to.values.end(), key.begin(), key.end());
    for (const std::uint32_t column : to.columns) to.values.push_back(values[column]);
    ++to.rows;
  }
}

void Fold::emit_nets(bool gone) {
  for (auto& [plan, nets] : nets_) {
    for (auto& [line, net] : nets) {
      if (net.rows == 0 || (net.rows < 0) != gone) continue;
      set_columns(net.values);
      // All columns name the row that goes.
      if (gone) columns_.swap(key_columns_);
      if (gone) columns_.clear();
      std::size_t bytes = 0;
      for (const ChangeValue& value : net.values) bytes += value.text.size();
      for (; net.rows != 0; net.rows += gone ? 1 : -1) {
        ApplyStep& to = step(gone ? ApplyStep::Kind::kDeleteOne : ApplyStep::Kind::kInsert, *plan, bytes);
        if (gone && to.key.empty()) to.key = key_columns_;
        for (const std::uint32_t column : gone ? to.key : to.columns) to.values.push_back(net.values[column]);
        ++to.rows;
      }
    }
  }
}

// Deletes come first and inserts last: what a row gives up is free for those that take it. Cascades come behind the
// rows that lead to them.
void Fold::emit() {
  open_steps_.clear();
  emit_rows(ApplyStep::Kind::kDelete, State::kDelete, State::kReplace);
  emit_nets(true);
  emit_rows(ApplyStep::Kind::kUpdate, State::kUpdate, State::kUpdate);
  emit_rows(ApplyStep::Kind::kInsert, State::kInsert, State::kReplace);
  emit_nets(false);
  std::ranges::move(cascades_, std::back_inserter(steps_));
  cascades_.clear();
  cascaded_.clear();
  handed_over_.clear();
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

#include "migration/changes/table_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "base/error.h"

namespace voyager::migration {
namespace {

using connector::ApplyTable;
using connector::UniqueRule;
using model::ChangeTable;

std::uint32_t index_of(const ChangeTable& table, const model::Identifier& column) {
  const auto at = std::ranges::find(table.columns, column, &model::ChangeColumn::name);
  return at == table.columns.end() ? TablePlan::kNowhere : static_cast<std::uint32_t>(at - table.columns.begin());
}

std::uint32_t index_of(const ApplyTable* table, const model::Identifier& column) {
  if (table == nullptr) return TablePlan::kNowhere;
  const auto at = std::ranges::find(table->columns, column, &connector::ApplyColumn::name);
  return at == table->columns.end() ? TablePlan::kNowhere : static_cast<std::uint32_t>(at - table->columns.begin());
}

// What of the target a column of the source may be under an earlier name.
std::string others(const TablePlan& plan) {
  std::string out;
  for (const connector::ApplyColumn& column : plan.target->columns) {
    if (column.generated || index_of(plan.source, column.name) != TablePlan::kNowhere) continue;
    out += (out.empty() ? "" : ", ") + model::quoted(column.name);
  }
  return out;
}

void set_key(TablePlan& plan, bool all) {
  const ChangeTable& source = plan.source;
  if (all && plan.target != nullptr) {
    // The source names rows by all of their values; a key of the target is shorter and as good.
    for (const model::Identifier& column : plan.target->primary_key)
      plan.key_source.push_back(index_of(source, column));
    if (std::ranges::find(plan.key_source, TablePlan::kNowhere) != plan.key_source.end()) plan.key_source.clear();
  }
  for (std::uint32_t i = 0; !all && i < source.columns.size(); ++i) {
    if (source.columns[i].key) plan.key_source.push_back(i);
  }
  for (const std::uint32_t column : plan.key_source) {
    const std::uint32_t at = index_of(plan.target, source.columns[column].name);
    plan.key_target.push_back(at);
  }
}

// Only columns of the key: a row keeps its lane as long as it keeps its key.
void set_lanes(TablePlan& plan, const PartitionKey& partition, bool needs_one_lane) {
  LaneRule& lanes = plan.lanes;
  lanes.one_lane = plan.keyless() || partition.by == PartitionKey::By::kTable ||
                   (needs_one_lane && partition.by == PartitionKey::By::kAuto);
  if (lanes.one_lane) return;
  lanes.key = plan.key_source;
  if (partition.by != PartitionKey::By::kColumns) return;
  lanes.key.clear();
  for (const model::Identifier& column : partition.columns) {
    const std::uint32_t at = index_of(plan.source, column);
    if (std::ranges::find(plan.key_source, at) == plan.key_source.end()) {
      base::fail(base::ExitCode::kUsage,
                 fmt::format("--cdc-partition-key-overrides: column {} is not part of what names a row of {}",
                             model::display(column), model::display(plan.source.name)),
                 "only the columns of the key are known of every change", {"name columns of the key, or use :table"});
    }
    lanes.key.push_back(at);
  }
}

}  // namespace

std::string form_of(const ChangeTable& table) {
  std::string out = model::quoted(table.name);
  for (const model::ChangeColumn& column : table.columns)
    out += (column.key ? "\n!" : "\n ") + model::quoted(column.name) + " " + column.type;
  return out;
}

TablePlan make_table_plan(const ChangeTable& source, const ApplyTable* target, const PartitionKey& partition,
                          const ColumnTypes* types) {
  TablePlan plan{.source = source, .target = target, .hash = fnv(model::quoted(source.name))};
  for (std::uint32_t i = 0; i < source.columns.size(); ++i) {
    const model::ChangeColumn& column = source.columns[i];
    const std::uint32_t at = index_of(target, column.name);
    if (at == TablePlan::kNowhere) {
      plan.missing.push_back(i);
      plan.target_of.push_back(at);
      continue;
    }
    const connector::ApplyColumn& there = target->columns[at];
    plan.target_of.push_back(there.generated ? TablePlan::kNowhere : at);
    if (types == nullptr || there.generated) continue;
    // What the user has made another type on purpose stays so.
    const auto before = types->find(column.name);
    if (before != types->end() && before->second != column.type && there.full_type == before->second)
      plan.changed.push_back(i);
  }
  const bool all = std::ranges::all_of(source.columns, &model::ChangeColumn::key);
  set_key(plan, all);
  bool needs_one_lane = false;
  const auto add = [&](const std::vector<model::Identifier>& columns, bool nulls_equal) {
    if (columns.empty()) return;
    TablePlan::Slot slot{.nulls_equal = nulls_equal};
    for (const model::Identifier& column : columns) slot.source.push_back(index_of(source, column));
    if (std::ranges::find(slot.source, TablePlan::kNowhere) != slot.source.end()) {
      needs_one_lane = true;
      return;
    }
    if (std::ranges::is_permutation(slot.source, plan.key_source)) return;
    plan.slots.push_back(std::move(slot));
  };
  if (target != nullptr) {
    for (const UniqueRule& rule : target->unique) {
      if (rule.expression || rule.deferrable) needs_one_lane = true;
      add(rule.columns, rule.nulls_equal);
    }
    add(target->primary_key, false);
  }
  // What an update or a delete gives up stands in the tuple before it only when that is complete.
  if (!plan.slots.empty() && !all) needs_one_lane = true;
  set_lanes(plan, partition, needs_one_lane);
  return plan;
}

bool TablePlan::only_adds(const std::map<model::Identifier, std::string>& types) const {
  if (target == nullptr) return false;
  if (missing.empty()) return true;
  const auto computed = [&](const model::ChangeColumn& column) {
    const auto known = types.find(column.name);
    return known != types.end() && known->second.empty();
  };
  const auto stored = std::ranges::count_if(types, [](const auto& one) { return !one.second.empty(); });
  return others(*this).empty() && std::ranges::all_of(missing, [&](std::uint32_t at) {
           const model::ChangeColumn& column = source.columns[at];
           const auto before =
               std::count_if(source.columns.begin(), source.columns.begin() + at, std::not_fn(computed));
           return before >= stored && column.addable && !types.contains(column.name);
         });
}

void refuse_changes(const TablePlan& plan, const std::string& why) {
  const std::string table = model::display(plan.source.name);
  if (plan.target == nullptr) {
    throw base::Error({.code = "CDC-004",
                       .exit = base::ExitCode::kState,
                       .title = fmt::format("the target has no table {}", table),
                       .cause = "a change of the source belongs to it",
                       .fix = {"if it was renamed on the source, or moved to another schema, do the same on the target "
                               "(ALTER TABLE ... RENAME TO, SET SCHEMA): its rows are there under the earlier name",
                               "only if it is new: create it on the target as it is on the source"},
                       .then = "run the same command again: it goes on with this change"});
  }
  const model::ChangeColumn& column = plan.source.columns[plan.missing.front()];
  std::vector<std::string> fix;
  const std::string names = others(plan);
  // First: a column that is added instead of renamed has none of the values that are there.
  if (!names.empty())
    fix.push_back(fmt::format("rename it there, if it is one of these under its earlier name: {}", names));
  fix.push_back(fmt::format("{}add the column {} with type {} to the target's table {}",
                            names.empty() ? "" : "only if it is none of them: ", model::quoted(column.name),
                            column.type, model::quoted(plan.source.name)));
  fix.emplace_back("a column that was dropped on both sides has to be on the target until these changes are in");
  throw base::Error({.code = "CDC-004",
                     .exit = base::ExitCode::kState,
                     .title = fmt::format("the target's table {} has no column {}", table, model::display(column.name)),
                     .cause = "a change of the source has a value for it" + (why.empty() ? "" : "; " + why),
                     .fix = std::move(fix),
                     .then = "everything before this change is in; run the same command again: it goes on with it"});
}

TablePlans::TablePlans(std::vector<ApplyTable> tables, PartitionKeys partition) : partition_(std::move(partition)) {
  for (ApplyTable& table : tables) renew(std::move(table));
}

void TablePlans::set_types(std::map<model::TableName, ColumnTypes> types) {
  types_ = std::move(types);
  plans_.clear();
}

void TablePlans::renew(ApplyTable table) {
  std::erase_if(plans_, [&](const auto& one) { return one.second->source.name == table.name; });
  const ApplyTable& kept = kept_.emplace_back(std::move(table));
  tables_[kept.name] = &kept;
}

ColumnTypes* TablePlans::types_of(const model::TableName& table) {
  const auto at = types_.find(table);
  return at == types_.end() ? nullptr : &at->second;
}

const TablePlan& TablePlans::of(const ChangeTable& source) {
  const auto [at, is_new] = plans_.try_emplace(form_of(source));
  if (is_new) {
    const auto target = tables_.find(source.name);
    at->second = &made_.emplace_back(make_table_plan(source, target == tables_.end() ? nullptr : target->second,
                                                     partition_.of(source.name), types_of(source.name)));
  }
  return *at->second;
}

std::vector<const TablePlan*> TablePlans::plans() const {
  std::vector<const TablePlan*> out;
  for (const auto& [form, plan] : plans_) out.push_back(plan);
  return out;
}

std::uint64_t fnv(std::string_view bytes, std::uint64_t hash) {
  constexpr std::uint64_t kPrime = 0x100000001b3ULL;
  for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * kPrime;
  return hash;
}

void append_values(std::string& out, std::span<const model::ChangeValue> tuple,
                   std::span<const std::uint32_t> columns) {
  for (const std::uint32_t column : columns) {
    const model::ChangeValue& value = tuple[column];
    if (value.kind != model::ValueKind::kText) {
      out.append(sizeof(std::uint32_t), '\xff');
      continue;
    }
    const auto size = static_cast<std::uint32_t>(value.text.size());
    out.append(reinterpret_cast<const char*>(&size), sizeof size);
    out += value.text;
  }
}

}  // namespace voyager::migration

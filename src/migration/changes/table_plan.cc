#include "migration/changes/table_plan.h"

#include <fmt/format.h>

#include <algorithm>
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

std::string description(const ChangeTable& table) {
  std::string out = model::quoted(table.name);
  for (const model::ChangeColumn& column : table.columns)
    out += (column.key ? "\n!" : "\n ") + column.name.catalog_text();
  return out;
}

}  // namespace

TablePlan make_table_plan(const ChangeTable& source, const ApplyTable& target) {
  TablePlan plan{.source = source, .target = &target, .hash = fnv(model::quoted(target.name))};
  for (const model::ChangeColumn& column : source.columns) {
    const auto at = std::ranges::find(target.columns, column.name, &connector::ApplyColumn::name);
    if (at == target.columns.end()) {
      throw base::Error({.code = "CDC-004",
                         .exit = base::ExitCode::kState,
                         .title = fmt::format("the target's table {} has no column {}", model::display(target.name),
                                              model::display(column.name)),
                         .cause = "a change of the source has a value for it",
                         .fix = {fmt::format("add the column {} with type {} to the target's table {}",
                                             model::quoted(column.name), column.type, model::quoted(target.name))},
                         .then = "run the same command again: it goes on with this change"});
    }
    plan.target_of.push_back(at->generated ? TablePlan::kNowhere
                                           : static_cast<std::uint32_t>(at - target.columns.begin()));
  }
  // With every column marked the source names rows by all of their values; a key of the target is shorter and as good.
  const bool all = std::ranges::all_of(source.columns, &model::ChangeColumn::key);
  if (all) {
    for (const model::Identifier& column : target.primary_key) plan.key_source.push_back(index_of(source, column));
    if (std::ranges::find(plan.key_source, TablePlan::kNowhere) != plan.key_source.end()) plan.key_source.clear();
  } else {
    for (std::uint32_t i = 0; i < source.columns.size(); ++i) {
      if (source.columns[i].key) plan.key_source.push_back(i);
    }
  }
  for (const std::uint32_t column : plan.key_source) {
    const auto at = std::ranges::find(target.columns, source.columns[column].name, &connector::ApplyColumn::name);
    plan.key_target.push_back(static_cast<std::uint32_t>(at - target.columns.begin()));
  }
  plan.one_lane = plan.keyless();
  const auto add = [&](const std::vector<model::Identifier>& columns, bool nulls_equal) {
    if (columns.empty()) return;
    TablePlan::Slot slot{.nulls_equal = nulls_equal};
    for (const model::Identifier& column : columns) slot.source.push_back(index_of(source, column));
    if (std::ranges::find(slot.source, TablePlan::kNowhere) != slot.source.end()) {
      plan.one_lane = true;
      return;
    }
    if (std::ranges::is_permutation(slot.source, plan.key_source)) return;
    plan.slots.push_back(std::move(slot));
  };
  for (const UniqueRule& rule : target.unique) {
    if (rule.expression || rule.deferrable) plan.one_lane = true;
    add(rule.columns, rule.nulls_equal);
  }
  add(target.primary_key, false);
  // What an update or a delete gives up stands in the tuple before it only when that is complete.
  if (!plan.slots.empty() && !all) plan.one_lane = true;
  return plan;
}

TablePlans::TablePlans(std::vector<ApplyTable> tables) {
  for (ApplyTable& table : tables) {
    const model::TableName name = table.name;
    tables_.emplace(name, std::move(table));
  }
}

const TablePlan& TablePlans::of(const ChangeTable& source) {
  const auto target = tables_.find(source.name);
  if (target == tables_.end()) {
    throw base::Error({.code = "CDC-004",
                       .exit = base::ExitCode::kState,
                       .title = fmt::format("the target has no table {}", model::display(source.name)),
                       .cause = "a change of the source belongs to it",
                       .fix = {"create it on the target as it is on the source"},
                       .then = "run the same command again: it goes on with this change"});
  }
  const auto [at, is_new] = plans_.try_emplace(description(source));
  if (is_new) at->second = make_table_plan(source, target->second);
  return at->second;
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

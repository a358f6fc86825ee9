#include "migration/changes/table_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "base/error.h"
#include "connector/begin_anew.h"

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

std::uint32_t index_of(const ApplyTable& table, std::uint32_t number) {
  const auto at = std::ranges::find(table.columns, number, &connector::ApplyColumn::number);
  return at == table.columns.end() ? TablePlan::kNowhere : static_cast<std::uint32_t>(at - table.columns.begin());
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

// The target's column that a column of the source is; kNowhere: none. Notes what is not as it was when both were
// paired.
std::uint32_t counterpart(TablePlan& plan, std::uint32_t at) {
  const model::ChangeColumn& column = plan.source.columns[at];
  const ApplyTable* const target = plan.target;
  const std::uint32_t named = index_of(target, column.name);
  if (target == nullptr || !plan.pair) return named;
  if (column.number == 0) return column.gone && !column.key ? TablePlan::kNowhere : named;
  std::map<std::uint32_t, TablePair::Column>& pairs = plan.pair->columns;
  const auto known = pairs.find(column.number);
  if (known != pairs.end()) {
    const std::uint32_t there = index_of(*target, known->second.target);
    if (there != TablePlan::kNowhere) {
      const model::Identifier& name = target->columns[there].name;
      // Where it has been renamed on the target as well, these changes may be older or newer than that.
      if (name == column.name) {
        known->second.name = name;
      } else if (name == known->second.name && !column.gone) {
        plan.renamed.push_back(at);
      }
      return there;
    }
  }
  if (named == TablePlan::kNowhere || (column.gone && !column.key)) return TablePlan::kNowhere;
  const bool anothers = std::ranges::any_of(pairs, [&](const auto& one) {
    return one.first != column.number && one.second.target == target->columns[named].number;
  });
  if (anothers) {
    plan.taken.push_back(at);
    return TablePlan::kNowhere;
  }
  pairs[column.number] = {target->columns[named].number, column.name};
  return named;
}

void set_key(TablePlan& plan, bool all, const std::vector<std::uint32_t>& there) {
  const ChangeTable& source = plan.source;
  if (all && plan.target != nullptr) {
    // The source names rows by all of their values; a key of the target is shorter and as good.
    for (const model::Identifier& column : plan.target->primary_key) {
      const auto at = std::ranges::find(there, index_of(plan.target, column));
      if (at == there.end()) {
        plan.key_source.clear();
        break;
      }
      plan.key_source.push_back(static_cast<std::uint32_t>(at - there.begin()));
    }
  }
  for (std::uint32_t i = 0; !all && i < source.columns.size(); ++i) {
    if (source.columns[i].key) plan.key_source.push_back(i);
  }
  for (const std::uint32_t column : plan.key_source) plan.key_target.push_back(there[column]);
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
                          const ColumnTypes* types, const TablePair* pair) {
  TablePlan plan{.source = source, .target = target, .hash = fnv(model::quoted(source.name))};
  if (target != nullptr) plan.identity = target->number != 0 ? target->number : fnv(model::quoted(target->name));
  if (pair != nullptr) plan.pair = *pair;
  std::vector<std::uint32_t> there_of;  // also of computed ones
  for (std::uint32_t i = 0; i < source.columns.size(); ++i) {
    const model::ChangeColumn& column = source.columns[i];
    const std::uint32_t at = counterpart(plan, i);
    there_of.push_back(at);
    if (at == TablePlan::kNowhere) {
      // What is dropped at the source has no values that matter, but those that name rows.
      const bool taken = !plan.taken.empty() && plan.taken.back() == i;
      if (!taken && (!column.gone || column.key)) plan.missing.push_back(i);
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
  for (std::uint32_t i = 0; target != nullptr && i < source.computed.size(); ++i) {
    const model::ChangeColumn& column = source.computed[i];
    const auto known = plan.pair ? plan.pair->columns.find(column.number) : decltype(plan.pair->columns)::iterator();
    const bool paired = plan.pair && column.number != 0 && known != plan.pair->columns.end();
    if (!paired && index_of(target, column.name) == TablePlan::kNowhere) plan.computed.push_back(i);
  }
  set_key(plan, all, there_of);
  bool needs_one_lane = false;
  const auto add = [&](const std::vector<model::Identifier>& columns, bool nulls_equal) {
    if (columns.empty()) return;
    TablePlan::Slot slot{.nulls_equal = nulls_equal};
    for (const model::Identifier& column : columns) {
      const auto at = std::ranges::find(there_of, index_of(target, column));
      if (at == there_of.end()) {
        needs_one_lane = true;
        return;
      }
      slot.source.push_back(static_cast<std::uint32_t>(at - there_of.begin()));
    }
    if (std::ranges::is_permutation(slot.source, plan.key_source)) return;
    plan.slots.push_back(std::move(slot));
  };
  if (target != nullptr) {
    for (const UniqueRule& rule : target->unique) {
      if (rule.expression) needs_one_lane = true;
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
  if (pair &&
      std::ranges::all_of(source.columns, [](const auto& column) { return column.number != 0 || column.gone; })) {
    return std::ranges::all_of(missing, [&](std::uint32_t at) {
      return source.columns[at].addable && !pair->columns.contains(source.columns[at].number);
    });
  }
  const auto is_computed = [&](const model::ChangeColumn& column) {
    const auto known = types.find(column.name);
    return known != types.end() && known->second.empty();
  };
  const auto stored = std::ranges::count_if(types, [](const auto& one) { return !one.second.empty(); });
  return others(*this).empty() && std::ranges::all_of(missing, [&](std::uint32_t at) {
           const model::ChangeColumn& column = source.columns[at];
           const auto before =
               std::count_if(source.columns.begin(), source.columns.begin() + at, std::not_fn(is_computed));
           return before >= stored && column.addable && !types.contains(column.name);
         });
}

namespace {

constexpr const char* kThen = "everything before this change is in; run the same command again: it goes on with it";

[[noreturn]] void refuse_table(const TablePlan& plan, const Sides& sides) {
  const std::string there = model::display(plan.target->name), here = model::display(plan.source.name);
  base::ErrorInfo info{.code = "CDC-004", .exit = base::ExitCode::kState, .then = kThen};
  if (plan.table == TablePlan::Table::kTaken) {
    info.title = fmt::format("the {}'s table {} is another one than the {}'s", sides.to, there, sides.from);
    info.cause = fmt::format("the {}'s tables were renamed, or the table was made anew under this name", sides.from);
    info.fix = {fmt::format("give the tables of the {} the names that they have on the {} now", sides.to, sides.from)};
    if (std::string_view(sides.to) == Sides{}.to) {
      info.fix.emplace_back("if it was made anew, begin both anew");
      for (std::string& line : connector::begin_both_anew()) info.fix.push_back(std::move(line));
    }
  } else {
    info.title = fmt::format("the {}'s table {} is called {} on the {}", sides.to, there, here, sides.from);
    info.cause = "it was renamed there while changes flow";
    const model::TableName& to = plan.source.name;
    if (to.schema != plan.target->name.schema)
      info.fix.push_back(fmt::format("on the {}: ALTER TABLE {} SET SCHEMA {};", sides.to,
                                     model::quoted(plan.target->name), model::quoted(to.schema)));
    if (to.name != plan.target->name.name)
      info.fix.push_back(fmt::format("on the {}: ALTER TABLE {} RENAME TO {};", sides.to,
                                     model::quoted(model::TableName{to.schema, plan.target->name.name}),
                                     model::quoted(to.name)));
    info.fix.push_back(
        fmt::format("if another table has that name there, give that one the name that it has on the "
                    "{}, all in one transaction",
                    sides.from));
  }
  throw base::Error(std::move(info));
}

// Names that other columns still have are given last.
std::string rename_statements(const TablePlan& plan) {
  std::string first, second;
  for (const std::uint32_t at : plan.renamed) {
    const model::ChangeColumn& column = plan.source.columns[at];
    const model::Identifier& from = plan.pair->columns.at(column.number).name;
    const auto rename = [&](const std::string& a, const std::string& b) {
      return fmt::format("ALTER TABLE {} RENAME COLUMN {} TO {}; ", model::quoted(plan.target->name), a, b);
    };
    if (index_of(plan.target, column.name) == TablePlan::kNowhere) {
      first += rename(model::quoted(from), model::quoted(column.name));
      continue;
    }
    const std::string between = fmt::format("\"voyager_{}\"", column.number);
    first += rename(model::quoted(from), between);
    second += rename(between, model::quoted(column.name));
  }
  return "BEGIN; " + first + second + "COMMIT;";
}

[[noreturn]] void refuse_renamed(const TablePlan& plan, const Sides& sides) {
  const model::ChangeColumn& column = plan.source.columns[plan.renamed.front()];
  const std::string table = model::display(plan.target->name), name = model::display(column.name);
  const bool exchanged = index_of(plan.target, column.name) != TablePlan::kNowhere;
  throw base::Error({.code = "CDC-004",
                     .exit = base::ExitCode::kState,
                     .title = exchanged ? fmt::format("column {} of the {}'s table {} is another one than the {}'s",
                                                      name, sides.to, table, sides.from)
                                        : fmt::format("the {}'s table {} has no column {}", sides.to, table, name),
                     .cause = fmt::format("the {}'s column {} was renamed to {} while changes flow", sides.from,
                                          model::display(plan.pair->columns.at(column.number).name), name),
                     .fix = {fmt::format("rename it on the {} as well: {}", sides.to, rename_statements(plan))},
                     .then = kThen});
}

[[noreturn]] void refuse_taken(const TablePlan& plan, const Sides& sides) {
  const model::ChangeColumn& column = plan.source.columns[plan.taken.front()];
  const std::string table = model::display(plan.target->name), name = model::display(column.name);
  throw base::Error(
      {.code = "CDC-004",
       .exit = base::ExitCode::kState,
       .title = fmt::format("column {} of the {}'s table {} is another one than the {}'s", name, sides.to, table,
                            sides.from),
       .cause =
           fmt::format("it was dropped on the {} while changes flow, and one of the same name was added", sides.from),
       .fix = {fmt::format("drop it on the {}: ALTER TABLE {} DROP COLUMN {}; the command that is run again adds "
                           "it as it is on the {}, or says what it needs",
                           sides.to, model::quoted(plan.target->name), model::quoted(column.name), sides.from),
               fmt::format(
                   "rows that were written just before it was dropped may have in it what they had then; before the "
                   "cutover compare the table: yb-voyager verify --table-list {} ...",
                   table)},
       .then = kThen});
}

}  // namespace

void refuse_changes(const TablePlan& plan, const std::string& why, const Sides& sides) {
  if (plan.table != TablePlan::Table::kSame) refuse_table(plan, sides);
  if (!plan.renamed.empty()) refuse_renamed(plan, sides);
  if (!plan.taken.empty()) refuse_taken(plan, sides);
  const std::string table = model::display(plan.source.name);
  if (plan.target == nullptr) {
    throw base::Error(
        {.code = "CDC-004",
         .exit = base::ExitCode::kState,
         .title = fmt::format("the {} has no table {}", sides.to, table),
         .cause = fmt::format("a change of the {} belongs to it", sides.from),
         .fix = {fmt::format("if it was renamed on the {}, or moved to another schema, do the same on "
                             "the {} (ALTER TABLE ... RENAME TO, SET SCHEMA): its rows are there under "
                             "the earlier name",
                             sides.from, sides.to),
                 fmt::format("only if it is new: create it on the {} as it is on the {}", sides.to, sides.from)},
         .then = "run the same command again: it goes on with this change"});
  }
  const model::ChangeColumn& column = plan.source.columns[plan.missing.front()];
  std::vector<std::string> fix;
  const std::string names = others(plan);
  // First: a column that is added instead of renamed has none of the values that are there.
  if (!names.empty())
    fix.push_back(fmt::format("rename it there, if it is one of these under its earlier name: {}", names));
  fix.push_back(fmt::format("{}add the column {} with type {} to the {}'s table {}",
                            names.empty() ? "" : "only if it is none of them: ", model::quoted(column.name),
                            column.type, sides.to, model::quoted(plan.source.name)));
  fix.push_back(
      fmt::format("a column that was dropped on both sides has to be on the {} until these changes are in", sides.to));
  throw base::Error(
      {.code = "CDC-004",
       .exit = base::ExitCode::kState,
       .title = fmt::format("the {}'s table {} has no column {}", sides.to, table, model::display(column.name)),
       .cause = fmt::format("a change of the {} has a value for it{}", sides.from, why.empty() ? "" : "; " + why),
       .fix = std::move(fix),
       .then = kThen});
}

TablePlans::TablePlans(std::vector<ApplyTable> tables, PartitionKeys partition) : partition_(std::move(partition)) {
  for (ApplyTable& table : tables) renew(std::move(table));
}

void TablePlans::set_types(std::map<model::TableName, ColumnTypes> types) {
  types_ = std::move(types);
  plans_.clear();
}

void TablePlans::set_pairs(TablePairs pairs, std::function<void(const TablePairs&)> changed) {
  pairs_ = noted_ = std::move(pairs);
  pairs_changed_ = std::move(changed);
  plans_.clear();
}

bool TablePlans::keep_in_one_lane(const model::TableName& table) {
  std::erase_if(plans_, [&](const auto& one) { return one.second->source.name == table; });
  return one_lane_.insert(table).second;
}

void TablePlans::renew(ApplyTable table) {
  std::erase_if(plans_, [&](const auto& one) {
    const ApplyTable* const target = one.second->target;
    return target == nullptr || target->name == table.name;
  });
  const ApplyTable& kept = kept_.emplace_back(std::move(table));
  tables_[kept.name] = &kept;
}

void TablePlans::renew_all(std::vector<ApplyTable> tables) {
  tables_.clear();
  plans_.clear();
  for (ApplyTable& table : tables) renew(std::move(table));
}

// The table that the source's is, whatever it is called.
const ApplyTable* TablePlans::target_of(const ChangeTable& source, TablePlan::Table& table) {
  const auto named = tables_.find(source.name);
  const ApplyTable* const by_name = named == tables_.end() ? nullptr : named->second;
  if (pairs_.empty() || source.number == 0) return by_name;
  const auto known = pairs_.find(source.number);
  if (known != pairs_.end()) {
    const auto there =
        std::ranges::find_if(tables_, [&](const auto& one) { return one.second->number == known->second.target; });
    if (there != tables_.end()) {
      if (there->first == source.name) {
        known->second.name = source.name;
      } else if (there->first == known->second.name) {
        table = TablePlan::Table::kRenamed;
      }
      return there->second;
    }
  }
  if (by_name == nullptr) return nullptr;
  const bool anothers = std::ranges::any_of(
      pairs_, [&](const auto& one) { return one.first != source.number && one.second.target == by_name->number; });
  if (anothers) {
    table = TablePlan::Table::kTaken;
  } else {
    pairs_[source.number] = {.target = by_name->number, .name = by_name->name};
  }
  return by_name;
}

ColumnTypes* TablePlans::types_of(const model::TableName& table) {
  const auto at = types_.find(table);
  return at == types_.end() ? nullptr : &at->second;
}

const TablePlan& TablePlans::of(const ChangeTable& source) {
  std::string form = form_of(source);
  form += fmt::format("\n{}", source.number);
  for (const model::ChangeColumn& column : source.columns) form += fmt::format(" {}{}", column.number, column.gone);
  for (const model::ChangeColumn& column : source.computed) form += "\n" + model::quoted(column.name);
  const auto [at, is_new] = plans_.try_emplace(std::move(form));
  if (!is_new) return *at->second;
  TablePlan::Table which = TablePlan::Table::kSame;
  const ApplyTable* const target = target_of(source, which);
  const PartitionKey partition =
      one_lane_.contains(source.name) ? PartitionKey{.by = PartitionKey::By::kTable} : partition_.of(source.name);
  const auto pair = source.number == 0 ? pairs_.end() : pairs_.find(source.number);
  TablePlan plan =
      make_table_plan(source, target, partition, types_of(source.name), pair == pairs_.end() ? nullptr : &pair->second);
  plan.table = which;
  at->second = &made_.emplace_back(std::move(plan));
  note_pair(*at->second);
  return *at->second;
}

void TablePlans::note_pair(const TablePlan& plan) {
  if (!plan.pair || !plan.certain() || noted_[plan.source.number] == *plan.pair) return;
  pairs_[plan.source.number] = noted_[plan.source.number] = *plan.pair;
  pairs_changed_(pairs_);
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

#include "connectors/mysql/acting_foreign_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <set>

namespace voyager::mysql {
namespace {

using Act = model::ActingKey::Act;

Act act_of(const std::string& rule, bool update) {
  if (rule == "SET NULL") return Act::kSetNull;
  if (rule != "CASCADE") return Act::kNothing;
  return update ? Act::kFollow : Act::kDelete;
}

bool overlap(const std::vector<std::string>& some, const std::vector<std::string>& others) {
  return std::ranges::any_of(some,
                             [&](const std::string& one) { return std::ranges::find(others, one) != others.end(); });
}

template <typename T>
void add_once(std::vector<T>& list, const T& what) {
  if (std::ranges::find(list, what) == list.end()) list.push_back(what);
}

}  // namespace

bool acts(const ForeignKeyRow& key) {
  return act_of(key.on_delete, false) != Act::kNothing || act_of(key.on_update, true) != Act::kNothing;
}

ActingForeignKeys::ActingForeignKeys(const Catalog& catalog, const std::function<bool(const std::string&)>& captured) {
  for (const TableRow& table : catalog.tables) {
    if (!captured(table.name)) continue;
    for (const ForeignKeyRow& key : table.foreign_keys) {
      if (!acts(key) || !captured(key.other_table)) continue;
      keys_.push_back({.table = table.name,
                       .name = key.name,
                       .columns = key.columns,
                       .parent = key.other_table,
                       .parent_columns = key.other_columns,
                       .on_delete = act_of(key.on_delete, false),
                       .on_update = act_of(key.on_update, true)});
    }
  }
}

bool ActingForeignKeys::concern(const std::string& table) const {
  return refer_to(table) || std::ranges::find(keys_, table, &ActingForeignKey::table) != keys_.end();
}

bool ActingForeignKeys::refer_to(const std::string& table) const {
  return std::ranges::find(keys_, table, &ActingForeignKey::parent) != keys_.end();
}

void ActingForeignKeys::drop(const std::string& table) {
  std::erase_if(keys_, [&](const ActingForeignKey& key) { return key.table == table; });
  reached_.clear();
}

const ActingForeignKeys::Reach& ActingForeignKeys::reach(const std::string& table, bool update) const {
  const auto known = reached_.find({table, update});
  if (known != reached_.end()) return known->second;
  Reach& out = reached_[{table, update}];
  out.tables.push_back(table);
  struct Step {
    std::string table = {};
    bool update = false;
    const std::vector<std::string>* columns = nullptr;  // that are changed; null: any
  };
  std::deque<Step> open{{table, update, nullptr}};
  std::set<std::pair<std::size_t, bool>> followed;
  std::set<std::size_t> kept, writing;
  std::set<std::string> losing;  // tables that rows are deleted from
  if (!update) losing.insert(table);
  while (!open.empty()) {
    const Step step = open.front();
    open.pop_front();
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      const ActingForeignKey& key = keys_[i];
      const Act act = step.update ? key.on_update : key.on_delete;
      if (key.parent != step.table || act == Act::kNothing) continue;
      if (step.columns != nullptr && !overlap(*step.columns, key.parent_columns)) continue;
      if (!followed.insert({i, step.update}).second) continue;
      kept.insert(i);
      add_once(out.tables, key.table);
      const bool deletes = act == Act::kDelete;
      if (deletes) losing.insert(key.table);
      if (!deletes) writing.insert(i);
      if (!deletes) add_once(out.written, key.table);
      open.push_back({key.table, !deletes, deletes ? nullptr : &key.columns});
    }
  }
  for (const std::size_t i : kept) out.keys.push_back(keys_[i]);
  // Where a key changes what another one looks at, it matters which comes first.
  for (const std::size_t i : writing) {
    for (const std::size_t other : kept) {
      const ActingForeignKey& one = keys_[i];
      const ActingForeignKey& two = keys_[other];
      const bool same_columns = i != other && one.table == two.table && overlap(one.columns, two.columns);
      const bool referred_to =
          one.table == two.parent && losing.contains(one.table) && overlap(one.columns, two.parent_columns);
      if (same_columns || referred_to)
        out.uncertain =
            fmt::format("{} of {} changes a column that {} of {} looks at", one.name, one.table, two.name, two.table);
    }
  }
  return out;
}

}  // namespace voyager::mysql

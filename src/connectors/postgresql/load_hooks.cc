#include "connectors/postgresql/load_hooks.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "connectors/postgresql/catalog.h"
#include "connectors/postgresql/queries.h"

namespace voyager::postgresql {
namespace {

using connector::LoadHook;
using connector::LoadHooks;

enum class FoundKind : std::uint8_t { kTrigger, kRule, kForeignKey, kDeferrableKey };

struct Found {
  model::TableName relation = {};
  FoundKind kind = FoundKind::kTrigger;
  model::Identifier name = {};
  char fires = 'O';  ///< As pg_trigger.tgenabled.
  bool may_switch = false;
};

FoundKind kind_of(std::string_view word) {
  if (word == "trigger") return FoundKind::kTrigger;
  if (word == "rule") return FoundKind::kRule;
  return word == "foreign key" ? FoundKind::kForeignKey : FoundKind::kDeferrableKey;
}

bool acts_on_rows(const Found& one) {
  return one.kind == FoundKind::kTrigger || one.kind == FoundKind::kForeignKey;
}

bool has(const std::vector<Found>& all, FoundKind kind, char fires) {
  return std::ranges::any_of(all, [&](const Found& one) { return one.kind == kind && one.fires == fires; });
}

bool fires(const Found& one, bool triggers_on) {
  return one.fires == 'A' || (one.fires == 'R') != triggers_on;
}

/// The opposite session: the checks of deferrable keys, which are triggers, are at work, REPLICA triggers sleep.
bool better_with_triggers_on(const std::vector<Found>& all) {
  const auto some_act = [&](char fires) {
    return std::ranges::any_of(all, [&](const Found& one) { return acts_on_rows(one) && one.fires == fires; });
  };
  return (has(all, FoundKind::kDeferrableKey, 'O') || some_act('R')) && !some_act('O');
}

LoadHook hook_of(const model::TableName& table, const Found& one, LoadHook::Kind kind) {
  LoadHook hook{.kind = kind,
                .table = table,
                .name = model::display(one.name) + " on " + model::display(one.relation),
                .may_switch = one.may_switch};
  const std::string alter = "ALTER TABLE ONLY " + model::quoted(one.relation);
  if (one.kind == FoundKind::kForeignKey) {
    hook.off_sql = fmt::format("{} DROP CONSTRAINT {}", alter, model::quoted(one.name));
    return hook;
  }
  const char* thing = one.kind == FoundKind::kRule ? "RULE" : "TRIGGER";
  const char* mode = one.fires == 'A' ? "ALWAYS " : one.fires == 'R' ? "REPLICA " : "";
  hook.off_sql = fmt::format("{} DISABLE {} {}", alter, thing, model::quoted(one.name));
  hook.on_sql = fmt::format("{} ENABLE {}{} {}", alter, mode, thing, model::quoted(one.name));
  return hook;
}

/// Keys that will go unchecked, and what has to be switched off so that they are checked.
void add_unchecked_keys(const model::TableName& table, const std::vector<Found>& all, LoadHooks& out) {
  const bool blocked_for_good = has(all, FoundKind::kForeignKey, 'O');
  for (const Found& one : all) {
    if (one.fires != 'O') continue;
    if (!blocked_for_good && one.kind == FoundKind::kTrigger)
      out.hooks.push_back(hook_of(table, one, LoadHook::Kind::kKey));
    if (!blocked_for_good || one.kind != FoundKind::kDeferrableKey) continue;
    out.hooks.push_back({.kind = LoadHook::Kind::kKey,
                         .table = table,
                         .name = model::display(one.name) + " on " + model::display(one.relation)});
  }
}

void judge(const model::TableName& table, const std::vector<Found>& all, bool triggers_off, bool ignore_key_conflicts,
           LoadHooks& out) {
  const bool triggers_on = triggers_off && better_with_triggers_on(all);
  if (triggers_on) out.triggers_on.push_back(table);
  const bool ordinary_session = triggers_on || !triggers_off;
  for (const Found& one : all) {
    const bool acts = fires(one, ordinary_session);
    if (one.kind == FoundKind::kTrigger && acts) out.hooks.push_back(hook_of(table, one, LoadHook::Kind::kTrigger));
    if (one.kind == FoundKind::kRule && acts && ignore_key_conflicts)
      out.hooks.push_back(hook_of(table, one, LoadHook::Kind::kRule));
    if (one.kind == FoundKind::kForeignKey && acts)
      out.hooks.push_back(hook_of(table, one, LoadHook::Kind::kForeignKey));
  }
  if (has(all, FoundKind::kDeferrableKey, 'O') && !ordinary_session) add_unchecked_keys(table, all, out);
}

}  // namespace

LoadHooks find_load_hooks(Connection& connection, const std::vector<model::TableName>& names, bool triggers_off,
                          bool ignore_key_conflicts) {
  const auto [schemas, tables] = name_arrays(names);
  const Result rows = connection.query(queries::kLoadHooks, {schemas, tables}, "look for triggers, rules and keys");
  std::map<model::TableName, std::vector<Found>> by_table;
  for (int row = 0; row < rows.rows(); ++row) {
    const std::string_view code = rows.text(row, 6);
    by_table[{rows.identifier(row, 0), rows.identifier(row, 1)}].push_back(
        {.relation = {rows.identifier(row, 2), rows.identifier(row, 3)},
         .kind = kind_of(rows.text(row, 4)),
         .name = rows.identifier(row, 5),
         .fires = code.empty() ? 'O' : code.front(),
         .may_switch = rows.boolean(row, 7)});
  }
  LoadHooks out;
  for (const auto& [table, all] : by_table) judge(table, all, triggers_off, ignore_key_conflicts, out);
  return out;
}

std::vector<connector::RowDependence> find_row_dependences(Connection& connection,
                                                           const std::vector<model::TableName>& names) {
  const auto [schemas, tables] = name_arrays(names);
  const Result rows = connection.query(queries::kRowDependences, {schemas, tables}, "look for checks by functions");
  std::vector<connector::RowDependence> out;
  for (int row = 0; row < rows.rows(); ++row) {
    out.push_back(
        {.table = {rows.identifier(row, 0), rows.identifier(row, 1)}, .wants_others_first = rows.boolean(row, 2)});
  }
  return out;
}

}  // namespace voyager::postgresql

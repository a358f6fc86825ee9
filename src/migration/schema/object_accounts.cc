#include "migration/schema/object_accounts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "base/text.h"
#include "migration/schema/object_types.h"
#include "model/identifier.h"

namespace voyager::migration {
namespace {

using connector::CatalogueObject;
using model::ObjectOutcome;
using model::SchemaObject;

/// What an entry says that makes no object: of an object, or a part of one.
constexpr std::array<std::string_view, 4> kProperties = {"COMMENT", "ACL", "SECURITY LABEL", "ROW SECURITY"};
constexpr std::array<std::string_view, 3> kOfTheDatabase = {"DATABASE", "DATABASE PROPERTIES", "ENCODING"};
constexpr std::array<std::string_view, 7> kParts = {"DEFAULT",    "SEQUENCE OWNED BY", "TABLE ATTACH", "INDEX ATTACH",
                                                    "SHELL TYPE", "STATISTICS DATA",   kRestOfView};

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& list, std::string_view word) {
  return std::ranges::find(list, word) != list.end();
}

std::string without_end(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

std::string full_name(const SchemaObject& object) {
  return fmt::format("{} {}{}{}", object.kind, object.schema, object.schema.empty() ? "" : ".", object.name);
}

class Accountant {
 public:
  Accountant(const std::vector<CatalogueObject>& catalogue, const std::vector<DumpEntry>& entries,
             const model::SchemaOptimization& changes)
      : catalogue_(catalogue), entries_(entries) {
    for (const CatalogueObject& one : catalogue) by_key_.emplace(one.key, &one);
    for (const DumpEntry& one : entries) {
      entry_by_key_.emplace(identity(one), &one);
    }
    for (const model::Optimization& one : changes.optimizations) note_changes(one);
  }

  Accounts run() {
    for (const CatalogueObject& one : catalogue_) accounts_.objects.push_back(judge(one, 0));
    for (const DumpEntry& one : entries_) see_entry(one);
    add_owners();
    return std::move(accounts_);
  }

 private:
  /// The dump names user mappings only by what they are.
  static std::string identity(const DumpEntry& entry) {
    return entry.key.empty() ? entry.type + " " + entry.name : entry.key;
  }

  void note_changes(const model::Optimization& optimization) {
    if (!optimization.applied) return;
    const bool taken_out = optimization.key == "redundant_index_change";
    // A constraint that stands in CREATE TABLE is the same constraint.
    if (optimization.key == "constraint_merging_change") return;
    for (const model::StatementChange& one : optimization.changes) {
      if (one.name.name.empty()) continue;
      (taken_out ? taken_out_ : changed_)[one.name] = &one;
    }
  }

  const DumpEntry* entry_of(const CatalogueObject& object) const {
    auto found = entry_by_key_.find(object.key);
    if (found == entry_by_key_.end()) found = entry_by_key_.find(object.kind + " " + object.name);
    return found == entry_by_key_.end() ? nullptr : found->second;
  }

  SchemaObject judge(const CatalogueObject& object, int depth) {
    SchemaObject result{.kind = object.kind, .schema = object.schema, .name = object.name};
    const auto leave_out = [&result](std::string why, std::string statement = {}) {
      result.outcome = ObjectOutcome::kLeftOut;
      result.note = std::move(why);
      result.statement = std::move(statement);
    };
    const DumpEntry* entry = entry_of(object);
    if (!object.exported) {
      leave_out(fmt::format("schema {} is not among --source-db-schema", object.schema));
    } else if (entry != nullptr && !entry->reason.empty()) {
      leave_out(entry->reason, without_end(entry->statement));
    } else if (entry != nullptr) {
      add_changes(object, *entry, result);
      result.fingerprints = entry->fingerprints;
    } else if (!object.not_written.empty()) {
      leave_out(object.not_written, object.statement);
    } else if (const auto maker = by_key_.find(object.made_by); maker != by_key_.end() && depth < 10) {
      const SchemaObject made_by = judge(*maker->second, depth + 1);
      if (made_by.outcome == ObjectOutcome::kLeftOut) {
        leave_out(made_by.note, made_by.statement);
      } else if (const std::string& what = object.change.empty() ? object.not_kept : object.change; !what.empty()) {
        result.outcome = ObjectOutcome::kMovedWithChange;
        result.note = what;
      }
    } else if (!object.needs.empty()) {
      leave_out(needs_outside(object));
    } else {
      leave_out("the dump of the source does not hold it");
      accounts_.unexplained.push_back(full_name(result) + " is in the catalogue and not in the dump");
    }
    return result;
  }

  static std::string needs_outside(const CatalogueObject& object) {
    return fmt::format("it needs {}, and that schema is not among --source-db-schema", object.needs);
  }

  void add_changes(const CatalogueObject& object, const DumpEntry& entry, SchemaObject& result) const {
    const model::TableName name{model::Identifier(object.schema), model::Identifier(object.name)};
    if (const auto taken = taken_out_.find(name); object.kind == "INDEX" && taken != taken_out_.end()) {
      result.outcome = ObjectOutcome::kLeftOut;
      result.note = taken->second->reason;
      result.statement = taken->second->before;
      return;
    }
    std::vector<std::string> changes;
    if (!object.change.empty()) changes.push_back(object.change);
    if (!entry.change.empty()) changes.push_back(entry.change);
    if (!object.not_kept.empty()) changes.push_back(object.not_kept + " is not kept");
    const bool relation = object.kind == "INDEX" || object.kind == "TABLE" || object.kind == "MATERIALIZED VIEW";
    if (const auto changed = changed_.find(name); relation && changed != changed_.end())
      changes.push_back(changed->second->reason);
    if (changes.empty()) return;
    result.outcome = ObjectOutcome::kMovedWithChange;
    result.note = base::join(changes, "; ");
  }

  void see_entry(const DumpEntry& entry) {
    if (!entry.owner.empty() && entry.owner_left_out) ++owners_left_out_[entry.owner];
    const bool property =
        is_one_of(kProperties, entry.type) || is_one_of(kOfTheDatabase, entry.type) || is_born_with(entry);
    if (property) {
      // The comment of an extension is a part of it.
      if (entry.type == "COMMENT" && entry.name.starts_with("EXTENSION ")) return;
      // What two entries say of one object is one property.
      if (!properties_.insert({entry.type, entry.schema, entry.name}).second) return;
      accounts_.objects.push_back(of_entry(entry, true));
    } else if (!is_one_of(kParts, entry.type) && !is_known(entry)) {
      accounts_.objects.push_back(of_entry(entry, false));
      if (!catalogue_.empty())
        accounts_.unexplained.push_back(full_name(accounts_.objects.back()) +
                                        " is in the dump and not in the list of the catalogue");
    }
  }

  /// Every database is born with it: the dump tells of its owner.
  static bool is_born_with(const DumpEntry& entry) { return entry.type == "SCHEMA" && entry.name == "public"; }

  bool is_known(const DumpEntry& entry) {
    if (by_key_.contains(entry.key)) return true;
    if (!entry.key.empty()) return false;
    if (names_.empty()) {
      for (const CatalogueObject& one : catalogue_) names_.insert({one.kind + " " + one.name, true});
    }
    return names_.contains(entry.type + " " + entry.name);
  }

  static SchemaObject of_entry(const DumpEntry& entry, bool property) {
    SchemaObject object{.kind = entry.type,
                        .schema = entry.schema,
                        .name = entry.name,
                        .property = property,
                        .fingerprints = entry.fingerprints};
    if (!entry.reason.empty()) {
      object.outcome = ObjectOutcome::kLeftOut;
      object.note = entry.reason;
      object.statement = without_end(entry.statement);
    } else if (!entry.change.empty()) {
      object.outcome = ObjectOutcome::kMovedWithChange;
      object.note = entry.change;
    }
    return object;
  }

  void add_owners() {
    for (const auto& [role, count] : owners_left_out_) {
      accounts_.objects.push_back({.kind = "OWNER",
                                   .name = fmt::format("{} of {} objects", role, count),
                                   .property = true,
                                   .outcome = ObjectOutcome::kLeftOut,
                                   .note = "--owners false"});
    }
  }

  const std::vector<CatalogueObject>& catalogue_;
  const std::vector<DumpEntry>& entries_;
  std::unordered_map<std::string, const CatalogueObject*> by_key_ = {};
  std::unordered_map<std::string, const DumpEntry*> entry_by_key_ = {};
  std::unordered_map<std::string, bool> names_ = {};
  std::set<std::tuple<std::string, std::string, std::string>> properties_ = {};
  std::map<model::TableName, const model::StatementChange*> taken_out_ = {};
  std::map<model::TableName, const model::StatementChange*> changed_ = {};
  std::map<std::string, std::size_t> owners_left_out_ = {};
  Accounts accounts_ = {};
};

}  // namespace

std::map<std::string, std::string> global_objects_to_leave_out(const std::vector<CatalogueObject>& catalogue) {
  std::map<std::string, std::string> found;
  for (const CatalogueObject& one : catalogue) {
    if (!one.schema.empty() || one.needs.empty()) continue;
    const std::string why = fmt::format("it needs {}, and that schema is not among --source-db-schema", one.needs);
    found.emplace(one.key, why);
    found.emplace(one.kind + " " + one.name, why);  // The dump tells no key of a user mapping.
  }
  return found;
}

Accounts account_for(const std::vector<CatalogueObject>& catalogue, const std::vector<DumpEntry>& entries,
                     const model::SchemaOptimization& changes) {
  return Accountant(catalogue, entries, changes).run();
}

std::vector<std::string> reasons_left_out(const std::vector<SchemaObject>& objects) {
  std::map<std::string, std::map<std::string, std::size_t>> kinds_by_reason;
  for (const SchemaObject& one : objects) {
    if (one.outcome == ObjectOutcome::kLeftOut) ++kinds_by_reason[one.note][one.kind];
  }
  std::vector<std::string> lines;
  for (const auto& [reason, kinds] : kinds_by_reason) {
    std::vector<std::string> parts;
    for (const auto& [kind, count] : kinds) parts.push_back(fmt::format("{} {}", base::format_count(count), kind));
    lines.push_back(fmt::format("{}: {}", base::join(parts, ", "), reason));
  }
  return lines;
}

}  // namespace voyager::migration

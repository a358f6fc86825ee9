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

/// What is written and is no object: what is said of one, and what is a part of one.
constexpr std::array<std::string_view, 4> kProperties = {"COMMENT", "ACL", "SECURITY LABEL", "ROW SECURITY"};
constexpr std::array<std::string_view, 3> kOfTheDatabase = {"DATABASE", "DATABASE PROPERTIES", "ENCODING"};
constexpr std::array<std::string_view, 8> kParts = {"DEFAULT",      "SEQUENCE OWNED BY",    "TABLE ATTACH",
                                                    "INDEX ATTACH", "SHELL TYPE",           "STATISTICS DATA",
                                                    "REST OF VIEW", "FOREIGN TABLE DEFAULT"};

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
  Accountant(const std::vector<CatalogueObject>& catalogue, const std::vector<FiledObject>& written,
             const model::SchemaOptimization& changes)
      : catalogue_(catalogue), written_(written) {
    for (const CatalogueObject& one : catalogue) by_key_.emplace(one.key, &one);
    for (const FiledObject& one : written) {
      written_by_key_.emplace(identity(one), &one);
    }
    for (const model::Optimization& one : changes.optimizations) note_changes(one);
  }

  Accounts run() {
    for (const CatalogueObject& one : catalogue_) accounts_.objects.push_back(judge(one, 0));
    for (const FiledObject& one : written_) see(one);
    add_owners();
    return std::move(accounts_);
  }

 private:
  /// User mappings have no key where they are written.
  static std::string identity(const FiledObject& written) {
    return written.key.empty() ? written.kind + " " + written.name : written.key;
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

  const FiledObject* written_of(const CatalogueObject& object) const {
    auto found = written_by_key_.find(object.key);
    if (found == written_by_key_.end()) found = written_by_key_.find(object.kind + " " + object.name);
    return found == written_by_key_.end() ? nullptr : found->second;
  }

  SchemaObject judge(const CatalogueObject& object, int depth) {
    SchemaObject result{.kind = object.kind, .schema = object.schema, .name = object.name};
    const auto leave_out = [&result](std::string why, std::string statement = {}) {
      result.outcome = ObjectOutcome::kLeftOut;
      result.note = std::move(why);
      result.statement = std::move(statement);
    };
    const FiledObject* written = written_of(object);
    if (!object.exported) {
      leave_out(fmt::format("schema {} is not among --source-db-schema", object.schema));
    } else if (written != nullptr && !written->reason.empty()) {
      leave_out(written->reason, without_end(written->statement));
    } else if (written != nullptr) {
      add_changes(object, *written, result);
      result.fingerprints = written->fingerprints;
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

  void add_changes(const CatalogueObject& object, const FiledObject& written, SchemaObject& result) const {
    const model::TableName name{model::Identifier(object.schema), model::Identifier(object.name)};
    if (const auto taken = taken_out_.find(name); object.kind == "INDEX" && taken != taken_out_.end()) {
      result.outcome = ObjectOutcome::kLeftOut;
      result.note = taken->second->reason;
      result.statement = taken->second->before;
      return;
    }
    std::vector<std::string> changes;
    if (!object.change.empty()) changes.push_back(object.change);
    if (!written.change.empty()) changes.push_back(written.change);
    if (!object.not_kept.empty()) changes.push_back(object.not_kept + " is not kept");
    const bool relation = object.kind == "INDEX" || object.kind == "TABLE" || object.kind == "MATERIALIZED VIEW";
    if (const auto changed = changed_.find(name); relation && changed != changed_.end())
      changes.push_back(changed->second->reason);
    if (changes.empty()) return;
    result.outcome = ObjectOutcome::kMovedWithChange;
    result.note = base::join(changes, "; ");
  }

  void see(const FiledObject& written) {
    if (!written.owner.empty() && written.owner_left_out) ++owners_left_out_[written.owner];
    const bool property =
        is_one_of(kProperties, written.kind) || is_one_of(kOfTheDatabase, written.kind) || is_born_with(written);
    if (property) {
      // The comment of an extension is a part of it.
      if (written.kind == "COMMENT" && written.name.starts_with("EXTENSION ")) return;
      // What is said twice of one object is one property.
      if (!properties_.insert({written.kind, written.schema, written.name}).second) return;
      accounts_.objects.push_back(of_written(written, true));
    } else if (!is_one_of(kParts, written.kind) && !is_known(written)) {
      accounts_.objects.push_back(of_written(written, false));
      if (!catalogue_.empty())
        accounts_.unexplained.push_back(full_name(accounts_.objects.back()) +
                                        " is in the dump and not in the list of the catalogue");
    }
  }

  /// Every database is born with it: what is written is its owner.
  static bool is_born_with(const FiledObject& written) { return written.kind == "SCHEMA" && written.name == "public"; }

  bool is_known(const FiledObject& written) {
    if (by_key_.contains(written.key)) return true;
    if (!written.key.empty()) return false;
    if (names_.empty()) {
      for (const CatalogueObject& one : catalogue_) names_.insert({one.kind + " " + one.name, true});
    }
    return names_.contains(written.kind + " " + written.name);
  }

  static SchemaObject of_written(const FiledObject& written, bool property) {
    SchemaObject object{.kind = written.kind,
                        .schema = written.schema,
                        .name = written.name,
                        .property = property,
                        .fingerprints = written.fingerprints};
    if (!written.reason.empty()) {
      object.outcome = ObjectOutcome::kLeftOut;
      object.note = written.reason;
      object.statement = without_end(written.statement);
    } else if (!written.change.empty()) {
      object.outcome = ObjectOutcome::kMovedWithChange;
      object.note = written.change;
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
  const std::vector<FiledObject>& written_;
  std::unordered_map<std::string, const CatalogueObject*> by_key_ = {};
  std::unordered_map<std::string, const FiledObject*> written_by_key_ = {};
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
    found.emplace(one.kind + " " + one.name, why);  // A user mapping is written without its key.
  }
  return found;
}

Accounts account_for(const std::vector<CatalogueObject>& catalogue, const std::vector<FiledObject>& written,
                     const model::SchemaOptimization& changes) {
  return Accountant(catalogue, written, changes).run();
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

// What statements that are not in effect mean for the object that they belong to.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/text.h"
#include "model/schema_object.h"

namespace voyager::format {

/// What is known of an object whose statements are not all in effect.
struct ObjectShortfall {
  std::size_t statements = 0;  ///< That are not in effect at all.
  std::size_t statements_of_object = 0;
  std::vector<std::string> reasons = {};
  std::vector<std::string> texts = {};

  void add(const model::StatementOutcome& outcome) {
    add_once(texts, outcome.statement);
    add_once(reasons, (outcome.failed ? "the target refused it: " : "") + outcome.reason);
    if (!outcome.made_with_rest) ++statements;
  }

  void apply_to(model::SchemaObject& object) const {
    if (object.outcome == model::ObjectOutcome::kLeftOut) return;
    const bool all = statements > 0 && statements >= statements_of_object;
    if (!all && !object.note.empty()) object.note += "; ";
    object.note = (all ? std::string() : object.note) + base::join(reasons, "; ");
    object.statement = base::join(texts, "\n");
    object.outcome = all ? model::ObjectOutcome::kLeftOut : model::ObjectOutcome::kMovedWithChange;
  }

 private:
  static void add_once(std::vector<std::string>& list, std::string text) {
    if (list.empty() || list.back() != text) list.push_back(std::move(text));
  }
};

}  // namespace voyager::format

// What becomes of each object of the source's catalogue.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace voyager::model {

enum class ObjectOutcome : std::uint8_t { kMoved, kMovedWithChange, kLeftOut };

struct SchemaObject {
  std::string kind = {};    ///< "TABLE"
  std::string schema = {};  ///< As the catalogue has it; empty for what is in none.
  std::string name = {};    ///< "orders"; with its table in front for what belongs to one: "orders orders_total_check".
  /// Not an object of its own but something said of one: a comment, rights, a label, an owner, a setting.
  bool property = false;
  ObjectOutcome outcome = ObjectOutcome::kMoved;
  std::string note = {};       ///< What changed, or why it is left out. Empty when moved.
  std::string statement = {};  ///< Left out: what to run by hand; empty when there is nothing to run.
  /// Of the statements that make it, as the files have them: sql::fingerprint(). Not of all kinds of change.
  std::vector<std::uint64_t> fingerprints = {};
  bool operator==(const SchemaObject&) const = default;
};

/// A statement of the files that is not in effect on the target, or not as it stands.
struct StatementOutcome {
  std::string file = {};  ///< Relative to schema/.
  int line = 0;
  std::string statement = {};
  std::string reason = {};
  bool failed = false;            ///< The target refused it, and the run went on; else it was not tried.
  std::string sqlstate = {};      ///< With `failed`.
  bool made_with_rest = false;    ///< A part of it was made.
  std::uint64_t fingerprint = 0;  ///< Of the text in the file.
  SchemaObject object = {};       ///< What it makes, for a statement that the export does not know: kind, schema, name.
};

struct OutcomeCounts {
  std::size_t moved = 0;
  std::size_t moved_with_change = 0;
  std::size_t left_out = 0;
  std::size_t all() const { return moved + moved_with_change + left_out; }
};

/// Of the objects, or of the properties.
inline OutcomeCounts count_outcomes(const std::vector<SchemaObject>& objects, bool properties) {
  OutcomeCounts counts;
  for (const SchemaObject& one : objects) {
    if (one.property != properties) continue;
    switch (one.outcome) {
      case ObjectOutcome::kMoved:
        ++counts.moved;
        break;
      case ObjectOutcome::kMovedWithChange:
        ++counts.moved_with_change;
        break;
      case ObjectOutcome::kLeftOut:
        ++counts.left_out;
        break;
    }
  }
  return counts;
}

struct ObjectReport {
  std::string program_version = {};
  std::string made_at = {};  ///< RFC 3339, UTC.
  std::string database = {};
  std::vector<std::string> schemas = {};
  std::string schema_import = {};  ///< "not begun", "unfinished", "finished": what is moved is on the target only then.
  std::vector<SchemaObject> objects = {};
};

}  // namespace voyager::model

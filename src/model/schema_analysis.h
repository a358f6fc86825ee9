// What analyze-schema found, as every form of its report shows it.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/schema_object.h"

namespace voyager::model {

/// From which versions of the target on an issue is none any more: series to version.
struct FixedVersions {
  std::map<std::string, std::string> supported = {};
  std::map<std::string, std::string> early_access = {};
  std::map<std::string, std::string> tech_preview = {};
  std::string text = {};  ///< All three in words; empty when there are none.
};
inline const FixedVersions kFixedNowhere = {};

/// A schema may have a hundred thousand of them. What belongs to the kind of issue is therefore only pointed to: it
/// must live as long as the program, as the table of known issues does.
struct AnalysisIssue {
  std::string id = {};         ///< Twelve hexadecimal digits, the same from run to run.
  std::string_view type = {};  ///< UNLOGGED_TABLES
  std::string_view name = {};
  std::string_view category = {};        ///< unsupported_features
  std::string_view category_title = {};  ///< For people.
  int level = 1;                         ///< 1 to 3; 0 where none is told: issues of an Oracle source.
  std::string object_type = {};
  std::string object_name = {};
  std::string reason = {};
  std::string suggestion = {};
  std::string sql = {};
  std::string file = {};       ///< Below the export directory: schema/tables/table.sql. Empty: the schema as a whole.
  std::string file_path = {};  ///< Absolute.
  int line = 0;                ///< From 1; 0 = none.
  int end_line = 0;
  int column = 0;
  std::string_view tracker = {};  ///< URL.
  std::string_view docs = {};     ///< URL.
  const FixedVersions* fixed_in = &kFixedNowhere;
  std::map<std::string, std::string> details = {};
  bool is_new = false;         ///< The run before did not have it.
  std::string usage = {};      ///< Of the object: FREQUENT, MODERATE, RARE, UNUSED; empty where it was not looked at.
  std::string phase = {};      ///< When it bites: schema, snapshot, streaming, cutover, queries.
  std::string caused_by = {};  ///< Id of the issue that this one goes away with; empty for a cause of its own.
  double effort_hours = 0;     ///< By hand, estimated; 0 for what follows from another one.
  std::string fix_kind = {};   ///< "sql": `fix_text` replaces `sql`; empty where no text is known.
  std::string fix_text = {};
};

struct AnalysisObjects {
  std::string type = {};
  std::size_t total = 0;
  std::size_t invalid = 0;  ///< Distinct names with findings that ask for a change; may be more than `total`.
  std::size_t flagged = 0;  ///< The same, or with findings about performance.
  std::vector<std::string> names = {};
  std::vector<std::string> details = {};
};

/// Against the run before.
struct AnalysisChange {
  bool known = false;  ///< There was one.
  std::size_t added = 0;
  std::size_t unchanged = 0;
  std::vector<std::string> fixed = {};  ///< "UNLOGGED_TABLES: TABLE app.u"
};

struct SchemaAnalysis {
  std::string program_version = {};
  std::string target = {};          ///< "YugabyteDB 2025.2.3.0", "PostgreSQL"
  std::string target_version = {};  ///< 2025.2.3.0; empty for a plain PostgreSQL target.
  std::string made_at = {};         ///< RFC 3339, UTC.
  std::string description = {};
  std::string database = {};
  std::string database_version = {};
  std::vector<std::string> schemas = {};
  std::vector<std::string> notes = {};
  std::vector<AnalysisObjects> objects = {};
  std::vector<AnalysisIssue> issues = {};
  AnalysisChange change = {};
  std::vector<SchemaObject> source_objects = {};  ///< What becomes of each; empty where nobody noted it.
  std::size_t files = 0;
  std::size_t statements = 0;

  std::size_t count(int level) const {
    std::size_t found = 0;
    for (const AnalysisIssue& issue : issues) found += issue.level == level ? 1U : 0U;
    return found;
  }
};

}  // namespace voyager::model

// assessment.db: what was gathered from the source, in tables that anyone can query. Layout:
// docs/formats/assessment.md.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/assessment.h"

namespace voyager::format {

/// What pg_stats tells of one column of the primary. Shares are from 0 to 1.
struct ColumnShare {
  std::string schema = {};
  std::string table = {};
  std::string column = {};
  double null_share = 0;
  double top_share = 0;
  std::string top_value = {};
};

struct ColumnType {
  std::string schema = {};
  std::string table = {};
  std::string column = {};
  std::string type = {};  ///< As the catalogue names it: "bytea", "public.mood", "public.point3[]".
};

/// Reads and writes of one object since the server's counters began, reads over all nodes.
struct ObjectUse {
  std::string schema = {};
  std::string name = {};
  std::string object_type = {};
  std::string parent = {};  ///< Of an index: the table's name without schema.
  std::int64_t scans = 0;
  std::int64_t inserts = 0;
  std::int64_t updates = 0;
  std::int64_t deletes = 0;
};

/// An object of a source whose schema is converted, that is not on the target or is something else there.
struct SourceObject {
  std::string type = {};  ///< "TRIGGER"
  std::string name = {};
  bool translated = false;     ///< It is on the target, changed.
  std::string reason = {};     ///< Why not, or what changed.
  std::string statement = {};  ///< Its own text.
};

/// Values of one column that the target cannot hold, as the rows were read.
struct UnfitColumn {
  std::string schema = {};
  std::string table = {};
  std::string column = {};
  std::string what = {};  ///< "a zero date"
  std::int64_t rows = 0;
  std::string examples = {};       ///< One a line.
  std::string proposed_rule = {};  ///< For --value-rules.
};

/// One connection, one thread.
class AssessmentDb {
 public:
  /// Builds `file` anew from the CSV files below `metadata` (node-*/ folders, or CSV files in the folder itself),
  /// derives table_index_stats and opens it. An existing file is replaced only when everything was read: it is made
  /// beside it first. `load_interval` is the number of seconds between the two readings of the counters (0 counts as
  /// 1). Throws Error with file and line for CSV that is damaged, misses a column or is not there although an
  /// assessment cannot do without it.
  static AssessmentDb build(const std::filesystem::path& file, const std::filesystem::path& metadata,
                            std::int64_t load_interval);
  /// Adds what the sizing recommends to `file`, which `build` has made.
  static void save_colocation(const std::filesystem::path& file, const model::Colocation& colocation);
  /// Opens one that an earlier assessment made; read only. Throws Error when it is not there or damaged.
  static AssessmentDb open(const std::filesystem::path& file);
  ~AssessmentDb();
  AssessmentDb(AssessmentDb&&) noexcept;
  AssessmentDb& operator=(AssessmentDb&&) noexcept;

  std::vector<model::AssessedNode> nodes();
  std::vector<model::ObjectFigures> figures();  ///< By schema, name.
  std::vector<model::RedundantIndex> redundant_indexes();
  std::vector<model::QueryStatistics> queries();  ///< Merged over nodes and equal texts; by first appearance.
  std::vector<ColumnShare> column_shares();
  std::vector<ColumnType> column_types();
  std::vector<ObjectUse> object_uses();
  std::vector<SourceObject> source_objects();
  std::vector<UnfitColumn> unfit_columns();
  /// Nothing: the assessment was made by a version that did not keep it.
  std::optional<model::Colocation> colocation();
  /// Object types of the catalogue ("table", "partitioned table", ...) by "schema.name".
  std::map<std::string, std::string> object_types();

 private:
  struct Impl;
  explicit AssessmentDb(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace voyager::format

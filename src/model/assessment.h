// What assess-migration found, as every form of its report shows it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/query_statistics.h"
#include "model/schema_analysis.h"

namespace voyager::model {

/// Size and load of one table, materialized view or index. Nothing = not known.
struct ObjectFigures {
  std::string schema = {};
  std::string name = {};
  std::string object_type = {};  ///< "table", "materialized view", "index", "primary key", ...
  std::string parent = {};       ///< Of an index: "schema.table".
  bool is_index = false;
  std::optional<std::int64_t> rows = {};
  std::optional<std::int64_t> columns = {};
  std::optional<std::int64_t> reads_per_second = {};
  std::optional<std::int64_t> writes_per_second = {};
  std::optional<std::int64_t> bytes = {};
  std::string qualified() const { return schema + "." + name; }
};

/// An index that another one makes needless.
struct RedundantIndex {
  std::string schema = {};
  std::string table = {};
  std::string index = {};
  std::string existing_schema = {};
  std::string existing_table = {};
  std::string existing_index = {};
  std::string ddl = {};
  std::string existing_ddl = {};
};

/// One cluster that was tried.
struct SizingCandidate {
  bool colocation = false;  ///< Small tables together on one tablet; else every table has its own.
  int vcpus = 0;            ///< Of one node.
  int nodes = 0;
  std::size_t colocated = 0;  ///< Tables.
  std::size_t sharded = 0;
  std::optional<double> import_minutes = {};  ///< Nothing: it does not fit.
  std::string failure = {};                   ///< Why it does not fit; empty when it does.
  bool chosen = false;
};

/// Why a table was placed where it is.
struct Placement {
  std::string table = {};  ///< schema.table
  bool colocated = false;
  std::string reason = {};
  std::int64_t bytes = 0;  ///< Table and indexes.
  std::size_t indexes = 0;
};

struct Sizing {
  std::string figures_version = {};  ///< Of the measurements behind it: "2025.2.0.0".
  /// Nothing where no table was placed so: reports show null.
  std::optional<std::vector<std::string>> colocated = {};
  std::optional<std::vector<std::string>> sharded = {};
  std::string reasoning = {};
  double nodes = 0;
  int vcpus = 0;       ///< Of one node.
  int memory_gib = 0;  ///< Of one node.
  std::int64_t select_connections = 0;
  std::int64_t insert_connections = 0;
  double import_minutes = 0;
  double import_minutes_without_redundant = 0;
  std::string failure = {};  ///< Not empty: nothing above fits, and why.
  std::vector<SizingCandidate> candidates = {};
  std::vector<Placement> placements = {};
};

/// What the sizing means for the statements of tables.
struct Colocation {
  std::string why_none = {};                             ///< Nothing is recommended, and why. Empty when something is.
  std::optional<std::vector<std::string>> sharded = {};  ///< "schema.table"; nothing: none is named.
  std::optional<std::vector<std::string>> colocated = {};
};

enum class NoteKind { kGeneral, kPlacement, kSizing };
struct AssessmentNote {
  NoteKind kind = NoteKind::kGeneral;
  std::string text = {};
  std::string link_text = {};  ///< Follows the text where `link` is not empty.
  std::string link = {};
};

struct AssessedNode {
  std::string name = {};  ///< primary, replica host-port
  bool primary = true;
  bool has_queries = false;
};

/// What a reader has to know before trusting the rest.
struct NotLookedAt {
  std::string what = {};
  std::string why = {};
  std::string fix = {};  ///< SQL or a command; may be empty.
};

/// A table that cannot be migrated live as it is.
struct LiveObstacle {
  std::string table = {};
  std::vector<std::string> reasons = {};
};

struct Complexity {
  std::string level = {};        ///< LOW, MEDIUM, HIGH, NOT AVAILABLE
  std::string reason = {};       ///< "more than 20 issues of level 1"; empty for LOW.
  std::string explanation = {};  ///< Whole sentences, with the reason; may be empty.
};

struct Assessment {
  SchemaAnalysis analysis = {};     ///< Program, target, inventory, issues of every category.
  std::string source_product = {};  ///< postgresql
  std::string mode = {};            ///< "live source", "metadata gathered before"
  std::string command_line = {};    ///< Without secrets.
  double seconds = 0;               ///< Of the run, with the pause between the two readings of the load.
  std::int64_t iops_interval = 0;   ///< Seconds.
  std::vector<AssessedNode> nodes = {};
  std::vector<NotLookedAt> not_looked_at = {};
  Complexity complexity = {};
  Sizing sizing = {};
  std::vector<ObjectFigures> figures = {};
  std::vector<QueryStatistics> queries = {};  ///< Over all nodes.
  std::vector<RedundantIndex> redundant_indexes = {};
  std::vector<LiveObstacle> live_obstacles = {};
  std::vector<AssessmentNote> notes = {};
  std::size_t replicas() const {
    std::size_t count = 0;
    for (const AssessedNode& node : nodes) count += node.primary ? 0U : 1U;
    return count;
  }
};

}  // namespace voyager::model

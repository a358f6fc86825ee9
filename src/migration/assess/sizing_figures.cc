#include "migration/assess/sizing_figures.h"

#include <algorithm>
#include <initializer_list>

#include "analysis/version.h"
#include "base/error.h"
#include "format/sqlite.h"
#include "migration/assess/embedded.h"

namespace voyager::migration {
namespace {

using format::SqliteConnection;
using format::Statement;
using Columns = std::initializer_list<std::string_view>;

constexpr std::string_view kVersionKey = "yb_version_id";
constexpr std::string_view kDimensionKey = "dimension";
constexpr std::string_view kThroughput = "MaxThroughput";
constexpr std::string_view kObjectLimit = "TableLimits-3nodeRF=3";

const format::SqliteWords& figures_words() {
  static const format::SqliteWords words = {.name = "the database of the figures behind the sizing",
                                            .damaged_code = "ASM-013",
                                            .damaged_fix = {"remove {} and run the same command again"}};
  return words;
}

std::string select(std::string_view table, Columns columns, Columns keys) {
  return format::select_text(table, std::span(columns.begin(), columns.size()), std::span(keys.begin(), keys.size()));
}

struct MeasuredVersion {
  std::int64_t id = 0;
  std::string text = {};
};

/// The newest that is not above `target_version`, else the default.
MeasuredVersion choose_version(const SqliteConnection& db, const std::string& target_version) {
  const std::optional<analysis::Version> target = analysis::parse_version(target_version);
  std::optional<analysis::Version> best = {};
  MeasuredVersion chosen, fallback;
  Statement rows(db, select("experiment_data_yb_versions", {"yb_version_id", "yb_version", "is_default"}, {}));
  while (rows.step()) {
    const MeasuredVersion one = {rows.integer(0), rows.text(1)};
    const std::optional<analysis::Version> version = analysis::parse_version(one.text);
    VOY_ASSERT(version);
    if (rows.integer(2) != 0) fallback = one;
    if (!target || *version > *target || (best && *version < *best)) continue;
    best = version;
    chosen = one;
  }
  return best ? chosen : fallback;
}

/// Reads the figures of one version. Every list is ordered by cores, then by what else tells its rows apart.
class FiguresReader {
 public:
  FiguresReader(const SqliteConnection& db, std::int64_t version) : db_(db), version_(version) {}

  std::vector<Throughput> throughput(std::string_view table) {
    std::vector<Throughput> out;
    Statement rows(db_, select(table,
                               {"num_cores", "selects_per_core", "inserts_per_core", "select_conn_per_node",
                                "insert_conn_per_node"},
                               {kVersionKey, kDimensionKey}));
    rows.bind(version_, kThroughput);
    while (rows.step()) {
      out.push_back({.vcpus = static_cast<int>(rows.integer(0)),
                     .selects_per_core = rows.real(1),
                     .inserts_per_core = rows.real(2),
                     .select_connections = rows.integer(3),
                     .insert_connections = rows.integer(4)});
    }
    return out;
  }

  void add_colocated_limits(std::vector<Throughput>& throughput) {
    Statement rows(
        db_, select("colocated_limits", {"num_cores", "max_colocated_db_size_gb", "max_num_tables"}, {kVersionKey}));
    rows.bind(version_);
    while (rows.step()) {
      Throughput& one = of_cores(throughput, rows.integer(0));
      one.size_limit_gb = rows.real(1);
      one.object_limit = rows.integer(2);
    }
  }

  void add_sharded_limits(std::vector<Throughput>& throughput) {
    Statement rows(db_, select("sharded_sizing", {"num_cores", "num_tables"}, {kVersionKey, kDimensionKey}));
    rows.bind(version_, kObjectLimit);
    while (rows.step()) of_cores(throughput, rows.integer(0)).object_limit = rows.integer(1);
  }

  std::vector<LoadTime> load_times(std::string_view table) {
    std::vector<LoadTime> out;
    Statement rows(db_, select(table, {"num_cores", "csv_size_gb", "row_count", "migration_time_secs"}, {kVersionKey}));
    rows.bind(version_);
    while (rows.step()) out.push_back({static_cast<int>(rows.integer(0)), rows.real(1), rows.real(2), rows.real(3)});
    return out;
  }

  std::vector<LoadFactor> factors(std::string_view table, std::string_view count) {
    std::vector<LoadFactor> out;
    Statement rows(
        db_, select(table, {"num_cores", count, "multiplication_factor_colocated", "multiplication_factor_sharded"},
                    {kVersionKey}));
    rows.bind(version_);
    while (rows.step())
      out.push_back({static_cast<int>(rows.integer(0)), rows.real(1), rows.real_or_null(2), rows.real_or_null(3)});
    return out;
  }

  std::vector<NodeThroughput> node_throughput() {
    std::vector<NodeThroughput> out;
    Statement rows(
        db_, select("load_time_num_nodes_impact", {"num_cores", "num_nodes", "import_throughput_mbps"}, {kVersionKey}));
    rows.bind(version_);
    while (rows.step())
      out.push_back({static_cast<int>(rows.integer(0)), static_cast<int>(rows.integer(1)), rows.real(2)});
    return out;
  }

  int memory_per_core() {
    Statement rows(db_, select("sharded_sizing", {"memory_per_core"}, {kVersionKey}));
    rows.bind(version_);
    VOY_ASSERT(rows.step());
    return static_cast<int>(rows.integer(0));
  }

 private:
  static Throughput& of_cores(std::vector<Throughput>& throughput, std::int64_t cores) {
    const auto found = std::ranges::find(throughput, cores, &Throughput::vcpus);
    VOY_ASSERT(found != throughput.end());
    return *found;
  }

  const SqliteConnection& db_;
  const std::int64_t version_;
};

}  // namespace

SizingFigures make_sizing_figures(const std::filesystem::path& file, const std::string& target_version) {
  format::replace_database(file, figures_words(), [](SqliteConnection& db) { db.exec(kSizingFiguresSql); });
  const SqliteConnection db(file, SqliteConnection::Mode::kReadOnly, figures_words());
  const MeasuredVersion version = choose_version(db, target_version);
  FiguresReader reader(db, version.id);
  SizingFigures figures{.version = version.text,
                        .memory_gib_per_core = reader.memory_per_core(),
                        .colocated = reader.throughput("colocated_sizing"),
                        .sharded = reader.throughput("sharded_sizing"),
                        .colocated_load = reader.load_times("colocated_load_time"),
                        .sharded_load = reader.load_times("sharded_load_time"),
                        .index_factors = reader.factors("load_time_index_impact", "number_of_indexes"),
                        .column_factors = reader.factors("load_time_columns_impact", "number_of_columns"),
                        .node_throughput = reader.node_throughput()};
  reader.add_colocated_limits(figures.colocated);
  reader.add_sharded_limits(figures.sharded);
  return figures;
}

}  // namespace voyager::migration

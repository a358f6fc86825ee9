// What clusters of different sizes were measured to do: the data behind the sizing, kept apart from its rules.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace voyager::migration {

/// One kind of node, for tables that share a tablet and for tables with tablets of their own.
struct Throughput {
  int vcpus = 0;
  double selects_per_core = 0;
  double inserts_per_core = 0;
  std::int64_t select_connections = 0;  ///< Per node.
  std::int64_t insert_connections = 0;
  double size_limit_gb = 0;       ///< Of all colocated tables; 0 = none.
  std::int64_t object_limit = 0;  ///< Tables and indexes.
};

struct LoadTime {
  int vcpus = 0;
  double csv_gb = 0;
  double rows = 0;
  double seconds = 0;
};

/// By how much loading slows down with that many indexes or columns. Nothing: not measured.
struct LoadFactor {
  int vcpus = 0;
  double count = 0;
  std::optional<double> colocated = {};
  std::optional<double> sharded = {};
};

struct NodeThroughput {
  int vcpus = 0;
  int nodes = 0;
  double mbps = 0;
};

struct SizingFigures {
  std::string version = {};  ///< YugabyteDB that was measured: "2025.2.0.0".
  int memory_gib_per_core = 4;
  std::vector<Throughput> colocated = {};  ///< By vcpus.
  std::vector<Throughput> sharded = {};
  std::vector<LoadTime> colocated_load = {};
  std::vector<LoadTime> sharded_load = {};
  std::vector<LoadFactor> index_factors = {};
  std::vector<LoadFactor> column_factors = {};
  std::vector<NodeThroughput> node_throughput = {};
};

/// Writes the measurements that the program brings to `file` (yb_experiment_data_source.db, SQLite) and reads from it
/// those of the newest version that is not above `target_version`, else the default's. Throws Error when the file
/// cannot be written.
SizingFigures make_sizing_figures(const std::filesystem::path& file, const std::string& target_version);

}  // namespace voyager::migration

// What a source must be able to tell for an assessment, and both sides for a comparison of their queries.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/connection.h"
#include "model/query_statistics.h"

namespace voyager::connector {

/// Where a node of the source listens.
struct NodeAddress {
  std::string host = {};
  int port = 0;
};

/// Tells copies of one server apart from other servers.
struct NodeIdentity {
  std::string system = {};  ///< Equal on a primary and its replicas; empty where the user may not know.
  bool replica = false;
};

/// Reading the rows, too, for values that the target cannot hold.
struct DataScan {
  std::uint64_t rows_max = 0;  ///< Of one table; 0: all.
};

struct GatherRequest {
  std::filesystem::path folder = {};        ///< Exists and is empty; gets one CSV file a query.
  std::string node = {};                    ///< Goes into the column source_node.
  bool queries = false;                     ///< Also what the server noted of its queries.
  std::chrono::seconds load_interval = {};  ///< Between the two readings of the load counters; 0 = no pause.
  std::optional<DataScan> scan = {};
};

/// One node of the source. One connection, one thread.
class AssessmentSource {
 public:
  virtual ~AssessmentSource() = default;
  virtual std::string version_text() = 0;  ///< "PostgreSQL 15.20 (Debian 15.20-0+deb12u1)"
  virtual NodeIdentity identity() = 0;
  /// The replicas that the primary sends its changes to, as it knows them.
  virtual std::vector<NodeAddress> replicas() = 0;
  /// Rights, version and statistics; on a replica only what has to hold there too. Findings that are not fatal say what
  /// the assessment will not see.
  virtual std::vector<model::Finding> check(bool primary) = 0;
  /// Nothing when the server's notes of its queries can be read, or `gather` never reads them; else the finding that
  /// says why not.
  virtual std::vector<model::Finding> check_queries() = 0;
  /// Writes the CSV files of docs/formats/assessment-metadata.md. `step` hears what comes next, for people: the name of
  /// a file before it is made, or what is read for several. Throws Error when the options' stop drains in between;
  /// files of the folder are not complete then.
  virtual void gather(const GatherRequest& request, const std::function<void(std::string_view)>& step) = 0;
};

/// The queries of one server. One connection, one thread.
class QueryStatisticsSource {
 public:
  virtual ~QueryStatisticsSource() = default;
  virtual std::string version_text() = 0;
  /// Nothing when the notes can be read, else the finding that says why not.
  virtual std::vector<model::Finding> check_queries() = 0;
  /// Of the connection's database, over all nodes of a distributed product; queries that were called at least once.
  virtual std::vector<model::QueryStatistics> queries() = 0;
};

}  // namespace voyager::connector

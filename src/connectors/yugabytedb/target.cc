#include "connectors/yugabytedb/target.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include "base/files.h"
#include "base/log.h"
#include "base/mutex.h"
#include "base/text.h"
#include "connectors/yugabytedb/cluster.h"
#include "connectors/yugabytedb/errors.h"
#include "connectors/yugabytedb/preflight.h"
#include "connectors/yugabytedb/queries.h"

namespace voyager::yugabytedb {
namespace {

using postgresql::Connection;
using postgresql::Flavour;
using postgresql::Result;

constexpr const char* kSessionVariables = "/etc/yb-voyager/ybSessionVariables.sql";
constexpr double kMemoryAvailableLeast = 0.10;
// YugabyteDB lists this setting where COPY knows ROWS_PER_TRANSACTION.
constexpr const char* kBatchSetting = "yb_default_copy_from_rows_per_transaction";

std::vector<std::string> first_column(const Result& rows) {
  std::vector<std::string> out;
  for (int row = 0; row < rows.rows(); ++row) out.push_back(rows.string(row, 0));
  return out;
}

std::string session_variables() {
  std::error_code ignored;
  return std::filesystem::exists(kSessionVariables, ignored) ? base::read_file(kSessionVariables) : std::string();
}

class YugabyteTarget final : public connector::Target {
 public:
  explicit YugabyteTarget(const model::ConnectionOptions& options) : options_(with_defaults(options)) {}

  std::unique_ptr<connector::TargetPreflight> preflight() override {
    return open([&](const model::ConnectionOptions& node) { return make_preflight(node, topology_); });
  }
  std::unique_ptr<connector::SchemaTarget> schema() override {
    return open([&](const model::ConnectionOptions& node) { return postgresql::make_schema_target(node, flavour_); });
  }
  std::unique_ptr<connector::ImportAdmin> admin(const std::string& migration) override {
    return open(
        [&](const model::ConnectionOptions& node) { return postgresql::make_import_admin(node, flavour_, migration); });
  }
  std::unique_ptr<connector::SnapshotTarget> loader(const std::string& migration,
                                                    const connector::Fence& fence) override {
    return open([&](const model::ConnectionOptions& node) {
      return postgresql::make_snapshot_target(node, flavour_, migration, fence);
    });
  }
  std::optional<connector::ClusterLoad> load() override;

 private:
  void discover();

  template <typename Make>
  auto open(Make&& make) -> decltype(make(std::declval<const model::ConnectionOptions&>())) {
    discover();
    std::size_t first = 0;
    {
      const base::MutexLock lock(mutex_);
      first = next_++;
    }
    return postgresql::open_first_reachable(first, topology_.endpoints.size(), [&](std::size_t node) {
      return make(postgresql::at_endpoint(options_, topology_.endpoints[node]));
    });
  }

  std::optional<connector::ClusterLoad> ask_load(Connection& connection);

  const model::ConnectionOptions options_;
  base::Mutex mutex_;
  bool discovered_ VOY_GUARDED_BY(mutex_) = false;
  std::size_t next_ VOY_GUARDED_BY(mutex_) = 0;
  Topology topology_;        // Constant after discover().
  std::vector<Node> nodes_;  // Constant after discover().
  Flavour flavour_;          // Constant after discover().
  base::Mutex load_mutex_;
  std::optional<Connection> observer_ VOY_GUARDED_BY(load_mutex_);
};

// The server's or the role's own search_path stays: the functions asked here are found by it.
void YugabyteTarget::discover() {
  const base::MutexLock lock(mutex_);
  if (discovered_) return;
  std::vector<std::string> ways = options_.endpoints;
  ways.insert(ways.begin(), endpoint_text(options_.host.empty() ? "127.0.0.1" : options_.host, options_.port));
  Connection connection = postgresql::open_first_reachable(0, ways.size(), [&](std::size_t way) {
    return Connection(way == 0 ? options_ : postgresql::at_endpoint(options_, ways[way]), connection_extras());
  });
  nodes_ = nodes_of(connection);
  topology_ = choose_topology(options_, options_.port, nodes_);
  if (topology_.load_balancer) base::log_warn(options_.host + " is no node of the cluster: taken for a load balancer");
  base::log_info("connections go to " + base::join(topology_.endpoints, ", "));
  flavour_ = flavour_of(first_column(connection.query(queries::kSettings, "list its settings")), session_variables());
  discovered_ = true;
}

std::optional<connector::ClusterLoad> YugabyteTarget::load() {
  discover();
  const base::MutexLock lock(load_mutex_);
  try {
    if (!observer_ || !observer_->healthy()) {
      observer_ = postgresql::open_first_reachable(0, topology_.endpoints.size(), [&](std::size_t node) {
        return Connection(postgresql::at_endpoint(options_, topology_.endpoints[node]), connection_extras());
      });
    }
    return ask_load(*observer_);
  } catch (const base::Error& error) {
    // Not knowing how busy the cluster is must not end an import.
    base::log_warn(std::string("the cluster's load is not known: ") + error.what());
    observer_.reset();
    return std::nullopt;
  }
}

std::optional<connector::ClusterLoad> YugabyteTarget::ask_load(Connection& connection) {
  const std::optional<Result> rows = connection.try_query(queries::kMetrics, {}, "tell its load");
  if (!rows || rows->rows() == 0) return std::nullopt;
  connector::ClusterLoad out;
  for (int row = 0; row < rows->rows(); ++row) {
    if (rows->text(row, 1) != "OK") {
      out.nodes_down.push_back(rows->string(row, 0));
      continue;
    }
    const double cpu_percent = (rows->real(row, 2) + rows->real(row, 3)) * 100;
    out.cpu_percent[rows->string(row, 0)] = cpu_percent;
    out.cpu_percent_max = std::max(out.cpu_percent_max, cpu_percent);
    const double soft_limit = rows->real(row, 5);
    const double total = rows->real(row, 7);
    out.memory_above_limit |= soft_limit > 0 && rows->real(row, 4) > soft_limit;
    out.memory_above_limit |= total > 0 && rows->real(row, 6) / total < kMemoryAvailableLeast;
  }
  const std::vector<Node> present = nodes_of(connection);
  for (const Node& node : nodes_) {
    const bool there =
        std::ranges::any_of(present, [&](const Node& one) { return one.host == node.host && one.port == node.port; });
    if (!there) out.nodes_down.push_back(endpoint_text(node.host, node.port));
  }
  if (const std::optional<Result> slots =
          connection.try_query(queries::kReplication, {}, "list its replication slots")) {
    out.replication = first_column(*slots);
  }
  return out;
}

}  // namespace

postgresql::Connection::Extras connection_extras() {
  return {.judge = &yugabytedb::judge, .default_port = kDefaultPort, .default_database = kDefaultDatabase};
}

model::ConnectionOptions with_defaults(model::ConnectionOptions options) {
  if (options.port == 0) options.port = kDefaultPort;
  if (options.database.empty()) options.database = kDefaultDatabase;
  return options;
}

std::vector<Node> nodes_of(Connection& connection) {
  const std::optional<Result> rows = connection.try_query(queries::kServers, {}, "list its nodes");
  std::vector<Node> out;
  for (int row = 0; rows && row < rows->rows(); ++row) {
    out.push_back({.host = rows->string(row, 0),
                   .port = static_cast<int>(rows->number(row, 1)),
                   .public_ip = rows->string(row, 2)});
  }
  return out;
}

postgresql::Flavour flavour_of(const std::vector<std::string>& settings, std::string_view variables) {
  return {.connection = connection_extras(),
          .loader_settings = session_settings(variables),
          .rows_per_transaction = std::ranges::find(settings, kBatchSetting) != settings.end(),
          .asynchronous_commit = false,
          .table_locks = false,
          .rebuilds_keys = false};
}

std::unique_ptr<connector::Target> make_target(const model::ConnectionOptions& options) {
  return std::make_unique<YugabyteTarget>(options);
}

}  // namespace voyager::yugabytedb

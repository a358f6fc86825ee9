#include "connectors/yugabytedb/preflight.h"

#include <fmt/format.h>

#include <string_view>

#include "base/log.h"
#include "connectors/yugabytedb/queries.h"
#include "connectors/yugabytedb/target.h"

namespace voyager::yugabytedb {
namespace {

constexpr int kBatchRows = 20'000;

// The processors of the machine that a server runs on, counted by a program there; 0 when that is not allowed.
int cores_of(postgresql::Connection& connection) {
  const std::string what = "count processors";
  if (connection.try_run("CREATE TEMPORARY TABLE ybvoyager_cores (n int)", what)) return 0;
  const bool counted =
      !connection.try_run("COPY ybvoyager_cores FROM PROGRAM 'grep -c ^processor /proc/cpuinfo'", what).has_value();
  int cores = 0;
  if (counted) cores = static_cast<int>(connection.query("SELECT n FROM ybvoyager_cores", what).number(0, 0));
  connection.run("DROP TABLE ybvoyager_cores", what);
  return cores;
}

class Preflight final : public connector::TargetPreflight {
 public:
  Preflight(const model::ConnectionOptions& node, const Topology& topology)
      : options_(node), topology_(topology), connection_(node, connection_extras()) {}

  model::TargetTraits traits() override {
    model::TargetTraits out;
    out.version_text = product_version(connection_.query("SELECT version()", "tell its version").string(0, 0));
    out.distributed = true;
    out.sharding = true;
    out.colocated = colocated();
    out.indexes_before_rows = true;
    out.default_batch_rows = kBatchRows;
    out.nodes = topology_.nodes;
    out.cores = cluster_cores();
    out.default_connections = default_connections(out.cores, out.nodes);
    out.can_disable_triggers = postgresql::can_disable_triggers(connection_);
    if (topology_.load_balancer) {
      out.notes.push_back(fmt::format(
          "{} is none of the cluster's nodes, so it is taken for a load balancer: all connections go through it",
          options_.host));
    }
    return out;
  }

  std::vector<model::Finding> check_import_schema(const std::vector<model::Identifier>& schemas) override {
    std::vector<model::Finding> out;
    postgresql::check_create_rights(connection_, schemas, out);
    check_powers("statements that only such users may run are refused: extensions, for instance", out);
    return out;
  }

  std::vector<model::Finding> check_database(const connector::DatabaseForm& source) override {
    return postgresql::check_database(connection_, source);
  }

  std::vector<model::Finding> check_import_data(const std::vector<model::Table>& tables, bool empties) override {
    std::vector<model::Finding> out;
    postgresql::check_table_rights(connection_, tables, empties, out);
    const bool triggers_off = postgresql::can_disable_triggers(connection_);
    if (!triggers_off) check_powers("triggers and foreign keys stay on while rows are loaded", out);
    return out;
  }

  std::vector<model::Finding> check_emptying(const std::vector<model::TableName>& names) override {
    return postgresql::emptying_blockers(connection_, names);
  }

 private:
  int cluster_cores();
  std::optional<bool> colocated();
  void check_powers(std::string_view lacking, std::vector<model::Finding>& out);

  const model::ConnectionOptions options_;
  const Topology topology_;
  postgresql::Connection connection_;
};

// Behind a load balancer one node answers for all.
int Preflight::cluster_cores() {
  if (topology_.load_balancer || topology_.endpoints.size() == 1) return cores_of(connection_) * topology_.nodes;
  int sum = 0;
  for (const std::string& endpoint : topology_.endpoints) {
    try {
      postgresql::Connection node(postgresql::at_endpoint(options_, endpoint), connection_extras());
      const int cores = cores_of(node);
      if (cores == 0) return 0;
      sum += cores;
    } catch (const base::Error& error) {
      base::log_warn(fmt::format("node {} does not answer: {}", endpoint, error.what()));
    }
  }
  return sum;
}

// Versions before 2.18 cannot tell.
std::optional<bool> Preflight::colocated() {
  const std::optional<postgresql::Result> row =
      connection_.try_query(queries::kColocated, {}, "tell whether it is colocated");
  return row && row->rows() > 0 && !row->is_null(0, 0) ? std::optional(row->boolean(0, 0)) : std::nullopt;
}

/// `lacking`: what it means that the user is none of the two.
void Preflight::check_powers(std::string_view lacking, std::vector<model::Finding>& out) {
  const postgresql::Result row = connection_.query(queries::kPowers, "tell what the user is");
  if (row.rows() > 0 && (row.boolean(0, 0) || row.boolean(0, 1))) return;
  out.push_back(
      {.fatal = false,
       .title = fmt::format("user {} is neither superuser nor member of yb_superuser", connection_.user()),
       .cause = std::string(lacking),
       .fix = {fmt::format("GRANT yb_superuser TO {};", model::quoted(model::Identifier(connection_.user())))}});
}

}  // namespace

std::unique_ptr<connector::TargetPreflight> make_preflight(const model::ConnectionOptions& node,
                                                           const Topology& topology) {
  return std::make_unique<Preflight>(node, topology);
}

}  // namespace voyager::yugabytedb
